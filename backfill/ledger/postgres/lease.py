"""Leases: one holder a Space across hosts, by the server's clock; and what its pace was, for whoever comes after it.

A holder renews its lease twice a second, and each renewal is a permit to begin requests for two seconds more, counted
from before it was asked for. So a process that was frozen or cut off, for however long, begins none when it wakes up;
and as the lease itself goes on for 15 seconds, whoever takes the Space over meets no request of its predecessor. Both
times stand in the table `meta`, so that all hosts have the same.

Each renewal tells how many requests may be unanswered until the next, and how old the answers of the last minute are. A
successor takes the answers for no younger than they were, and each of the others as counted as late as it can be: so no
60 seconds at the API hold more than the rate, whoever sends. A clock that jumps makes nothing look old: an age is the
smaller of the server's and the holder's own. Where the cluster or its timeline has changed (a failover, a restore), the
newest commits may be missing: then it is as if the rate had been sent at once.
"""

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from backfill.errors import SpaceHeld, StateError, shown
from backfill.ledger.postgres.server import Server, process_name
from backfill.ledger.postgres.tables import SETTINGS
from backfill.ledger.protocol import Handover, Pacing

_IDLE = 5  # renewals a lease while nothing is sent: a file is read, a person thinks
RATE = 1000  # requests a minute at the most

# Where the row's epoch is not the server's, commits may be missing. An end that lies further ahead than a lease is long
# is that of a clock that was set back, and holds nothing. A holder on this machine is dead: its lock here was free.
_EPOCH = """(SELECT s.system_identifier || '/' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)
    FROM pg_control_system() s)"""
_TAKE = f"""
INSERT INTO backfill.leases AS l
    (space, term, holder, who, machine, epoch, since, until, open_until, paced, said)
VALUES (%(space)s, 1, %(holder)s, %(who)s, %(machine)s, {_EPOCH}, clock_timestamp(),
        clock_timestamp() + %(lease)s * interval '1 s', clock_timestamp(), clock_timestamp(), %(now)s)
ON CONFLICT (space) DO UPDATE SET
    term = l.term + 1, holder = excluded.holder, who = excluded.who, machine = excluded.machine,
    since = excluded.since, epoch = excluded.epoch, until = excluded.until, report = 0,
    open = CASE WHEN l.epoch = excluded.epoch THEN l.open ELSE {RATE} END,
    open_until = CASE WHEN l.epoch = excluded.epoch THEN l.open_until
                 ELSE excluded.paced + %(permit)s * interval '1 s' END,
    paced = CASE WHEN l.epoch = excluded.epoch THEN l.paced ELSE excluded.paced END,
    said = CASE WHEN l.epoch = excluded.epoch THEN l.said ELSE excluded.said END
WHERE l.machine = excluded.machine
    OR NOT l.until BETWEEN clock_timestamp() AND clock_timestamp() + %(lease)s * interval '1 s'
RETURNING term, pace, open, extract(epoch FROM clock_timestamp() - paced)::float8, %(now)s - said,
    extract(epoch FROM open_until - paced)::float8"""
_BEFORE = "SELECT machine, epoch = {} FROM backfill.leases WHERE space = %s".format(_EPOCH)  # noqa: UP032
_SETTINGS = "SELECT name, value FROM backfill.meta WHERE name = ANY(%s)"
_HOLDER = """
SELECT who, to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
    ceil(extract(epoch FROM until - clock_timestamp()))::int
FROM backfill.leases WHERE space = %s"""
_RENEW = f"""
UPDATE backfill.leases l SET
    until = clock_timestamp() + %(lease)s * interval '1 s', report = %(report)s, open = %(open)s,
    open_until = clock_timestamp() + %(permit)s * interval '1 s', pace = %(pace)s::smallint[],
    paced = clock_timestamp(), said = %(now)s
WHERE space = %(space)s AND term = %(term)s AND holder = %(holder)s AND report < %(report)s
    AND epoch = {_EPOCH} RETURNING 1"""
_STAY = """
UPDATE backfill.leases SET until = clock_timestamp() + %(lease)s * interval '1 s'
WHERE space = %(space)s AND term = %(term)s AND holder = %(holder)s AND until > clock_timestamp() RETURNING 1"""
_RELEASE = """
UPDATE backfill.leases SET until = clock_timestamp()
WHERE space = %(space)s AND term = %(term)s AND holder = %(holder)s"""


class Lease:
    """`Hold` of a Space in PostgreSQL."""

    def __init__(self, server: Server, ledger: Server, mine: dict[str, Any], before: Handover | None):
        self.permit, self.lease = mine["permit"], mine["lease"]
        self._server, self._ledger = server, ledger  # of its own, as no query is to put off a renewal
        self._mine = mine
        self._report = 0
        self.before = before

    def renew(self, pacing: Pacing) -> bool:
        self._report += 1
        told = {"report": self._report, "open": pacing.open, "pace": pacing.ages, "now": time.time()}
        return bool(self._server.rows(_RENEW, self._mine | told))

    def sending(self, patience: float) -> None:
        self._ledger.patience = patience

    def stay(self) -> None:
        """Stay the holder while nothing is sent; where that fails, the next renewal says so."""
        with suppress(StateError):
            self._server.rows(_STAY, self._mine)

    def release(self) -> None:
        """Let the Space go; where the server is gone, the lease ends by itself."""
        with suppress(StateError):
            self._server.rows(_RELEASE, self._mine)


@contextmanager
def held(server: Server, ledger: Server, space: int, name: str, machine: str) -> Iterator[Lease]:
    """Hold a Space while the body runs. Raises SpaceHeld, saying who holds it and since when."""
    lease = _taken(server, ledger, space, name, machine)
    over = threading.Event()

    def stay() -> None:
        while not over.wait(lease.lease / _IDLE):
            lease.stay()

    staying = threading.Thread(target=stay, name=f"lease-{space}", daemon=True)
    staying.start()
    try:
        yield lease
    finally:
        over.set()
        staying.join()
        ledger.patience = 0.0
        lease.release()


def _taken(server: Server, ledger: Server, space: int, name: str, machine: str) -> Lease:
    mine = {"space": space, "holder": uuid.uuid4(), "who": process_name()}
    with server.reading():
        mine |= {name: float(value) for name, value in server.rows(_SETTINGS, (list(SETTINGS),))}
    last = server.rows(_BEFORE, (space,))
    for term, ages, opened, age, said, open_for in server.rows(_TAKE, mine | {"machine": machine, "now": time.time()}):
        age = max(0.0, min(age, said))  # by the server's clock and by ours: the one that jumped does no harm
        own = last == [(machine, True)]  # this machine's own memory of the pace has everything, and more exactly
        before = None if own or not last else Handover(Pacing(opened, list(ages)), age, max(0.0, open_for - age))
        return Lease(server, ledger, {**mine, "term": term}, before)
    who, since, left = next(iter(server.rows(_HOLDER, (space,))), ("another run", "now", 0))
    raise SpaceHeld(
        f"space {name}: held by {shown(who)} since {since} UTC; wait for it or stop it (one that died lets it go "
        f"within {max(left, 1)} s)"
    )
