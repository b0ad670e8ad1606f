"""Undoing: the events that a run created are found in the Space, and deleted once somebody has agreed.

The API lists neither keys nor who sent an event. One is taken for the run's own only where name, order_id, time and
amount are those that the ledger has, and where the Space has exactly as many such events as the run made; whatever else
is there is left alone.
"""

import asyncio
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

from backfill.api.assignment import assigned
from backfill.api.client import meaning_of, stop_at
from backfill.api.list_events import PATH, SETTLING, EventQuery
from backfill.api.readback import ExpectedEvent, ListedEvent, Readback, alike, cents, seconds_of
from backfill.api.requester import Requester
from backfill.api.retry import Meaning
from backfill.console import prompt, show
from backfill.counts import money, plus
from backfill.errors import ApiStop, BackfillError, UsageError, command, counted
from backfill.ledger import History, Ledger, Run, ledgers_of, name_in
from backfill.ledger.unsettled import Unsettled, unsettled
from backfill.report.console import Console, Progress, lasting, terminal
from backfill.run.open_ledger import refuse_moved
from backfill.run.options import Options, state_folder
from backfill.run.readback import read_back, requesting
from backfill.run.sent import sent
from backfill.run.signals import leaving
from backfill.run.skip_existing import names_read
from backfill.space import refuse_address

_GONE = {404, 410}
_UNCLEAR = "others are alike in name, order_id, time and amount, or there are fewer than the run made"
_UNRECORDED = (
    "the run did not look what the Space had before it; an event that another source recorded",
    "under the very same name, order_id, time and amount, and that the API kept instead of the",
    "run's, can't be distinguished and would be deleted",
)
_RESENT = (
    "the run sent some again that an earlier one had sent (--resend); where the Space had kept the",
    "earlier one's event, that is the one which would be deleted",
)
_LIMIT = re.compile(r" --limit[= ]\d+")
_REFUSED = 20  # deletions refused before any was taken: none will be


@dataclass(slots=True)
class Finds:
    """What of the run is in the Space, in events."""

    there: int = 0
    amount: Decimal = Decimal()
    names: Counter[str] = field(default_factory=Counter)
    gone: int = 0
    others: int = 0  # under the same order, with another time or amount: somebody else's
    unclear: int = 0  # alike to more events, or other ones, than this run made


@dataclass(slots=True)
class Done:
    deleted: int = 0
    refused: int = 0


def undo(options: Options) -> int:
    """Delete a run's events from the Space; return the exit code. What stops it is said in one sentence."""
    console, done = Console(options.outputs.quiet, options.outputs.verbose), Done()
    with ExitStack() as stack:
        stack.enter_context(leaving())
        try:
            state = stack.enter_context(state_folder(options))
            refuse_address(options.space.url)
            return _undone(options, state, console, done, stack)
        except BackfillError as error:
            if done.deleted:
                console.info(f"{counted(done.deleted, 'event was', 'events were')} deleted")
            console.fail(error)
            if error.exit_code != 2:
                console.info(f"to go on: {command(options.argv)}")
            return error.exit_code


def _undone(options: Options, state: Path, console: Console, done: Done, stack: ExitStack) -> int:
    address, number = options.space.address, options.number or 0
    ledgers, named = ledgers_of(state), (address, options.space.name)
    if not ledgers.has(*named):
        raise UsageError(
            f"space {options.space.name}: no ledger for {address} in {ledgers.place}: nothing was sent from here"
        )
    stack.enter_context(ledgers.lock(*named))
    ledger = stack.enter_context(ledgers.open(*named))
    refuse_moved(ledger)
    ledger.refuse_key(options.space.name, options.space.fingerprint, options.sending.key_rotated)
    run = ledger.run(number)
    if run is None:
        last = next((one.number for one in ledger.runs()), 0)
        raise UsageError(f"run {number}: space {options.space.name} has runs 1 to {last}")
    with ledger.reading():
        query = _query(ledger, number, run, options)
        unknown = unsettled(ledger, run)
    if query is None:
        before = ledger.deleted_by_run().get(number, 0)
        what = "it is known to have sent" if unknown else "it sent"
        console.info(f"run {number}: nothing that {what} is left to delete ({before:,} deleted before){_also(unknown)}")
        _say_unknown(run, unknown, console)
        return 3 if unknown else 0
    space = stack.enter_context(read_back(query, options, state, console))
    with ledger.reading():
        space.own(_own(ledger, number, space, query))
    finds = Finds()
    space.note(list(_finds(space, finds)))
    lines = _plan(ledger, number, run, finds, unknown, options)
    if options.dry_run:
        show("\n".join([*lines, "dry run: nothing was deleted"]))
        _say_unknown(run, unknown, console)
        return 3 if finds.others + finds.unclear or unknown else 0
    console.info("\n".join(lines))
    if finds.there:
        _confirm(finds.there, options)
        if options.sending.key_rotated:  # the key's Space has what this ledger sent
            ledger.bind(options.space.fingerprint)
        asyncio.run(_delete(space, ledger, number, done, options, state, console))
    code = _ended(number, ledger, finds, unknown, done, options, console)
    _say_unknown(run, unknown, console)
    return code


