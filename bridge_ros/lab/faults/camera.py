"""Cameras that are silent, lie about the time, or see nothing."""

from __future__ import annotations

from bridge_ros.expert.loop import ExpertLoopSettings
from bridge_ros.lab.faults.fault import Expectation, Fault, ToldFault
from bridge_ros.settings.control_period import CONTROL_PERIOD_S

_BORNE_S = ExpertLoopSettings().max_cloud_age_s + CONTROL_PERIOD_S
"""So old may a depth image be that the expert acts on."""
_SEEN_S = 0.2
"""Until a frame of the new kind is there: a period of 0.09 s, and the way from the lens."""


def camera_faults() -> tuple[Fault, ...]:
    """What a camera may do while its node is well."""
    return (
        _fault("camera_stalled", "frames cease to come", "stalled", detect_s=_BORNE_S),
        _fault("camera_unplugged", "reading it fails at once", "unplugged", detect_s=_BORNE_S),
        _fault("camera_in_the_past", "stamps 5 s in the past", "clock -5", detect_s=_SEEN_S),
        _fault("camera_in_the_future", "stamps 5 s in the future", "clock +5", detect_s=_SEEN_S),
        _fault("camera_without_depth", "depth images of zeros", "no depth", detect_s=_SEEN_S),
        _fault(
            "camera_black_in_motion",
            "colour images turn black in motion, which needs depth alone",
            "black",
            expect=Expectation.CARRY_ON,
        ),
        _fault(
            "camera_black",
            "black colour images before the sentence",
            "black",
            expect=Expectation.REFUSE,
        ),
        _fault(
            "camera_resolution",
            "320x240 of a sudden, with a camera_info that says so",
            "half",
            expect=Expectation.CARRY_ON,
        ),
    )


def _fault(
    name: str,
    what: str,
    word: str,
    *,
    expect: Expectation = Expectation.HOLD,
    detect_s: float = 0.0,
) -> Fault:
    return ToldFault(
        name=name, what=what, node="camera", word=word, expect=expect, detect_s=detect_s
    )
