"""What is measured of a fault: hold, rest, and motion after the hold was due."""

import numpy as np
import pytest

from bridge_ros.lab.faults.measurement import (
    Said,
    Track,
    motion_after_m,
    peak_speed_m_s,
    sayings,
    time_to_hold_s,
    time_to_rest_s,
)

FAULT_S = 100.0


def said(at_s, state, message="", source="controller"):
    return Said(at_s=at_s, source=source, state=state, reason="", message=message)


def braking(rest_s):
    """0.2 m/s until the fault, then evenly slower until rest; 50 Hz."""
    times = np.arange(99.0, 103.0, 0.02)
    since = np.clip(times - FAULT_S, 0.0, rest_s)
    way = 0.2 * np.minimum(times - FAULT_S, 0.0) + 0.2 * (since - since**2 / (2 * rest_s))
    return Track(times_s=times, robot_times_s=times, positions=np.outer(way, [0.6, 0.0, -0.8]))


def test_a_hold_counts_from_the_fault_on_and_by_the_controller_alone():
    heard = [
        said(99.0, "hold", "no target yet"),
        said(100.05, "failed", "lost", source="planner"),
        said(100.10, "active"),
        said(100.18, "hold", "waiting for the camera node"),
    ]
    assert time_to_hold_s(heard, FAULT_S) == pytest.approx(0.18)
    assert time_to_hold_s(heard[:3], FAULT_S) is None


def test_what_was_said_is_the_first_of_each_kind_of_trouble_after_the_fault():
    heard = [
        said(99.0, "hold", "earlier"),
        said(100.1, "hold", "first"),
        said(100.2, "hold", "again"),
        said(100.3, "executing", "fine", source="planner"),
        said(101.0, "failed", "the arm holds", source="planner"),
    ]
    assert sayings(heard, FAULT_S) == (
        "controller hold: first",
        "planner failed: the arm holds",
    )


def test_what_was_said_before_the_fault_already_is_not_of_it():
    stale = "the arm is stopped"
    heard = [said(at_s, "failed", stale, source="planner") for at_s in (99.0, 100.5)]
    assert sayings(heard, FAULT_S) == ()
    heard.append(said(101.0, "failed", "no answer within 15 s", source="planner"))
    assert sayings(heard, FAULT_S) == ("planner failed: no answer within 15 s",)


def test_rest_and_motion_after_are_those_of_a_braking_arm():
    track = braking(rest_s=0.5)
    assert time_to_rest_s(track, FAULT_S) == pytest.approx(0.475, abs=0.03)
    # Braking evenly from 0.2 m/s it has 18 mm to go after 0.2 s, and nothing after half a second.
    assert motion_after_m(track, FAULT_S + 0.2) == pytest.approx(0.018, abs=1e-3)
    assert motion_after_m(track, FAULT_S + 0.5) == pytest.approx(0.0, abs=1e-4)
    assert peak_speed_m_s(track.between(FAULT_S - 0.5, FAULT_S)) == pytest.approx(0.2)


def test_stamps_that_are_a_little_off_are_no_lurch():
    even = np.arange(0.0, 1.0, 0.005)
    stamps = even + np.random.default_rng(0).uniform(-0.002, 0.002, len(even))
    way = np.outer(0.2 * even, [1.0, 0.0, 0.0])
    track = Track(times_s=stamps, robot_times_s=np.sort(stamps), positions=way)
    assert track.speeds_m_s().max() > 0.35
    assert peak_speed_m_s(track) < 0.22


def test_a_simulation_that_catches_up_is_no_lurch_either_and_a_real_one_is():
    robot = np.arange(0.0, 1.0, 0.005)
    way = np.outer(0.2 * robot, [1.0, 0.0, 0.0])
    wall = np.where(robot < 0.5, robot, np.maximum(0.7, 0.7 + (robot - 0.5) / 2.0))
    assert peak_speed_m_s(Track(times_s=wall, robot_times_s=robot, positions=way)) == pytest.approx(
        0.2
    )
    way[100:] += [0.02, 0.0, 0.0]
    assert peak_speed_m_s(Track(times_s=wall, robot_times_s=robot, positions=way)) > 0.5


def test_of_a_simulation_that_stood_still_its_last_place_counts():
    track = braking(rest_s=0.5)
    gone = (track.times_s > FAULT_S) & (track.times_s < FAULT_S + 2.0)
    times, way = track.times_s[~gone], track.positions[~gone]
    frozen = Track(times_s=times, robot_times_s=times, positions=way)
    assert motion_after_m(frozen, FAULT_S + 0.3) == pytest.approx(0.05, abs=1e-3)
    before = frozen.until_gone(FAULT_S)
    assert before.times_s[-1] <= FAULT_S
    assert motion_after_m(before, FAULT_S + 0.3) == 0.0
