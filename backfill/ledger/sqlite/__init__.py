"""The ledger in SQLite: a file for each Space."""
