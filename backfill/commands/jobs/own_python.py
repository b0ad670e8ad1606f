"""Own Python: how a process is started that does a part of the work.

It finds its modules where this one does. By `-m` it would find those of the current folder first, where a user's own
`calendar.py` or `csv.py` takes the place of Python's.
"""

import sys


def python(module: str) -> list[str]:
    """The words that run the module's `main` in a process of its own."""
    return [sys.executable, "-P", "-c", f"import sys; sys.path[:] = {sys.path!a}; from {module} import main; main()"]
