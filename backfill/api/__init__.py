"""The API as we meet it: its answers, its limits, what it lists, and when to ask again."""
