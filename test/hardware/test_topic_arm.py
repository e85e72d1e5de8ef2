import time

import numpy as np
import pytest
from simulated_robot import HAND

from bridge_ros.errors import ConfigError, HardwareError, ObservationError
from bridge_ros.hardware.arm import make_arm
from bridge_ros.hardware.arm_settings import ArmSettings
from bridge_ros.hardware.foreign_state import ForeignState
from bridge_ros.hardware.fr3_kinematics import tcp_pose
from bridge_ros.hardware.topic_arm import TopicArm
from bridge_ros.hardware.topic_settings import TopicSettings

JOINTS = np.array([0.0, -0.5716, 0.0, -1.966, 0.0, 1.3944, 0.7854])
POSE = tcp_pose(JOINTS, HAND.flange_to_tcp)


@pytest.fixture
def sent():
    return []


@pytest.fixture
def mailbox():
    return ForeignState()


@pytest.fixture
def arm(sent, mailbox):
    return TopicArm(TopicSettings(), send=sent.append, state=mailbox, tool=HAND)


def tell(mailbox, pose=POSE, age_s=0.0):
    now_s = time.monotonic()
    mailbox.put_joints(JOINTS, np.zeros(7), None, now_s - age_s)
    mailbox.put_pose(pose, now_s - age_s)


def test_without_a_state_it_does_not_connect(arm):
    with pytest.raises(HardwareError, match="joint_states: expected the arm's state, got nothing"):
        arm.connect()


def test_poses_are_sent_during_a_motion_only(arm, mailbox, sent):
    tell(mailbox)
    arm.connect()
    arm.follow(POSE, np.zeros(6))
    assert sent == []
    assert (arm.state().mode, arm.state().in_control) == ("idle", False)
    arm.start()
    arm.follow(POSE, np.zeros(6))
    assert len(sent) == 1
    assert (arm.state().mode, arm.state().in_control) == ("move", True)
    arm.stop()
    arm.follow(POSE, np.zeros(6))
    assert len(sent) == 1
    assert not arm.state().in_control


def test_a_state_that_grows_old_is_a_lost_arm(arm, mailbox):
    tell(mailbox)
    arm.connect()
    arm.start()
    tell(mailbox, age_s=0.5)
    with pytest.raises(HardwareError, match=r"expected a state of at most 0\.1 s, got one of 0\.5"):
        arm.state()
    with pytest.raises(HardwareError):
        arm.recover()


def test_a_pose_of_another_point_of_the_hand_is_refused(arm, mailbox):
    tell(mailbox, pose=POSE + [0.0, 0.0, 0.1, 0, 0, 0, 0])
    with pytest.raises(HardwareError, match="expected our tool centre point"):
        arm.connect()


def test_velocities_that_are_not_told_are_differences(mailbox):
    mailbox.put_joints(JOINTS, None, None, 1.0)
    mailbox.put_joints(JOINTS + 0.01, None, None, 1.1)
    joints, pose = mailbox.newest
    np.testing.assert_allclose(joints.velocities, 0.1)
    assert pose is None


def test_what_is_no_number_is_refused_and_not_kept(mailbox):
    tell(mailbox)
    with pytest.raises(ObservationError, match="finite"):
        mailbox.put_pose(np.full(7, np.nan), 2.0)
    with pytest.raises(ObservationError, match="finite"):
        mailbox.put_joints(np.full(7, np.nan), None, None, 2.0)
    joints, pose = mailbox.newest
    assert np.isfinite(joints.positions).all()
    np.testing.assert_allclose(pose.pose, POSE)


def test_outside_the_node_the_driver_is_refused():
    with pytest.raises(ConfigError, match=r"arm\.driver: expected 'franky'"):
        make_arm(ArmSettings(driver="topic"), tuple(JOINTS))


@pytest.mark.parametrize("values", [{"pose_topic": ""}, {"max_age_s": 0.0}])
def test_unusable_settings_are_refused(values):
    with pytest.raises(ConfigError, match="expected"):
        TopicSettings(**values)
