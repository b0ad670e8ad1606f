"""The tables of all Spaces' ledgers, in a schema of their own: made at first use, and numbered.

They hold what the tables of a ledger in SQLite hold, with the Space in front, and who holds the Space. Texts are
COLLATE "C": smaller and faster, and an upgrade of the C library can't put an index out of order.

Least rights: who makes them owns them and needs CREATE on the database, once; who sends needs USAGE on the schema and
SELECT, INSERT, UPDATE and DELETE on its tables; who only reads (`check`, `status`, `why`) USAGE and SELECT.
"""

import re

import psycopg
from psycopg import sql

SCHEMA = 1
_PARTS = 16  # of the accepted keys, so that an index stays in memory and a vacuum is short
SETTINGS = {"lease": "15", "permit": "2"}  # seconds, the same for all hosts: see `lease`
_ONE_AT_A_TIME = 0x6261636B66696C6C  # "backfill": the number of the lock under which the tables are made

_TABLES = """
CREATE SCHEMA IF NOT EXISTS backfill;

CREATE TABLE backfill.meta (name text PRIMARY KEY, value text NOT NULL);

CREATE TABLE backfill.spaces (
    space       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address     text COLLATE "C" NOT NULL,            -- scheme://host:port
    name        text COLLATE "C" NOT NULL,
    fingerprint text,                                 -- of the API key; null until the first event is accepted
    moved       text NOT NULL DEFAULT '',             -- where the ledger was copied to, and is now
    UNIQUE (address, name),
    UNIQUE (address, fingerprint)
);

-- Who may send for a Space, and what a successor has to know of its pace. Each row is written anew twice a second while
-- its holder sends; no column but the key is in an index, so it stays in its page.
CREATE TABLE backfill.leases (
    space      integer PRIMARY KEY REFERENCES backfill.spaces,
    term       bigint NOT NULL,                       -- one more each time that somebody takes the Space
    holder     uuid NOT NULL,                         -- of the process; a failover may set terms back
    who        text NOT NULL,                         -- host and process, for people
    machine    text NOT NULL,                         -- whose own memory of the pace is complete
    epoch      text NOT NULL,                         -- cluster and timeline at the last renewal
    since      timestamptz NOT NULL,
    until      timestamptz NOT NULL,                  -- after it anybody may take the Space
    report     integer NOT NULL DEFAULT 0,            -- counts the term's reports: an overtaken one changes nothing
    open       integer NOT NULL DEFAULT 0,            -- requests that may be unanswered until the next report ...
    open_until timestamptz NOT NULL,                  -- ... and none of them starts after this
    pace       smallint[] NOT NULL DEFAULT '{}',      -- answers by age in whole seconds, at `paced`
    paced      timestamptz NOT NULL,
    said       float8 NOT NULL                        -- the same moment by the holder's clock, should the server's jump
) WITH (fillfactor = 40, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

CREATE TABLE backfill.runs (
    space     integer NOT NULL REFERENCES backfill.spaces,
    run       integer NOT NULL,                       -- from 1 in each Space, as people type it
    started   text NOT NULL,
    finished  text,
    command   text NOT NULL,
    mapping   text NOT NULL,
    namespace text,
    files     text NOT NULL,                          -- JSON
    exit_code integer,
    summary   text,                                   -- JSON
    recipe    text,
    PRIMARY KEY (space, run)
);

CREATE TABLE backfill.accepted (
    accepted_at bigint NOT NULL,
    space       integer NOT NULL,
    run         integer NOT NULL,
    seen_run    integer,
    key         text COLLATE "C" NOT NULL,
    time        text COLLATE "C" NOT NULL,
    amount      text,
    identity    bytea NOT NULL,
    order_id    text COLLATE "C",                     -- only where the key does not end in it
    PRIMARY KEY (space, key)
) PARTITION BY HASH (space);
CREATE INDEX accepted_order ON backfill.accepted (space, order_id) WHERE order_id IS NOT NULL;

CREATE TABLE backfill.alike (space integer NOT NULL, likeness bigint NOT NULL, PRIMARY KEY (space, likeness));

CREATE TABLE backfill.resent (
    space integer NOT NULL, key text COLLATE "C" NOT NULL, run integer NOT NULL, at bigint NOT NULL,
    PRIMARY KEY (space, key, run)
);

CREATE TABLE backfill.deleted (
    space integer NOT NULL, key text COLLATE "C" NOT NULL, run integer NOT NULL, event_id text NOT NULL,
    at bigint NOT NULL, PRIMARY KEY (space, key)
);

CREATE TABLE backfill.undone (
    space integer NOT NULL, key text COLLATE "C" NOT NULL, run integer NOT NULL, accepted_at bigint NOT NULL,
    at bigint NOT NULL, PRIMARY KEY (space, key, run)
);

CREATE TABLE backfill.verdicts (
    entry    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    space    integer NOT NULL,
    run      integer NOT NULL,
    seen_run integer NOT NULL,
    row      bigint NOT NULL,
    at       bigint NOT NULL,
    content  bigint,
    order_id text COLLATE "C",
    event    text,
    verdict  text NOT NULL,
    code     text NOT NULL,
    file     text NOT NULL
);
CREATE INDEX verdicts_order ON backfill.verdicts (space, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX verdicts_content ON backfill.verdicts (space, content) WHERE order_id IS NULL;

CREATE TABLE backfill.inputs (
    space integer NOT NULL, mapping text NOT NULL, name text NOT NULL, run integer NOT NULL, rows bigint NOT NULL,
    header text NOT NULL, PRIMARY KEY (space, mapping, name, run)
);

CREATE TABLE backfill.recipes (
    space integer NOT NULL, mapping text NOT NULL, recipe text NOT NULL, PRIMARY KEY (space, mapping)
);
"""

