"""Pace: when a Space's next request may go."""

from backfill.pace.answers import LATEST, MOST, WINDOW, AnswerLog
from backfill.pace.limiter import SMOOTH, Pace, Unpaced, share
from backfill.pace.others import Others

__all__ = ["LATEST", "MOST", "SMOOTH", "WINDOW", "AnswerLog", "Others", "Pace", "Unpaced", "share"]
