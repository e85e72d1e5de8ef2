"""Guided poses show the whole board, are within reach, and differ."""

import dataclasses

import numpy as np
import pytest

from bridge_ros.camera.calibration_board import Board
from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import compose, invert, look_at, rotation_between, transform_points
from bridge_ros.hardware.fr3_reach import Fr3Reach
from bridge_ros.hardware.gripper_model import GripperModel
from bridge_ros.lab.calibration.errors import FewViewsError
from bridge_ros.lab.calibration.guided_poses import GuidedPosesSettings, guided_poses
from bridge_ros.lab.calibration.view_checks import ViewLimits
from bridge_ros.sim.rendering.d435 import D435_INTRINSICS
from bridge_ros.sim.workcell import CAMERA_OPTICAL_POSE
from bridge_ros.sim.world import HOME_JOINTS

BOARD = Board()
REACH = Fr3Reach(flange_to_tcp=GripperModel.load().flange_to_tcp, home_joints=HOME_JOINTS)
UPRIGHT = REACH.tcp_pose(np.array(HOME_JOINTS))
SETTINGS = GuidedPosesSettings(candidates=150, poses=12)


def poses_for(camera, settings=SETTINGS, start=UPRIGHT):
    return guided_poses(
        start,
        camera,
        board=BOARD,
        intrinsics=D435_INTRINSICS,
        reach=REACH,
        settings=settings,
    )


@pytest.fixture(scope="module")
def poses():
    return poses_for(CAMERA_OPTICAL_POSE)


def test_every_pose_shows_the_whole_board_above_the_table(poses):
    for pose in poses:
        outline = transform_points(compose(pose, SETTINGS.ee_from_board), BOARD.outline_m)
        assert outline[:, 2].min() >= SETTINGS.floor_m
        pixels = D435_INTRINSICS.project(transform_points(invert(CAMERA_OPTICAL_POSE), outline))
        assert pixels.min() >= 15.0
        assert (pixels <= [640 - 15, 480 - 15]).all()


def test_every_pose_lies_in_the_box(poses):
    for pose in poses:
        assert SETTINGS.workspace.contains(pose[:3])


def test_no_two_poses_are_too_similar(poses):
    limits = ViewLimits()
    for index, pose in enumerate(poses):
        for other in poses[:index]:
            assert (
                rotation_between(pose, other) >= limits.min_turn_rad
                or np.linalg.norm(pose[:3] - other[:3]) >= limits.min_shift_m
            )


def test_every_straight_way_between_them_is_within_reach(poses):
    here, joints = UPRIGHT, np.array(HOME_JOINTS)
    for pose in poses:
        joints = REACH.way(here, pose, joints)
        assert joints is not None
        here = pose


def test_from_elsewhere_the_way_leads_over_the_upright_pose():
    start = UPRIGHT + [0.1, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0]
    np.testing.assert_allclose(poses_for(CAMERA_OPTICAL_POSE, start=start)[0], UPRIGHT)


def test_a_camera_that_looks_elsewhere_is_told():
    away = look_at((1.2, 0.0, 0.7), (2.0, 0.0, 0.0))
    with pytest.raises(FewViewsError, match=r"0 of 40 fit.*--extrinsics"):
        poses_for(away, dataclasses.replace(SETTINGS, candidates=40))


@pytest.mark.parametrize(
    "bad",
    [
        {"poses": 2},
        {"ee_from_board_xyzw": (1.0, 1.0, 0.0, 0.0)},
        {"ee_from_board_m": (0.0, 0.0)},
        {"workspace_min_m": (0.9, 0.0, 0.0)},
    ],
)
def test_impossible_settings_are_refused(bad):
    with pytest.raises(ConfigError, match="expected"):
        GuidedPosesSettings(**bad)
