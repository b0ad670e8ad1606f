"""Ledgers in one PostgreSQL database, for several hosts: `BACKFILL_LEDGER=postgresql://...`. Needs psycopg 3."""
