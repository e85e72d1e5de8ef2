"""Who speaks on /bridge/status."""

from __future__ import annotations

from bridge_ros.status.word import Word


class Source(Word):
    """The nodes of a deployment, by their names."""

    CAMERA = "camera"
    PLANNER = "planner"
    TRAJECTORY = "trajectory"
    EXPERT = "expert"
    CONTROLLER = "controller"
    SIM = "sim"
