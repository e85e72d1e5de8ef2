"""How patient the campaign's deployment is, where that is not what ships."""

from __future__ import annotations

from bridge_ros.hardware.arm_settings import ArmSettings

ROBOT_SILENCE_S = ArmSettings().state_timeout_s
"""A robot that is silent for so long counts as lost: a real one's, not the simulation's longer."""
THINK_TIMEOUT_S = 15.0
"""Shorter than usual, so that a planner's slowness shows sooner."""
