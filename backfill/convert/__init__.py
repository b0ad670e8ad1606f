"""Records and a mapping to events, a frame at a time, column by column; a broken rule is noted and stops nothing."""

from backfill.convert.batch import CAPI_DAYS, Batch, convert
from backfill.convert.draft_fields import weigh
from backfill.convert.patterns import Endless, meeting
from backfill.convert.settings import ConvertSettings

__all__ = ["CAPI_DAYS", "Batch", "ConvertSettings", "Endless", "convert", "meeting", "weigh"]
