"""What a ledger in PostgreSQL remembers: the queries for code that only reads the past."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from backfill.ledger.entries import Accepted, Deletion, Input, PastEvent, PastVerdict, Run, Totals, by_key, by_run
from backfill.ledger.postgres.server import Rows, Server, storable
from backfill.ledger.postgres.tables import lacking
from backfill.ledger.spelling import keys_of_order

_EVENT = "SELECT key, run, accepted_at, seen_run, time, amount, identity FROM backfill.accepted"
_RUN = "SELECT run, command, mapping, namespace, started, finished, exit_code, files, summary FROM backfill.runs"
_RUNS = 20  # that one query gives
_PAGE = 10_000  # events that one query gives


class PostgresHistory:
    """`History` of a Space; `space` is its number in the database."""

    def __init__(self, server: Server, space: int):
        self._server = server
        self._space = space

    def _rows(self, query: str, *values: object) -> Rows:
        return self._server.rows(query, values)

    def _number(self, query: str, *values: object) -> int:
        return int(self._rows(query, *values)[0][0] or 0)

    @property
    def place(self) -> str:
        return f"{self._server.place} (space {self.about()['space']})"

    @property
    def last_accepted(self) -> int:
        return self._number("SELECT max(accepted_at) FROM backfill.accepted WHERE space = %s", self._space)

    def reading(self) -> AbstractContextManager[None]:
        return self._server.reading()

    def about(self) -> dict[str, str]:
        query = "SELECT name, address FROM backfill.spaces WHERE space = %s"
        return dict(zip(("space", "address"), self._rows(query, self._space)[0], strict=True))

    def totals(self) -> Totals:
        accepted = self._number("SELECT count(*) FROM backfill.accepted WHERE space = %s", self._space)
        deleted = "SELECT count(*) FROM backfill.deleted JOIN backfill.accepted USING (space, key) WHERE space = %s"
        return Totals(accepted, self._number(deleted, self._space))

    # -- runs

    def run(self, number: int) -> Run | None:
        rows = self._rows(f"{_RUN} WHERE space = %s AND run = %s", self._space, min(number, 2**31 - 1))
        return Run(*rows[0]) if rows else None

    def runs(self) -> Iterator[Run]:
        last = 2**31 - 1
        query = f"{_RUN} WHERE space = %s AND run < %s ORDER BY run DESC LIMIT %s"
        while rows := self._rows(query, self._space, last, _RUNS):
            yield from (Run(*row) for row in rows)
            last = rows[-1][0]

    # -- events

    def all_accepted(self, again: int = 0) -> Iterator[tuple[int, Accepted]]:
        last = ""
        query = (
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM backfill.resent r WHERE r.space = a.space AND r.key = a.key "
            "AND r.run = %s AND r.run > a.run) THEN %s ELSE run END, "
            "key, time, amount, identity, order_id FROM backfill.accepted a WHERE space = %s AND key > %s "
            "AND NOT EXISTS (SELECT 1 FROM backfill.deleted d WHERE d.space = a.space AND d.key = a.key) "
            "ORDER BY key LIMIT %s"
        )
        while rows := self._rows(query, again, again, self._space, last, _PAGE):
            for run, *row in rows:
                yield run, Accepted(*row)
            last = rows[-1][1]

    def accepted_of(self, order_id: str) -> list[PastEvent]:
        """Those under its whole key, the keys that its id makes, or with its id in a column of its own."""
        order_id = storable(order_id)
        query = "SELECT DISTINCT namespace FROM backfill.runs WHERE space = %s AND namespace IS NOT NULL"
        keys = [order_id, *keys_of_order(order_id, [name for (name,) in self._rows(query, self._space)])]
        both = f"{_EVENT} WHERE space = %s AND key = ANY(%s) UNION {_EVENT} WHERE space = %s AND order_id = %s"
        found = self._rows(f"{both} ORDER BY accepted_at, key", self._space, keys, self._space, order_id)
        return [PastEvent(*row) for row in found]

    # -- verdicts

    def verdicts_of(self, order_id: str) -> list[PastVerdict]:
        return self._verdicts("order_id = %s ORDER BY run, row", storable(order_id))

    def verdicts_at(self, row: int) -> list[PastVerdict]:
        return list(dict.fromkeys(self._verdicts("row = %s ORDER BY run, event", row)))

    def _verdicts(self, which: str, value: str | int) -> list[PastVerdict]:
        query = "SELECT order_id, event, verdict, code, file, row, run, at, seen_run FROM backfill.verdicts"
        return [PastVerdict(*row) for row in self._rows(f"{query} WHERE space = %s AND {which}", self._space, value)]

    def failed(self, order_ids: Iterable[str | None]) -> dict[tuple[str, str], str]:
        query = (
            "SELECT event, order_id, verdict FROM backfill.verdicts WHERE space = %s "
            "AND verdict IN ('refused', 'undelivered') AND order_id = ANY(%s) ORDER BY seen_run, entry"
        )
        asked = [storable(one) for one in order_ids if one is not None]
        return {(event, order): verdict for event, order, verdict in self._rows(query, self._space, asked)}

    # -- deletions, and what was sent again

    def deleted(self, keys: Sequence[str]) -> set[str]:
        query = "SELECT key FROM backfill.deleted WHERE space = %s AND key = ANY(%s)"
        return {key for (key,) in self._rows(query, self._space, list(keys))}

    def deleted_by_run(self) -> dict[int, int]:
        both = " UNION ".join(
            f"SELECT key, run FROM backfill.{name} WHERE space = %s" for name in ("deleted", "undone")
        )
        query = f"SELECT run, count(*) FROM ({both}) of_both GROUP BY run"
        return dict(self._rows(query, self._space, self._space))

    def deletions(self, keys: Sequence[str]) -> dict[str, list[Deletion]]:
        query = "SELECT key, run, accepted_at, at FROM backfill.undone WHERE space = %s AND key = ANY(%s) ORDER BY at"
        found: dict[str, list[Deletion]] = {}
        for key, *entry in self._rows(query, self._space, list(keys)):
            found.setdefault(key, []).append(Deletion(*entry))
        return found

    def resent(self, key: str) -> list[tuple[int, int]]:
        query = "SELECT run, at FROM backfill.resent WHERE space = %s AND key = %s ORDER BY run"
        return [(run, at) for run, at in self._rows(query, self._space, key)]

    def attempts(self) -> dict[int, set[str]]:
        query = "SELECT run, key FROM backfill.attempts WHERE space = %s"
        return by_run(() if "attempts" in self._server.do(lacking) else self._rows(query, self._space))

    def attempted(self) -> dict[str, dict[int, Accepted]]:
        query = "SELECT run, key, b.time, b.amount, b.identity FROM backfill.bodies b JOIN backfill.attempts "
        query += "USING (space, run, key) WHERE space = %s"
        return by_key(() if self._server.do(lacking) else self._rows(query, self._space))

    # -- mappings

    def inputs(self, mapping: str, name: str, most: int) -> list[Input]:
        query = "SELECT name, rows, header FROM backfill.inputs WHERE space = %s AND mapping = %s AND name = %s"
        rows = self._rows(f"{query} ORDER BY run DESC LIMIT %s", self._space, mapping, storable(name), most)
        with self.reading():
            return [Input(row[0], row[1], tuple(json.loads(row[2]))) for row in rows]

    def recipe(self, mapping: str) -> str | None:
        query = "SELECT recipe FROM backfill.recipes WHERE space = %s AND mapping = %s"
        rows = self._rows(query, self._space, mapping)
        return rows[0][0] if rows else None

    def last_keys(self, mapping: str) -> tuple[int, str | None, str | None] | None:
        query = "SELECT run, recipe, namespace FROM backfill.runs WHERE space = %s AND mapping = %s"
        rows: list[Any] = self._rows(f"{query} ORDER BY run DESC LIMIT 1", self._space, mapping)
        return rows[0] if rows else None

    def sent_with(self, mapping: str) -> int:
        query = (
            "SELECT count(*) FROM backfill.accepted a JOIN backfill.runs USING (space, run) WHERE space = %s AND "
            "mapping = %s AND NOT EXISTS (SELECT 1 FROM backfill.deleted d WHERE d.space = a.space AND d.key = a.key)"
        )
        return self._number(query, self._space, mapping)
