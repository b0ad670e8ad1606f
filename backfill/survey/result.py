"""The result of a survey, as a value: it outlives the survey, and goes from process to process."""

from dataclasses import dataclass

from backfill.counts import Counts
from backfill.mapping import Mapping
from backfill.survey.inference import Clue


@dataclass(frozen=True, slots=True)
class SurveyResult:
    """What the end of a run reports of its survey."""

    counts: Counts  # whoever sends goes on counting in it
    mapping: Mapping
    clues: dict[str, Clue]  # a setting: where it was inferred from
    left_out: str  # why records give no event, in one line; "" where it is shown to nobody
    route_column: str  # the column that distinguishes records, of an input that several Spaces share
    others: dict[str, int]  # the Spaces that other rows are for, and how many
