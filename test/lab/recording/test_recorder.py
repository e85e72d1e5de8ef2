import threading
from collections import Counter

import pytest

from bridge_ros.lab.recording.errors import EpisodeError
from bridge_ros.lab.recording.recorder import EpisodeRecorder


class FakeSink:
    """Keeps what it is given; its disk answers only while `disk` is set."""

    def __init__(self, path):
        self.path = path / "episode-0001.mcap"
        self.committed_bytes = 0
        self.written, self.committed = [], []
        self.finished_with = None
        self.closed = False
        self.disk = threading.Event()
        self.disk.set()
        self.full = False

    def write(self, channel, time_ns, data):
        self.written.append((channel, time_ns, data))

    def commit(self):
        assert self.disk.wait(30.0)
        if self.full:
            raise EpisodeError("the disk is full")
        self.committed = list(self.written)

    def finish(self, dropped=None):
        self.finished_with = dropped
        self.commit()

    def close(self):
        self.closed = True


@pytest.fixture
def sink(tmp_path):
    return FakeSink(tmp_path)


def wait_for(condition):
    end = threading.Event()
    for _ in range(2000):
        if condition():
            return True
        end.wait(0.01)
    return False


def test_what_is_handed_in_is_committed_without_being_asked_for(sink):
    recorder = EpisodeRecorder(sink, commit_s=0.05, queue_mb=1.0)
    recorder.put(1, 10, b"a")
    recorder.put(2, 11, b"b")
    assert wait_for(lambda: recorder.progress.saved == 2)
    assert sink.committed == [(1, 10, b"a"), (2, 11, b"b")]
    assert recorder.progress.waiting == 0
    recorder.close(10.0)


def test_closing_saves_what_still_waits_and_finishes_the_file(sink):
    recorder = EpisodeRecorder(sink, commit_s=1.0, queue_mb=1.0)
    for number in range(100):
        recorder.put(1, number, b"a")
    progress = recorder.close(10.0)
    assert progress.finished and not progress.trouble
    assert progress.saved == len(sink.committed) == 100
    assert sink.closed


def test_while_the_disk_stands_still_nobody_waits_and_what_does_not_fit_is_counted(sink):
    recorder = EpisodeRecorder(sink, commit_s=0.05, queue_mb=1.0)
    sink.disk.clear()
    image = bytes(100_000)
    for number in range(30):
        recorder.put(1, number, image)
        recorder.put(2, number, b"state")
    progress = recorder.progress
    assert progress.dropped == Counter({1: 22}), "images go first, states last"
    assert progress.waiting == 8 + 30
    for number in range(200):
        recorder.put(2, number, bytes(1000))
    assert 0 < recorder.progress.dropped[2] < 200, "what waits is bounded, states or not"
    sink.disk.set()
    progress = recorder.close(10.0)
    assert progress.finished
    assert progress.saved + sum(progress.dropped.values()) == 30 + 30 + 200
    assert sink.finished_with == progress.dropped


def test_once_the_disk_is_back_images_are_recorded_again(sink):
    recorder = EpisodeRecorder(sink, commit_s=0.05, queue_mb=1.0)
    sink.disk.clear()
    for number in range(11):
        recorder.put(1, number, bytes(100_000))
    sink.disk.set()
    assert wait_for(lambda: recorder.progress.waiting == 0)
    recorder.put(1, 99, bytes(100_000))
    recorder.close(10.0)
    assert sink.committed[-1][1] == 99


def test_a_full_disk_ends_the_recording_and_says_why(sink):
    recorder = EpisodeRecorder(sink, commit_s=0.05, queue_mb=1.0)
    recorder.put(1, 1, b"a")
    assert wait_for(lambda: recorder.progress.saved == 1)
    sink.full = True
    recorder.put(1, 2, b"b")
    assert wait_for(lambda: recorder.progress.trouble == "the disk is full")
    recorder.put(1, 3, b"c")
    progress = recorder.close(10.0)
    assert (progress.saved, progress.finished) == (1, False)
    assert sink.closed


def test_with_little_space_left_the_episode_is_finished_while_it_can_be(sink):
    recorder = EpisodeRecorder(sink, commit_s=0.05, queue_mb=1.0, min_free_mb=1e12)
    assert wait_for(lambda: recorder.progress.finished)
    assert "are left on the disk" in recorder.progress.trouble
    assert sink.finished_with is not None


def test_closing_does_not_wait_for_ever_for_a_disk_that_does_not_answer(sink):
    recorder = EpisodeRecorder(sink, commit_s=0.05, queue_mb=1.0)
    sink.disk.clear()
    recorder.put(1, 1, b"a")
    progress = recorder.close(0.1)
    assert "has not answered" in progress.trouble and not progress.finished
    sink.disk.set()
