"""Pace: when a Space's next request may go."""
