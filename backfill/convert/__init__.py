"""Records and a mapping to events, a frame at a time, column by column; a broken rule is noted and stops nothing."""

from backfill.convert.batch import CAPI_DAYS, Batch, convert
from backfill.convert.draft import label, weigh
from backfill.convert.expressions import Texts
from backfill.convert.patterns import Endless
from backfill.convert.settings import Terms

__all__ = ["CAPI_DAYS", "Batch", "Endless", "Terms", "Texts", "convert", "label", "weigh"]