# -- finding ---------------------------------------------------------------------------------------------------------


def _query(ledger: History, number: int, run: Run, options: Options) -> EventQuery | None:
    """What of the Space to read for a run; None where nothing of it is left."""
    names: set[str] = set()
    first = last = ""
    for of, event in ledger.all_accepted(number):
        if of == number:
            first, last = min(first or event.time, event.time), max(last, event.time)
            names.add(name_in(event.key))
    if not first:
        return None
    if "" in names:  # a key does not show its event's name: take any name that the run sent
        names.update(run.summary.get("by_event", {}))
    known = run.summary or "" not in names
    read = names_read(sorted(names - {""})) if known else ()
    return EventQuery(read, seconds_of(first), seconds_of(last), options.sending.space_timezone)


def _own(ledger: History, number: int, space: Readback, query: EventQuery) -> Iterator[ExpectedEvent]:
    """Every event of the period that the ledger has, this run's and those of other runs."""
    names: dict[int, tuple[str, ...]] = {}
    for of, own in sent(ledger, space, query, number):
        if not own.names and of not in names:
            run = ledger.run(of)
            names[of] = names_read(list(run.summary.get("by_event", {}))) if run else ()
        yield replace(own, names=own.names or names[of], state="run" if of == number else "other")


def _finds(space: Readback, finds: Finds) -> Iterator[tuple[str, str]]:
    """Find each of the run's events; give its key and the id of the event to delete."""
    for own, listed in space.pairs():
        alikes: dict[tuple[int, Decimal], list[ExpectedEvent]] = {}
        for one in own:
            if one.state == "run":
                alikes.setdefault((one.time, cents(one.amount)), []).append(one)
        for mine in alikes.values():
            theirs = [one for one in own if one.state == "other"]
            yield from _found(mine, theirs, listed, finds)


def _found(
    mine: list[ExpectedEvent], theirs: list[ExpectedEvent], listed: list[ListedEvent], finds: Finds
) -> Iterator[tuple[str, str]]:
    """What the Space has of events of this run that are alike but for their names."""
    same = [there for there in listed if alike(mine[0], there)]
    met, met_alike = {there.name for there in listed}, {there.name for there in same}
    wanted = [one for one in mine if _among(one, met_alike)]
    finds.gone += sum(not _among(one, met) for one in mine)
    finds.others += sum(_among(one, met) and not _among(one, met_alike) for one in mine)
    finds.unclear += len(wanted)
    kinds = {(there.name, there.amount): there for there in same}.values()
    rivals = [one for one in theirs if _among(one, {there.name for there in kinds if alike(one, there)})]
    for own, there in assigned(wanted, rivals, same):
        finds.unclear -= 1
        finds.there += 1
        finds.amount = plus(finds.amount, there.amount or Decimal())
        finds.names[there.name] += 1
        yield own.key, there.id


def _among(own: ExpectedEvent, names: set[str]) -> bool:
    """Whether an event of one of these names may be this one."""
    return bool(names if not own.names else names.intersection(own.names))


# -- agreeing --------------------------------------------------------------------------------------------------------


def _plan(ledger: History, number: int, run: Run, finds: Finds, unknown: Unsettled, options: Options) -> list[str]:
    """What is about to be deleted, and what is left alone and why."""
    names = ", ".join(f"{n:,} {name}" for name, n in sorted(finds.names.items()))
    before = ledger.deleted_by_run().get(number, 0)
    lines = [f"Undo of run {number} ({run.started}) in space {options.space.name} at {options.space.url}"]
    lines.append(f"  to delete     {counted(finds.there, 'event')}{f': {names}' if names else ''}")
    lines.append(f"  amount        {money(finds.amount)}")
    lines += [f"  deleted       {before:,} before"] if before else []
    lines += [f"  not there     {finds.gone:,}: the Space lists no such order"] if finds.gone else []
    lines += [f"  left alone    {finds.others:,}: another time or amount, so not this run's"] if finds.others else []
    lines += [f"  left alone    {finds.unclear:,}: {_UNCLEAR}"] if finds.unclear else []
    lines += [f"  not known     {_unknown(unknown)}: that may be in the Space, and is not deleted"] if unknown else []
    lines.append(f"  duration      about {lasting(finds.there * 60 / options.sending.delete_rate)}")
    words = run.command.split()
    if "--skip-existing" in words:
        lines.append("  note          the run had left out what the Space had before it (--skip-existing)")
    elif finds.there:
        lines += _noted(_UNRECORDED)
    if "--resend" in words and finds.there:
        lines += _noted(_RESENT)
    lines.append("  note          a deletion is final, and what ad platforms were sent stays there")
    return lines


