import subprocess
import sys

import pytest

from bridge_ros.ros.process_handle import ProcessHandle, own_identity

PROGRAM = """
import sys
from bridge_ros.ros.process_handle import own_identity
print(own_identity(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def process():
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield process
    process.kill()
    process.communicate()


def test_the_end_of_another_process_is_seen(process):
    handle = ProcessHandle(process.stdout.readline().strip())
    assert not handle.ended()
    process.kill()
    process.wait()
    assert handle.ended()
    handle.close()
    assert handle.ended()


def test_a_process_that_ended_before_is_known_as_such(process):
    identity = process.stdout.readline().strip()
    process.kill()
    process.wait()
    assert ProcessHandle(identity).ended()


@pytest.mark.parametrize(
    "identity",
    ["", "1", "elsewhere 1", own_identity() + "x", own_identity() + "99999999999"],
    ids=["empty", "number", "elsewhere", "no number", "too large"],
)
def test_of_another_machines_process_nothing_is_known(identity):
    handle = ProcessHandle(identity)
    assert not handle.ended()
    handle.close()
