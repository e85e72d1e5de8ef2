"""A rendered board in the simulated gripper: the camera is found, and bad views are refused."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from bridge_ros.lab.calibration.calibration_settings import CalibrationSettings
from bridge_ros.lab.calibration.collection import PREVIEW, ViewCollection, collect_guided
from bridge_ros.lab.calibration.errors import (
    BlurredViewError,
    BoardNotFoundError,
    FewViewsError,
    SimilarViewError,
    SimilarViewsError,
)
from bridge_ros.lab.calibration.guided_poses import GuidedPosesSettings, guided_poses
from bridge_ros.lab.calibration.simulation import SimulatedCell, calibrate_simulated
from bridge_ros.lab.calibration.solution import calibrate
from bridge_ros.lab.calibration.view_checks import ViewLimits

SETTINGS = CalibrationSettings()


@pytest.fixture(scope="module")
def cell():
    with SimulatedCell(1000) as cell:
        yield cell


@pytest.fixture(scope="module")
def poses(cell):
    return guided_poses(
        cell.reach.tcp_pose(np.array(cell.reach.home_joints)),
        cell.guess,
        board=SETTINGS.board,
        intrinsics=cell.intrinsics,
        reach=cell.reach,
        settings=GuidedPosesSettings(poses=4, candidates=40),
    )


def test_the_camera_is_found_within_2_mm_and_a_fifth_of_a_degree():
    result = calibrate_simulated(1001, SETTINGS)
    assert result.position_error_m < 0.002
    assert result.rotation_error_rad < np.radians(0.2)
    assert result.figures()["accurate"] is True
    assert result.board_error_m < 0.002
    assert result.calibration.verdict.grade == "good"


@pytest.mark.parametrize("axis", [0, 1])
def test_a_picture_smeared_by_motion_is_refused(cell, poses, axis):
    cell.move_to(poses[0])
    look = cell.look()
    passing = [np.roll(look.rgb, step, axis=axis) for step in range(4)]
    smeared = dataclasses.replace(look, rgb=np.mean(passing, axis=0).astype(np.uint8))
    with pytest.raises(BlurredViewError, match="let the arm come to rest"):
        ViewCollection(SETTINGS, cell.intrinsics).add(smeared)


def test_two_views_from_one_pose_are_one(cell, poses):
    collection = ViewCollection(SETTINGS, cell.intrinsics)
    cell.move_to(poses[0])
    collection.add(cell.look())
    with pytest.raises(SimilarViewError, match="too similar to view 1"):
        collection.add(cell.look())
    assert len(collection.views) == 1


def test_a_view_without_the_board_is_refused_and_shown(cell, poses, tmp_path):
    collection = ViewCollection(SETTINGS, cell.intrinsics, tmp_path)
    cell.move_to(poses[0])
    rgb = np.full_like(cell.picture(), 90)
    assert "no marker is seen" in collection.preview(rgb, cell.ee_pose())
    with Image.open(tmp_path / PREVIEW) as picture:
        assert picture.size == (1280, 1024)
    assert collection.preview(cell.picture(), cell.ee_pose()) == ""
    with pytest.raises(BoardNotFoundError):
        collection._detector.detect(rgb)


def test_too_few_and_too_similar_views_are_refused(cell, poses, tmp_path):
    collection = ViewCollection(SETTINGS, cell.intrinsics, tmp_path)
    told = []
    collect_guided(cell, [poses[0], poses[0], poses[1]], collection, told.append)
    assert len(collection.views) == 2
    assert [name.name for name in sorted(tmp_path.glob("view_*.png"))] == [
        "view_01.png",
        "view_02.png",
    ]
    assert "passed over: view: too similar to view 1" in told[1]
    with pytest.raises(FewViewsError, match="2 usable views, expected at least 10"):
        calibrate(collection.views, SETTINGS.board, cell.intrinsics)
    few = ViewLimits(min_views=4)
    with pytest.raises(SimilarViewsError, match="too similar"):
        calibrate([collection.views[0]] * 5, SETTINGS.board, cell.intrinsics, limits=few)
