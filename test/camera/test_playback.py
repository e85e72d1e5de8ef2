import itertools
import time

import pytest
from recording import record

from bridge_ros.camera.playback import PlaybackSettings, PlaybackSource
from bridge_ros.errors import CameraError
from bridge_ros.sim.live.software_camera import COLOR_FX, SoftwareCamera

FRAMES = 20


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """A .db3 file of FRAMES framesets at 30 Hz."""
    path = tmp_path_factory.mktemp("recording") / "software.db3"
    record(path, FRAMES)
    return path


def read_all(source):
    frames = []
    with pytest.raises(CameraError, match="has ended"):
        while True:
            frames.append(source.read(timeout_s=5.0))
    return frames


def test_what_is_played_is_what_was_recorded(recording):
    source = PlaybackSource(
        PlaybackSettings(file=str(recording), real_time=False, repeat=False, restamp=False)
    )
    source.start()
    frames = read_all(source)
    source.stop()
    numbers = [int(frame.rgb[240, 320, 0]) for frame in frames]
    assert len(numbers) >= FRAMES - 2
    assert numbers == list(range(numbers[0], FRAMES + 1))
    for number, frame in zip(numbers, frames, strict=True):
        assert frame.depth_m[240, 320] == pytest.approx(0.8 + 0.001 * number, abs=1e-5)
        assert frame.stamp_s == pytest.approx(SoftwareCamera().time_ms(number) / 1000, abs=1e-3)
        assert frame.intrinsics.fx == COLOR_FX


def test_it_repeats_with_stamps_of_now_that_only_grow(recording):
    source = PlaybackSource(PlaybackSettings(file=str(recording)))
    source.start()
    frames = [source.read(timeout_s=5.0) for _ in range(FRAMES + 10)]
    source.stop()
    assert len({int(frame.rgb[0, 0, 0]) for frame in frames}) <= FRAMES
    stamps_s = [frame.stamp_s for frame in frames]
    assert all(first < second for first, second in itertools.pairwise(stamps_s))
    assert abs(stamps_s[-1] - time.time()) < 5.0


def test_a_file_that_is_missing_or_no_recording_is_refused(tmp_path):
    source = PlaybackSource(PlaybackSettings(file=str(tmp_path / "none.db3")))
    with pytest.raises(CameraError, match="no file"):
        source.start()
    broken = tmp_path / "broken.db3"
    broken.write_bytes(b"not a recording" * 100)
    with pytest.raises(CameraError, match="cannot be opened|no depth|does not start"):
        PlaybackSource(PlaybackSettings(file=str(broken))).start()
    with pytest.raises(CameraError, match="not started"):
        source.read(timeout_s=0.1)
