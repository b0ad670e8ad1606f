"""What a command does, from what it was asked to do to its exit code. No command knows of another."""