_LATER = {  # releases without them go on with the tables, so they make no other schema, and get no other columns
    "attempts": """
CREATE TABLE backfill.attempts (
    space integer NOT NULL, run integer NOT NULL, key text COLLATE "C" NOT NULL, PRIMARY KEY (space, run, key)
)""",
    "bodies": """
CREATE TABLE backfill.bodies (
    space integer NOT NULL, run integer NOT NULL, key text COLLATE "C" NOT NULL, time text NOT NULL, amount text,
    identity bytea NOT NULL, PRIMARY KEY (space, run, key)
)""",
}

# What others may do with a table like it they may with this one: the statements for its maker.
_GRANTS = """
SELECT format('GRANT %%s ON backfill.%%s TO %%s%%s', string_agg(privilege_type, ', ' ORDER BY privilege_type), %s::text,
    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
    CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_class, aclexplode(coalesce(relacl, acldefault('r', relowner)))
WHERE pg_class.oid = 'backfill.resent'::regclass
    AND grantee <> (SELECT oid FROM pg_roles WHERE rolname = coalesce(%s, current_user))
GROUP BY grantee, is_grantable ORDER BY 1"""
_MAKER = """
SELECT has_schema_privilege('backfill', 'CREATE'), current_user::text, pg_get_userbyid(relowner)::text
FROM pg_class WHERE oid = 'backfill.resent'::regclass"""

_THERE = """
SELECT to_regclass('backfill.meta') IS NOT NULL,
    EXISTS (SELECT FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'backfill')
"""


def version(db: psycopg.Connection) -> int:
    """The schema's number; 0 where there are no tables yet, and -1 where there are some and no number is."""
    there, any_table = db.execute(_THERE).fetchone() or (False, False)
    if not there:
        return -1 if any_table else 0
    found = db.execute("SELECT value FROM backfill.meta WHERE name = 'schema'").fetchone()
    return int(found[0]) if found and found[0].isascii() and found[0].isdigit() else -1


def gone(db: psycopg.Connection) -> str:
    """A table that is there no more; "" where all are."""
    names = re.findall(r"CREATE TABLE backfill\.(\w+)", _TABLES)
    query = "SELECT min(name) FROM unnest(%s::text[]) name WHERE to_regclass('backfill.' || name) IS NULL"
    (found,) = db.execute(query, (names,)).fetchone() or (None,)
    return found or ""


def lacking(db: psycopg.Connection) -> list[str]:
    """The tables that are not there as an earlier release made none."""
    query = "SELECT name FROM unnest(%s::text[]) name WHERE to_regclass('backfill.' || name) IS NULL"
    return [name for (name,) in db.execute(query, (list(_LATER),))]


def barred(db: psycopg.Connection) -> str:
    """What to do where tables of this release are missing and this user may not make them; "" where it may."""
    may, user, owner = db.execute(_MAKER).fetchone() or (True, "", "")
    if may:
        return ""
    names = lacking(db)
    statements = "; ".join(" ".join(one.split()) for name in names for one in [_LATER[name], *_grants(db, name, owner)])
    tables, them = ("table", "it") if len(names) == 1 else ("tables", "them")
    return (
        f"it lacks the {tables} {' and '.join(names)} of this release, and {user} may not make {them}; {owner}, who "
        f"owns the other tables, makes {them} with any upload, or in SQL: {statements};"
    )


def _grants(db: psycopg.Connection, table: str, maker: str | None = None) -> list[str]:
    """The statements with which the maker of the table, or this user, lets others use it."""
    return [statement for (statement,) in db.execute(_GRANTS, (table, maker))]


def make(db: psycopg.Connection) -> None:
    """Make the tables that are not there: all of them or nothing, whoever else is at it."""
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(%s)", (_ONE_AT_A_TIME,))
        before = version(db)
        if not before:
            db.execute(_TABLES)
        for name in lacking(db):
            db.execute(_LATER[name].encode())
            for grant in _grants(db, name) if before else ():
                db.execute(grant.encode())
        if before:
            return
        part = "CREATE TABLE backfill.{} PARTITION OF backfill.accepted FOR VALUES WITH (MODULUS {}, REMAINDER {})"
        for number in range(_PARTS):
            values = (sql.Identifier(f"accepted_{number}"), sql.Literal(_PARTS), sql.Literal(number))
            db.execute(sql.SQL(part).format(*values))
        for entry in {"schema": str(SCHEMA), **SETTINGS}.items():
            db.execute("INSERT INTO backfill.meta VALUES (%s, %s)", entry)
