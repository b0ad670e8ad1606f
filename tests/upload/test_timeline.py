"""The timeline of a sending: every answer at its time, in bounded memory."""

from hypothesis import given
from hypothesis import strategies as st

from backfill.upload.timeline import PAUSES, SLOTS, Slot, Timeline

KINDS = ("requests", "accepted", "refused", "rate_limited", "retried")


@given(st.lists(st.tuples(st.floats(0, 1e6), st.sampled_from(KINDS)), min_size=1, max_size=200))
def test_nothing_is_lost_however_long_it_takes(notes: list[tuple[float, str]]) -> None:
    line = Timeline()
    for now, kind in sorted(notes):
        line.count(kind, now)
    assert len(line.slots) <= SLOTS
    for kind in KINDS:
        assert sum(getattr(slot, kind) for slot in line.slots) == sum(k == kind for _, k in notes)
    first, last = min(notes)[0], max(notes)[0]
    assert (len(line.slots) - 1) * line.width <= last - first + 1e-3


def test_each_answer_is_in_its_slot() -> None:
    line = Timeline()
    for now in (100.0, 100.9, 101.0, 103.5):
        line.count("accepted", now)
    assert [slot.accepted for slot in line.slots] == [2, 1, 0, 1]
    line.count("refused", 100.0 + SLOTS)
    assert (line.width, line.slots[0], line.slots[1]) == (2.0, Slot(accepted=3), Slot(accepted=1))


def test_a_pause_that_many_ask_for_is_counted_once() -> None:
    line = Timeline()
    line.count("requests", 0.0)
    for now in (1.0, 1.1, 1.2):
        line.pause(10.0, "asked", now)
    line.pause(5.0, "down", 2.0)
    assert [(p.start, round(p.seconds, 1), p.why) for p in line.pauses] == [(1.0, 10.2, "asked"), (2.0, 5.0, "down")]
    assert round(line.paused, 1) == 15.2


def test_pauses_are_only_counted_when_they_are_too_many_to_list() -> None:
    line = Timeline()
    for at in range(PAUSES + 7):
        line.pause(1.0, "asked", at * 10.0)
    assert (len(line.pauses), line.unlisted, round(line.paused)) == (PAUSES, 7, PAUSES + 7)
