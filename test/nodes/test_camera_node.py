"""The camera node on real middleware: a recording is its camera."""

import time

import pytest
from diagnostic_msgs.msg import DiagnosticArray
from node_process import Foreigner, NodeProcess, wait_for
from recording import record
from sensor_msgs.msg import CameraInfo, Image

from bridge_ros.ros import topics
from bridge_ros.ros.conversions import frame_from_msgs
from bridge_ros.sim.live.software_camera import COLOR_FX


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    path = tmp_path_factory.mktemp("recording") / "software.db3"
    record(path, 30)
    return path


@pytest.fixture
def listener():
    foreigner = Foreigner()
    foreigner.listen(Image, topics.COLOR_IMAGE, topics.RELIABLE)
    foreigner.listen(Image, topics.DEPTH_IMAGE, topics.RELIABLE)
    foreigner.listen(CameraInfo, topics.COLOR_INFO, topics.RELIABLE)
    foreigner.listen(CameraInfo, topics.DEPTH_INFO, topics.RELIABLE)
    foreigner.listen(DiagnosticArray, topics.DIAGNOSTICS, topics.RELIABLE)
    yield foreigner
    foreigner.close()


def figures(listener):
    return [
        {value.key: value.value for value in status.values}
        for message in list(listener.heard[topics.DIAGNOSTICS])
        for status in message.status
        if status.hardware_id == "camera"
    ]


def framesets(listener):
    """Colour, depth and camera_info of the stamps at which all three were heard."""
    heard = [
        {str(message.header.stamp): message for message in list(listener.heard[topic])}
        for topic in (topics.COLOR_IMAGE, topics.DEPTH_IMAGE, topics.DEPTH_INFO)
    ]
    common = heard[0].keys() & heard[1].keys() & heard[2].keys()
    return [tuple(messages[stamp] for messages in heard) for stamp in common]


def test_framesets_come_under_the_official_names_with_one_stamp(recording, listener):
    process = NodeProcess("camera", source="playback", **{"playback.file": recording})
    try:
        assert wait_for(lambda: len(listener.heard[topics.COLOR_IMAGE]) > 40, 30)
        assert wait_for(lambda: len(framesets(listener)) >= 3, 30)
        assert wait_for(lambda: listener.statuses("camera", "streaming"), 30)
        assert wait_for(lambda: any("rate [Hz]" in shown for shown in figures(listener)))
    finally:
        code, output = process.stop()
    assert code == 0, output
    for color, depth, info in framesets(listener):
        assert (color.encoding, depth.encoding) == ("rgb8", "16UC1")
        frame = frame_from_msgs(color, depth, info)
        number = int(frame.rgb[240, 320, 0])
        assert frame.depth_m[240, 320] == pytest.approx(0.8 + 0.001 * number, abs=1e-5)
        assert frame.intrinsics.fx == COLOR_FX
        assert abs(frame.stamp_s - time.time()) < 60.0


def test_a_source_that_fails_is_said_and_tried_again(tmp_path, listener, recording):
    path = tmp_path / "later.db3"
    process = NodeProcess("camera", source="playback", **{"playback.file": path})
    try:
        assert wait_for(lambda: listener.statuses("camera", "lost"), 30)
        assert "no file" in listener.statuses("camera", "lost")[-1].message
        path.write_bytes(recording.read_bytes())
        assert wait_for(lambda: listener.statuses("camera", "streaming"), 30)
        assert wait_for(lambda: listener.heard[topics.COLOR_IMAGE], 10)
    finally:
        code, output = process.stop()
    assert code == 0, output
    assert "Traceback" not in output


def test_without_a_realsense_the_node_waits_for_one(listener):
    process = NodeProcess("camera", source="realsense")
    try:
        assert wait_for(lambda: listener.statuses("camera", "lost"), 30)
        assert "none is connected" in listener.statuses("camera", "lost")[-1].message
    finally:
        code, output = process.stop()
    assert code == 0, output


def test_an_unknown_source_refuses_to_start():
    code, output = NodeProcess("camera", source="webcam").finish()
    assert code == 1
    assert "expected one of ['realsense', 'playback', 'sim'], got 'webcam'" in output
