"""Every test session has its own ROS domain and talks to nobody outside this machine."""

import os
import sys

import pytest

# Before anything imports rclpy: domains 1 to 99, away from the default 0 where a robot may live.
os.environ["ROS_DOMAIN_ID"] = str(1 + os.getpid() % 99)
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

_status: list[int] = []


def pytest_sessionfinish(session, exitstatus):
    _status.append(int(exitstatus))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    """End at once: a dozen native libraries in one process do not agree on who is taken down first.

    What a failed test left behind, such as a node in its traceback, outlives the middleware
    otherwise, and the process ends with a segmentation fault in place of pytest's status.
    """
    if _status:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_status[0])
