"""The gripper's motor, on two free masses and against a wall."""

import pytest

from bridge_ros.sim.fingers import FingerDrive

DT_S = 0.001
MASS_KG = 0.29


class Jaws:
    """Two sliding masses, with something stiff of a width between them."""

    def __init__(self, width_m, object_width_m=0.0):
        self.drive = FingerDrive(width_m=width_m, stroke_m=0.110)
        self.positions = [width_m / 2, width_m / 2]
        self.speeds = [0.0, 0.0]
        self.stop = object_width_m / 2
        self.forces = []
        self.top_speed = 0.0

    def run(self, seconds):
        for _ in range(round(seconds / DT_S)):
            forces = self.drive.step(tuple(self.positions), tuple(self.speeds), DT_S)
            self.forces.append(forces)
            for i in (0, 1):
                push = 1e5 * max(0.0, self.stop - self.positions[i])
                push -= 300.0 * self.speeds[i] if push else 8.0 * self.speeds[i]
                self.speeds[i] += DT_S * (forces[i] + push) / MASS_KG
                self.positions[i] += DT_S * self.speeds[i]
            self.top_speed = max(self.top_speed, abs(sum(self.speeds)))


def test_free_fingers_travel_to_their_goal_at_the_asked_speed():
    jaws = Jaws(0.110)
    jaws.drive.set_goal(0.050, 0.1, 40.0)
    jaws.run(0.3)
    assert jaws.drive.width_m == pytest.approx(0.080, abs=0.004)
    assert jaws.drive.moving
    jaws.run(0.7)
    assert jaws.drive.width_m == pytest.approx(0.050, abs=5e-4)
    assert not jaws.drive.moving
    assert jaws.top_speed < 0.13


def test_blocked_fingers_press_with_the_asked_force_and_no_more():
    jaws = Jaws(0.090, object_width_m=0.045)
    jaws.drive.set_goal(0.0, 0.1, 40.0)
    jaws.run(1.5)
    assert jaws.drive.width_m == pytest.approx(0.045, abs=1e-3)
    assert jaws.drive.force_n == pytest.approx(40.0, rel=0.02)
    assert max(abs(force) for pair in jaws.forces for force in pair) <= 40.0


def test_a_goal_just_inside_the_object_still_grips_with_all_of_the_force():
    """The gripper's driver asks for a width a few millimetres ahead of the fingers only."""
    jaws = Jaws(0.060, object_width_m=0.045)
    jaws.drive.set_goal(0.042, 0.1, 40.0)
    jaws.run(1.5)
    assert jaws.drive.force_n == pytest.approx(40.0, rel=0.02)


def test_fingers_open_again_at_once_after_gripping():
    jaws = Jaws(0.060, object_width_m=0.045)
    jaws.drive.set_goal(0.0, 0.1, 40.0)
    jaws.run(1.0)
    jaws.drive.set_goal(0.080, 0.2, 40.0)
    jaws.run(0.4)
    assert jaws.drive.width_m == pytest.approx(0.080, abs=1e-3)


def test_goals_beyond_the_stroke_end_at_it():
    jaws = Jaws(0.100)
    jaws.drive.set_goal(0.5, 0.2, 40.0)
    jaws.run(0.5)
    assert jaws.drive.width_m == pytest.approx(0.110, abs=5e-4)
