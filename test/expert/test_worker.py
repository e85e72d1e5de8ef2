"""Workers: the newest job wins, errors come home, nothing outlives its owner."""

import threading

import pytest

from bridge_ros.errors import ObservationError
from bridge_ros.expert.worker import InlineWorker, ThreadWorker


def refuse():
    raise ObservationError("no")


def break_down():
    raise ZeroDivisionError("a bug")


@pytest.fixture
def worker():
    worker = ThreadWorker("test worker")
    yield worker
    worker.close()


def until(worker, wanted=None):
    """Poll until there is a result."""
    event = threading.Event()
    for _ in range(500):
        result = worker.poll()
        if result is not None:
            return result
        event.wait(0.01)
    pytest.fail("no result")


def test_an_inline_job_is_done_at_once_and_its_result_given_once():
    worker = InlineWorker()
    worker.submit(lambda: 3)
    assert worker.poll() == 3
    assert worker.poll() is None
    worker.submit(refuse)
    with pytest.raises(ObservationError):
        worker.poll()


def test_of_the_jobs_that_wait_only_the_newest_is_run(worker):
    gate, started, ran = threading.Event(), threading.Event(), []

    def first():
        started.set()
        gate.wait(5)
        ran.append("first")
        return "first"

    worker.submit(first)
    started.wait(5)
    for name in ("second", "third"):
        worker.submit(lambda name=name: ran.append(name) or name)
    assert worker.busy
    gate.set()
    while until(worker) != "third":
        pass
    assert ran == ["first", "third"]
    assert not worker.busy


def test_errors_reach_the_caller_and_named_ones_leave_the_worker_usable(worker):
    worker.submit(refuse)
    with pytest.raises(ObservationError, match="no"):
        until(worker)
    worker.submit(lambda: 1)
    assert until(worker) == 1
    worker.submit(break_down)
    with pytest.raises(RuntimeError, match="crashed"):
        until(worker)


def test_closing_ends_the_thread():
    worker = ThreadWorker("short life")
    worker.close()
    worker.close()
    assert "short life" not in [thread.name for thread in threading.enumerate()]
