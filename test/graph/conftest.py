"""One simulated deployment for all tests of the whole graph, as a user would run it."""

import os
import signal
import subprocess
import sys

import psutil
import pytest
from foreign_client import ForeignClient

HOST = f"127.0.{20 + os.getpid() % 200}.1"
SEED = 101
"""Development scenes have seeds from 100; those below are kept for reported figures."""


@pytest.fixture(scope="module")
def deployment(tmp_path_factory):
    logs = tmp_path_factory.mktemp("logs")
    process = subprocess.Popen(
        [sys.executable, "-m", "bridge_ros.cli", "up", "--sim", "--seed", str(SEED)]
        + ["--robot-host", HOST, "--logs", str(logs)]
    )
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(30)
    print("logs:", logs)


@pytest.fixture
def client(deployment):
    client = ForeignClient()
    yield client
    client.close()


@pytest.fixture
def ready(client):
    """The client, once every node is idle, with the arm at home and the simulator's truth known."""
    client.wait(
        lambda: (
            client.state("planner") in ("idle", "succeeded", "failed", "canceled")
            and client.state("expert") == "idle"
            and client.state("trajectory") == "idle"
            and client.state("controller") in ("idle", "hold")
            and client.objects
            and len(client.poses) > 10
        ),
        90,
        "a ready deployment",
    )
    return client


@pytest.fixture
def node_process(deployment):
    """The running process of a node of the deployment."""

    def find(name: str) -> psutil.Process:
        module = f"bridge_ros.nodes.{name}_node"
        children = psutil.Process(deployment.pid).children(recursive=True)
        return next(child for child in children if module in child.cmdline())

    return find
