"""Shared identity: a comet_token or tracking_id that comes with several emails would merge people who are not one.

A pass notes which emails each comes with. Where one has several, the next pass knows it from the start.
"""

from dataclasses import dataclass, field

import numpy as np
import pyarrow.compute as pc

from backfill.convert import Batch
from backfill.event import Code, Problem
from backfill.fields.arrow import Flags, Texts, pick, present
from backfill.mapping import Mapping
from backfill.storage.digest_map import DigestMap
from backfill.storage.digests import value_of

_NAMES = ("comet_token", "tracking_id")
_REASON = "comes with several emails in this input, which would merge their people into one"


@dataclass(slots=True)
class SharedIdentity:
    """Those of one input."""

    _met: DigestMap = field(default_factory=DigestMap)
    _shared: DigestMap | None = None  # all of a pass, once some of them have several emails

    def refuse_shared(self, batch: Batch, mapping: Mapping) -> None:
        """Reject the events whose token several emails share, once these are known; until then note the emails."""
        mapped = {name for template in mapping.events for name in template.fields}
        for name in (name for name in _NAMES if name in mapped):
            whole = ~np.isin(batch.record, [*batch.records.conflicts, *batch.records.unsummable])
            if self._shared is None:
                self._note(batch, name, whole)
            else:
                _reject(batch, name, whole, self._shared)

    def _note(self, batch: Batch, name: str, whole: Flags) -> None:
        tokens, emails = batch.column(name), batch.column("email")
        places = np.flatnonzero(whole & present(tokens) & present(emails))
        if len(places):
            self._met.add(_named(name, pick(tokens, places)), value_of(pc.utf8_lower(pick(emails, places))))

    def end_pass(self) -> bool:
        """At a pass's end: whether some are shared that were not known to be."""
        if self._shared is not None or not self._met.conflicts:
            return False
        self._shared = self._met
        return True

    def forget(self) -> None:
        """Drop what a pass has noted: in the next one its events are others."""
        self._met = DigestMap()


def _reject(batch: Batch, name: str, whole: Flags, shared: DigestMap) -> None:
    tokens = batch.column(name)
    held = np.flatnonzero(whole & present(tokens))
    for at in held[shared.conflicting(_named(name, pick(tokens, held)))]:
        batch.reject(int(at), Problem(Code.SHARED_IDENTITY, name, _REASON))


def _named(name: str, tokens: Texts) -> Texts:
    """Tokens with the name of their field before them."""
    return pc.binary_join_element_wise(name, tokens, ":")
