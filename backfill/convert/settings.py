"""The settings of a conversion, which are the same for the whole input."""

from dataclasses import dataclass, field

from backfill.convert.firsts import Firsts
from backfill.fields import Locale


@dataclass(frozen=True, slots=True)
class ConvertSettings:
    """The same for the whole input: how it writes times and numbers, and which times are wanted.

    `inferred` are the settings of `locale` inferred from the input; `since` and `until` are UTC times as sent.
    """

    locale: Locale
    inferred: frozenset[str] = frozenset()
    since: str | None = None
    until: str | None = None
    capi_cutoff: str = ""  # events before this time never reach the ad platforms
    lacking: frozenset[str] = frozenset()  # columns of the mapping that no file has, as far as headers show it
    firsts: Firsts = field(default_factory=Firsts, compare=False)  # what the passes learn of the input's customers

    def states(self, setting: str) -> bool:
        """Whether the mapping or an option states it, whatever the cells show."""
        return getattr(self.locale, setting) is not None and setting not in self.inferred