def _noted(text: tuple[str, ...]) -> list[str]:
    return [f"  note          {text[0]}", *(f"                {line}" for line in text[1:])]


def _confirm(number: int, options: Options) -> None:
    """Ask for the number. Raises UsageError where it is not given."""
    if options.sending.yes:
        return
    if not terminal():
        raise UsageError("nobody is there to confirm, so nothing was deleted: see --dry-run, then say --yes")
    prompt(f"Type {number} to delete {'these events' if number > 1 else 'this event'} for good: ")
    with suppress(OSError, ValueError):
        if sys.stdin.readline().strip().replace(",", "") == str(number):
            return
    raise UsageError("not confirmed: nothing was deleted")


# -- deleting --------------------------------------------------------------------------------------------------------


async def _delete(
    space: Readback, ledger: Ledger, number: int, done: Done, options: Options, state: Path, console: Console
) -> None:
    total = sum(1 for _ in space.notes())
    url = options.space.url.rstrip("/") + PATH
    async with requesting(options, state, "delete", options.sending.delete_rate) as requester:
        with console.progress("deleting", total, "events") as progress:
            await _delete_each(space, ledger, number, done, requester, url, progress)


async def _delete_each(
    space: Readback, ledger: Ledger, number: int, done: Done, requester: Requester, url: str, progress: Progress
) -> None:
    """Delete one after the other; each is in the ledger before the next. Raises ApiStop, Interrupted."""
    for key, event_id in space.notes():
        answer = await requester.ask("DELETE", f"{url}/{quote(event_id, safe='')}")
        kind = meaning_of(answer)
        if kind is Meaning.ACCEPTED or answer.status == 204 or (answer.status in _GONE and answer.json is not None):
            ledger.delete(number, key, event_id)
            done.deleted += 1
        elif kind is not Meaning.REFUSED:
            raise stop_at(kind, answer, url, "what was deleted is in the ledger")
        else:
            done.refused += 1
            if not done.deleted and done.refused >= _REFUSED:
                raise ApiStop(f"DELETE {url}: HTTP {answer.status}: {answer.message}; nothing was deleted")
        progress.advance()


def _ended(
    number: int, ledger: History, finds: Finds, unknown: Unsettled, done: Done, options: Options, console: Console
) -> int:
    left = finds.others + finds.unclear
    recent = bool(finds.gone) and time.time() - ledger.last_accepted < SETTLING
    if not options.outputs.quiet:
        refused = f", {done.refused:,} refused by the API" if done.refused else ""
        show(
            f"undo of run {number}: {counted(done.deleted, 'event')} deleted, {finds.gone:,} not there, "
            f"{left:,} left alone{refused}{_also(unknown)}"
        )
    if recent:
        console.info("wait: the API's queue may still hold some of them; undo the run again in a few minutes")
    if done.deleted:
        console.info("their keys stay in the ledger, so that nothing sends them again unasked: upload --resend does")
    return 3 if left or done.refused or recent or unknown else 0


def _also(unknown: Unsettled) -> str:
    return f"; not known: {_unknown(unknown)}" if unknown else ""


def _unknown(unknown: Unsettled) -> str:
    """What nobody knows of a run."""
    if unknown.killed:
        return "what was on its way when the run was killed"
    return f"what became of {counted(unknown.events, 'more event')}"


def _say_unknown(run: Run, unknown: Unsettled, console: Console) -> None:
    """Say how to learn what the API took of the rest, or which run has learnt it."""
    if unknown:
        how = "nobody can say which: verify of its files, or the Space's own list, shows what is there"
        if unknown.again and "--skip-existing" not in run.command.split():  # which would leave out what is there
            again = _LIMIT.sub("", run.command)
            how = f"send the same once more (the keys stay the same), then undo that run and this one: {again}"
        console.info(f"the API may have taken more of run {run.number} than it has answered; {how}")
    if unknown.by:
        some = "some of " if unknown else ""
        console.info(f"run {unknown.by} has sent since {some}what run {run.number} had no answer for: undo it too")
