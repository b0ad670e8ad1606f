"""`python -m backfill`."""

import gc
import sys

gc.set_threshold(100_000)  # columns are many objects and no cycles: to look for some so often is 2 % of a check

from backfill.cli import main  # noqa: E402 (reading the modules makes objects too)

sys.exit(main())
