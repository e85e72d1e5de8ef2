"""Scheduling of threads: deadlines of milliseconds go first, and what may wait goes last.

On Linux these are properties of a thread, and handed on to the threads that it starts.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading

_BACKGROUND_NICE = 10
_SWITCH_INTERVAL_S = 5e-4

NODE_LEVEL = 2
"""Of every node; of the camera and of inference as well, for a target is as old as its image.

Not less: a thread that is starved while it holds a lock of the middleware's keeps the middleware
from saying that the node is alive.
"""
TARGETS_LEVEL = 3
"""Of the stream of targets, which is short work every 50 ms."""
MIDDLEWARE_LEVEL = 4
"""Of the middleware's threads, which do little: messages come in time, and all see who is alive."""
ROBOT_LEVEL = 5
"""Of the threads that answer the robot a thousand times a second: they wait for nobody."""


def run_in_foreground(level: int = 1) -> None:
    """Let the calling thread go before all ordinary ones, and not wait for the interpreter.

    Among those in the foreground a higher level goes first. Without the right to do so (root, or
    an `rtprio` limit, which Franka asks for anyway) this is left out; that only matters on a
    machine with too few cores.
    """
    # By default a thread that wants the interpreter may wait 5 ms for another of the process.
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(level))


def run_normally() -> None:
    """Make the calling thread an ordinary one again."""
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def run_in_background() -> None:
    """Let all others go before the calling thread."""
    run_normally()
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _BACKGROUND_NICE)
