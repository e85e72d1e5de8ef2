import threading
import time

import numpy as np
import pytest

from bridge_ros.camera.capture import Capture, CaptureReport, CaptureSettings
from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import CameraError, ConfigError
from bridge_ros.geometry.intrinsics import Intrinsics

SETTINGS = CaptureSettings(read_timeout_s=0.4, retry_min_s=0.01, retry_max_s=0.02)


def frame(stamp_s):
    return RGBDFrame(
        rgb=np.zeros((2, 2, 3), np.uint8),
        depth_m=np.zeros((2, 2), np.float32),
        intrinsics=Intrinsics(width=2, height=2, fx=1.0, fy=1.0, cx=0.5, cy=0.5),
        stamp_s=stamp_s,
    )


class ScriptedSource:
    """Gives the stamps of a list, raises what else is in it, then says nothing."""

    threads: set[int] = set()

    def __init__(self, script):
        self._script = script

    def start(self):
        self.threads.add(threading.get_ident())
        if self._script and isinstance(self._script[0], CameraError):
            raise self._script.pop(0)

    def read(self, timeout_s):
        self.threads.add(threading.get_ident())
        if not self._script:
            time.sleep(timeout_s)
            raise CameraError("silence")
        item = self._script.pop(0)
        if isinstance(item, Exception):
            raise item
        return frame(item)

    def stop(self):
        self.threads.add(threading.get_ident())


def capture_all(script, count):
    """Run a capture until `count` frames came; the frames and the capture, still running."""
    frames = []
    capture = Capture(lambda: ScriptedSource(script), frames.append, SETTINGS)
    capture.start()
    end = time.monotonic() + 5.0
    while len(frames) < count and time.monotonic() < end:
        time.sleep(0.005)
    return frames, capture


def test_it_starts_again_after_any_failure():
    script = [CameraError("unplugged"), 1.0, 1.1, ValueError("driver"), 2.0]
    frames, capture = capture_all(script, 3)
    capture.close()
    assert [one.stamp_s for one in frames] == [1.0, 1.1, 2.0]
    report = capture.report()
    assert (report.frames, report.restarts >= 2) == (3, True)


def test_trouble_is_told():
    _, capture = capture_all([1.0], 1)
    end = time.monotonic() + 5.0
    while capture.report().streaming and time.monotonic() < end:
        time.sleep(0.005)
    assert capture.report().trouble == "silence"
    capture.close()


def test_a_source_lives_in_one_thread():
    ScriptedSource.threads = set()
    _, capture = capture_all([1.0, ValueError("x"), 2.0], 2)
    capture.close()
    assert len(ScriptedSource.threads) == 1
    assert threading.get_ident() not in ScriptedSource.threads


def test_rate_and_drops_come_from_the_stamps():
    stamps = [1.0 + 0.1 * step for step in range(12) if step not in (8, 9)]
    frames, capture = capture_all(list(stamps), len(stamps))
    report = capture.report()
    capture.close()
    assert report.dropped == 2
    assert report.rate_hz == pytest.approx((len(frames) - 1) / 1.1)
    assert report.stamp_s == pytest.approx(2.1)


@pytest.mark.parametrize(
    ("streaming", "trouble", "stamp_s", "shown"),
    [
        (True, "", 99.0, {"level": "ok", "message": "streaming", "age [s]": 1.0}),
        (False, "unplugged", 0.0, {"level": "error", "message": "unplugged"}),
    ],
)
def test_diagnostics_tell_whether_frames_flow_and_how_old_the_newest_is(
    streaming, trouble, stamp_s, shown
):
    report = CaptureReport(
        streaming=streaming,
        trouble=trouble,
        frames=3,
        dropped=2,
        restarts=1,
        rate_hz=10.0,
        stamp_s=stamp_s,
    )
    counts = {"rate [Hz]": 10.0, "frames": 3, "dropped": 2, "restarts": 1}
    assert report.diagnostics(100.0) == shown | counts


def test_settings_refuse_nonsense():
    with pytest.raises(ConfigError, match="retry_max_s: expected at least retry_min_s, 2.0"):
        CaptureSettings(retry_min_s=2.0, retry_max_s=1.0)
