"""`python -m backfill`, and the command: an interrupt while Python still loads it is no traceback either."""

import os
import signal
import sys


def main() -> int:
    """Load the command line and run it; return the exit code."""
    asked = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # a shell has background jobs ignore it
    if asked:
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))  # nothing has begun that could be left half done
    from backfill.cli import main as run

    if asked:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return run()


if __name__ == "__main__":
    sys.exit(main())
