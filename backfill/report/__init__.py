"""What people and programs are shown of a run: messages, plan, summary, metrics, page."""
