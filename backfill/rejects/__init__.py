"""Reject files: what is wrong with which rows, gathered and written, and where the file goes."""

from backfill.rejects.gathered import Note, Rejects
from backfill.rejects.place import Place, release

__all__ = ["Note", "Place", "Rejects", "release"]
