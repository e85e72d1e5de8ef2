import numpy as np
import pytest
from fake_devices import Anywhere, FakeArm
from scipy.spatial.transform import Rotation

from bridge_ros.control.target_checks import (
    PoseTarget,
    TargetChecks,
    TargetLimits,
)
from bridge_ros.errors import ConfigError
from bridge_ros.status import Refusal, RefusedTarget

PRESENT = np.array([0.5, 0.0, 0.3, 1.0, 0.0, 0.0, 0.0])


def target(pose=PRESENT, *, frame_id="base", stamp_s=10.0, age_s=0.01, arrived_s=100.0):
    return PoseTarget(
        pose=np.asarray(pose, dtype=float),
        frame_id=frame_id,
        stamp_s=stamp_s,
        age_s=age_s,
        arrived_s=arrived_s,
    )


def arm_at(pose):
    arm = FakeArm()
    arm.pose = pose
    return arm.state()


def checks_of(limits=None, reach=None):
    return TargetChecks(limits or TargetLimits(), reach or Anywhere())


def moved(dx=0.0, dy=0.0, dz=0.0, turn_rad=0.0):
    rotation = Rotation.from_rotvec([0, 0, turn_rad]) * Rotation.from_quat(PRESENT[3:])
    return np.concatenate([PRESENT[:3] + [dx, dy, dz], rotation.as_quat()])


AT_REST = arm_at(PRESENT)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (target(frame_id="camera_link"), Refusal.FRAME),
        (target(frame_id=""), Refusal.FRAME),
        (target([np.nan, *PRESENT[1:]]), Refusal.NOT_FINITE),
        (target([*PRESENT[:3], np.inf, 0, 0, 0]), Refusal.NOT_FINITE),
        (target(PRESENT[:6]), Refusal.NOT_FINITE),
        (target(age_s=np.nan), Refusal.NOT_FINITE),
        (target([*PRESENT[:3], 0, 0, 0, 0]), Refusal.QUATERNION),
        (target([*PRESENT[:3], 1.1, 0, 0, 0]), Refusal.QUATERNION),
        (target(age_s=0.151), Refusal.STALE),
        (target(age_s=-0.051), Refusal.FUTURE),
        (target(moved(dx=0.26)), Refusal.WORKSPACE),
        (target(moved(dz=-0.31)), Refusal.WORKSPACE),
        (target(moved(dy=0.051)), Refusal.STEP),
        (target(moved(turn_rad=0.36)), Refusal.STEP),
        (target(moved(turn_rad=np.pi)), Refusal.STEP),
    ],
)
def test_a_target_that_breaks_a_rule_is_refused_with_its_reason(bad, reason):
    checks = checks_of()
    with pytest.raises(RefusedTarget, match="target") as caught:
        checks.accept(bad, AT_REST)
    assert caught.value.reason is reason
    assert checks.last is None


@pytest.mark.parametrize(
    "good",
    [
        target(),
        target(age_s=0.149),
        target(age_s=-0.049),
        target(moved(dx=0.049)),
        target(moved(turn_rad=0.34)),
        target([*PRESENT[:3], -1.0, 0, 0, 0]),
    ],
)
def test_a_target_within_the_rules_is_accepted(good):
    assert checks_of().accept(good, AT_REST).arrived_s == good.arrived_s


@pytest.mark.parametrize("broken", [0, 3])
def test_beside_a_measurement_that_is_no_number_nothing_is_accepted(broken):
    measured = PRESENT.copy()
    measured[broken] = np.nan
    with pytest.raises(RefusedTarget):
        checks_of().accept(target(), arm_at(measured))


def test_the_accepted_quaternion_is_normalised():
    accepted = checks_of().accept(target([*PRESENT[:3], 1.005, 0, 0, 0]), AT_REST)
    assert np.linalg.norm(accepted.pose[3:]) == pytest.approx(1.0)


def test_steps_are_measured_from_the_last_accepted_target():
    checks = checks_of()
    checks.accept(target(moved(dx=0.04), stamp_s=10.00), AT_REST)
    checks.accept(target(moved(dx=0.08), stamp_s=10.05), AT_REST)
    with pytest.raises(RefusedTarget, match="last target"):
        checks.accept(target(moved(dx=0.01), stamp_s=10.10), AT_REST)


def test_after_a_restart_steps_are_measured_from_the_present_pose():
    checks = checks_of()
    checks.accept(target(moved(dx=0.04), stamp_s=10.0), AT_REST)
    checks.restart()
    with pytest.raises(RefusedTarget, match="present pose"):
        checks.accept(target(moved(dx=0.06), stamp_s=10.05), AT_REST)


def test_targets_do_not_run_away_from_an_arm_that_is_blocked():
    checks = checks_of()
    for number in range(3):
        checks.accept(target(moved(dx=0.04 * (number + 1)), stamp_s=10 + number), AT_REST)
    with pytest.raises(RefusedTarget, match="ahead of the arm") as caught:
        checks.accept(target(moved(dx=0.16), stamp_s=14.0), AT_REST)
    assert caught.value.reason is Refusal.LEAD


def test_what_the_arm_does_not_reach_is_refused():
    class Nowhere:
        def allows(self, pose, joints):
            return False

    with pytest.raises(RefusedTarget, match="within reach") as caught:
        checks_of(reach=Nowhere()).accept(target(), AT_REST)
    assert caught.value.reason is Refusal.REACH


@pytest.mark.parametrize("behind_s", [0.0, 0.03])
def test_a_repeated_or_older_stamp_is_refused(behind_s):
    checks = checks_of()
    checks.accept(target(stamp_s=10.0), AT_REST)
    with pytest.raises(RefusedTarget) as caught:
        checks.accept(target(stamp_s=10.0 - behind_s), AT_REST)
    assert caught.value.reason is Refusal.ORDER


def test_a_clock_that_was_set_back_does_not_lock_targets_out():
    checks = checks_of()
    checks.accept(target(stamp_s=10.0), AT_REST)
    checks.accept(target(stamp_s=5.0), AT_REST)


def test_a_target_is_only_as_fresh_as_its_stamp():
    assert target(age_s=0.1, arrived_s=50.0).fresh_s == pytest.approx(49.9)
    assert target(age_s=-0.04, arrived_s=50.0).fresh_s == 50.0


@pytest.mark.parametrize(
    "settings",
    [
        {"max_age_s": 0.0},
        {"max_future_s": -0.1},
        {"max_step_m": float("nan")},
        {"least_joint_room_rad": -0.1},
        {"least_dexterity": float("nan")},
        {"workspace_min_m": (0.8, 0.0, 0.0)},
        {"workspace_max_m": (0.8, 0.4)},
    ],
)
def test_unusable_limits_are_refused(settings):
    with pytest.raises(ConfigError, match="expected"):
        TargetLimits(**settings)
