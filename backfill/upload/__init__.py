"""Events to outcomes: a pool of senders at the Space's pace, each outcome in the ledger before it counts."""
