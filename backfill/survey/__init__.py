"""Every event of the input with its verdict so far, and what only the input as a whole can show."""
