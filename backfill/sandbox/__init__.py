"""The sandbox: a local copy of the Cometly API that queues, limits, deduplicates and fails like the real one.

It listens on 127.0.0.1 only and imports nothing of the rest: it is the other party. What the API's pages leave open is
decided here once, and each such choice is named where it is made.
"""

from .arrival import Arrival, busiest
from .fault import Fault
from .quota import Window
from .server import Sandbox
from .space import Stored
from .thread import SandboxThread

__all__ = ["Arrival", "Fault", "Sandbox", "SandboxThread", "Stored", "Window", "busiest"]
