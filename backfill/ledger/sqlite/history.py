"""What a ledger in SQLite remembers: the queries for code that only reads the past."""

import json
from collections.abc import Iterable, Iterator, Sequence

from backfill.ledger.entries import Accepted, Deletion, Input, PastEvent, PastVerdict, Run, Totals, by_key, by_run
from backfill.ledger.spelling import keys_of_order
from backfill.ledger.sqlite.database import Database
from backfill.ledger.sqlite.verdicts import last_run

_AMONG = "key IN (SELECT value FROM json_each(?))"
_EVENT = "SELECT key, run, accepted_at, seen_run, time, amount, identity FROM accepted"
_RUN = "SELECT id, command, mapping, namespace, started, finished, exit_code, files, summary FROM runs"
_RUNS = 20  # that one query gives


class SqliteHistory(Database):
    """`History` of a file."""

    @property
    def place(self) -> str:
        return str(self.path)

    @property
    def last_accepted(self) -> int:
        return self._number("SELECT max(accepted_at) FROM accepted")

    def about(self) -> dict[str, str]:
        return dict(self._rows("SELECT name, value FROM meta WHERE name IN ('space', 'address')"))

    def totals(self) -> Totals:
        accepted = self._number("SELECT count(*) FROM accepted")
        deleted = "SELECT count(*) FROM deleted JOIN accepted USING (key)"
        return Totals(accepted, self._number(deleted) if self._has("deleted") else 0)

    # -- runs

    def run(self, number: int) -> Run | None:
        row = self._one(f"{_RUN} WHERE id = ?", number)
        return Run(*row) if row else None

    def runs(self) -> Iterator[Run]:
        rows = self._rows(f"{_RUN} ORDER BY id DESC LIMIT ?", _RUNS)
        while rows:
            yield from (Run(*row) for row in rows)
            rows = self._rows(f"{_RUN} WHERE id < ? ORDER BY id DESC LIMIT ?", rows[-1][0], _RUNS)

    # -- events

    def all_accepted(self, again: int = 0) -> Iterator[tuple[int, Accepted]]:
        last = ""
        resent = "EXISTS (SELECT 1 FROM resent WHERE resent.key = accepted.key AND resent.run = ?1)"
        run = f"CASE WHEN run < ?1 AND {resent} THEN ?1 ELSE run END" if again and self._has("resent") else "run"
        query = f"SELECT {run}, key, time, amount, identity, order_id FROM accepted WHERE key > ?2 AND NOT EXISTS "  # noqa: S608
        query += "(SELECT 1 FROM deleted WHERE deleted.key = accepted.key) ORDER BY key LIMIT 10000"
        while rows := self._rows(query, again, last):
            for run, *row in rows:
                yield run, Accepted(*row)
            last = rows[-1][1]

    def accepted_of(self, order_id: str) -> list[PastEvent]:
        """Those under its whole key, the keys that its id makes, or with its id in a column of its own."""
        namespaces = [space for (space,) in self._rows("SELECT DISTINCT namespace FROM runs") if space]
        keys = [order_id, *keys_of_order(order_id, namespaces)]
        query = f"{_EVENT} WHERE {_AMONG} UNION {_EVENT} WHERE order_id = ? ORDER BY accepted_at, key"
        found = self._rows(query, json.dumps(keys), order_id) or self._ending(order_id)
        return [PastEvent(*row) for row in found]

    def _ending(self, order_id: str) -> list[tuple[object, ...]]:
        """Events whose keys of another form end in the id: earlier releases kept no id in a column of its own."""
        end = f":{order_id}"
        ending = "order_id IS NULL AND substr(key, -length(?)) = ?"
        return self._rows(f"{_EVENT} WHERE {ending} ORDER BY accepted_at", end, end)

    # -- verdicts

    def verdicts_of(self, order_id: str) -> list[PastVerdict]:
        return self._verdicts("order_id = ? ORDER BY run, row", order_id)

    def verdicts_at(self, row: int) -> list[PastVerdict]:
        return list(dict.fromkeys(self._verdicts("row = ? ORDER BY run, event", row)))

    def _verdicts(self, which: str, value: str | int) -> list[PastVerdict]:
        last = last_run(self._columns("verdicts"))
        query = f"SELECT order_id, event, verdict, code, file, row, run, at, {last} FROM verdicts WHERE {which}"  # noqa: S608
        return [PastVerdict(*row) for row in self._rows(query, value)]

    def failed(self, order_ids: Iterable[str | None]) -> dict[tuple[str, str], str]:
        query = "SELECT event, order_id, verdict FROM verdicts WHERE verdict IN ('refused', 'undelivered') "
        query += "AND order_id IN (SELECT value FROM json_each(?)) "
        query += f"ORDER BY {last_run(self._columns('verdicts'))}, rowid"
        asked = [one for one in order_ids if one is not None]
        return {(event, order): verdict for event, order, verdict in self._rows(query, json.dumps(asked))}

    # -- deletions, and what was sent again

    def deleted(self, keys: Sequence[str]) -> set[str]:
        if not self._has("deleted"):
            return set()
        return {key for (key,) in self._rows(f"SELECT key FROM deleted WHERE {_AMONG}", json.dumps(list(keys)))}  # noqa: S608

    def deleted_by_run(self) -> dict[int, int]:
        if not (tables := [name for name in ("deleted", "undone") if self._has(name)]):
            return {}
        union = " UNION ".join(f"SELECT key, run FROM {name}" for name in tables)  # noqa: S608
        return dict(self._rows(f"SELECT run, count(*) FROM ({union}) GROUP BY run"))  # noqa: S608

    def deletions(self, keys: Sequence[str]) -> dict[str, list[Deletion]]:
        found: dict[str, dict[int, Deletion]] = {}
        for table, accepted in (("undone", "accepted_at"), ("deleted", "NULL")):
            if self._has(table):
                query = f"SELECT key, run, {accepted}, at FROM {table} WHERE {_AMONG}"  # noqa: S608
                for key, *entry in self._rows(query, json.dumps(list(keys))):
                    one = Deletion(*entry)
                    found.setdefault(key, {}).setdefault(one.run, one)
        return {key: sorted(entries.values(), key=lambda one: one.at) for key, entries in found.items()}

    def resent(self, key: str) -> list[tuple[int, int]]:
        query = "SELECT run, at FROM resent WHERE key = ? ORDER BY run"
        return [(run, at) for run, at in self._rows(query, key)] if self._has("resent") else []

    def attempts(self) -> dict[int, set[str]]:
        return by_run(self._rows("SELECT run, key FROM attempts") if self._has("attempts") else ())

    def attempted(self) -> dict[str, dict[int, Accepted]]:
        there = self._has("bodies") and self._has("attempts")
        query = "SELECT run, key, b.time, b.amount, b.identity FROM bodies b JOIN attempts USING (run, key)"
        return by_key(self._rows(query) if there else ())

    # -- mappings

    def inputs(self, mapping: str, name: str, most: int) -> list[Input]:
        if not self._has("inputs"):
            return []
        query = "SELECT name, rows, header FROM inputs WHERE mapping = ? AND name = ? ORDER BY run DESC LIMIT ?"
        rows = self._rows(query, mapping, name, most)
        with self.reading():
            return [Input(row[0], int(row[1]), tuple(json.loads(row[2]))) for row in rows]

    def recipe(self, mapping: str) -> str | None:
        found = self._one("SELECT recipe FROM recipes WHERE mapping = ?", mapping)
        return found[0] if found else None

    def last_keys(self, mapping: str) -> tuple[int, str | None, str | None] | None:
        made = "recipe" if "recipe" in self._columns("runs") else "NULL"
        query = f"SELECT id, {made}, namespace FROM runs WHERE mapping = ? ORDER BY id DESC LIMIT 1"  # noqa: S608
        found: tuple[int, str | None, str | None] | None = self._one(query, mapping)
        return found

    def sent_with(self, mapping: str) -> int:
        query = "SELECT count(*) FROM accepted JOIN runs ON runs.id = run WHERE mapping = ?"
        if self._has("deleted"):
            query += " AND NOT EXISTS (SELECT 1 FROM deleted WHERE deleted.key = accepted.key)"
        return self._number(query, mapping)
