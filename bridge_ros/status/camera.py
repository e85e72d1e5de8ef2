"""The camera node's states, and the reasons for them."""

from __future__ import annotations

from bridge_ros.status.cause import Reason
from bridge_ros.status.word import Word


class CameraState(Word):
    """States on /bridge/status with the source camera."""

    STREAMING = "streaming"
    LOST = "lost"


class CameraReason(Reason):
    """Why the camera node is in its state."""

    FRAMES_FLOW = "frames_flow", "frames from {source}"
    NO_FRAMES = "no_frames", "{why}"
