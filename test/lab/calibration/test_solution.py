"""The camera's pose follows from the views, wrong ones among them do no harm, and doubt is told."""

import dataclasses

import numpy as np
import pytest
from synthetic_views import BOARD, CAMERA, HELD, INTRINSICS, hands, moved, view_of, views_of

from bridge_ros.camera.calibration_board import Board
from bridge_ros.geometry.poses import rotation_between
from bridge_ros.lab.calibration.errors import FewViewsError, PoorCalibrationError
from bridge_ros.lab.calibration.hand_eye import hand_eye
from bridge_ros.lab.calibration.solution import calibrate


def errors_of(calibration):
    found = calibration.base_from_optical
    return np.linalg.norm(found[:3] - CAMERA[:3]), rotation_between(found, CAMERA)


def test_the_closed_form_is_exact_without_noise():
    camera, held = hand_eye(views_of(10, seed=1, noise_px=0.0))
    np.testing.assert_allclose(camera[:3], CAMERA[:3], atol=1e-4)
    np.testing.assert_allclose(held[:3], HELD[:3], atol=1e-4)
    assert rotation_between(camera, CAMERA) < 1e-4
    assert rotation_between(held, HELD) < 1e-4


@pytest.mark.parametrize("seed", range(4))
def test_the_pose_is_found_to_a_fraction_of_a_millimetre(seed):
    found = calibrate(views_of(14, seed=seed), BOARD, INTRINSICS)
    position_m, rotation_rad = errors_of(found)
    assert position_m < 1e-3
    assert rotation_rad < 1e-3
    assert found.used.all()
    assert found.verdict.grade == "good"
    assert found.rms_px == pytest.approx(0.2 * 2**0.5, rel=0.15)
    # What it says about its own error is of the right size.
    assert position_m < 5 * found.position_std_m
    assert np.linalg.norm(found.ee_from_board[:3] - HELD[:3]) < 1e-3


@pytest.mark.parametrize("count", [1, 3])
def test_views_with_a_wrong_pose_of_the_hand_are_left_out(count):
    views = views_of(16, seed=5)
    for index in range(count):
        wrong = moved(views[index].ee_pose, (0.0, 0.015, 0.01), (0.03, 0.0, 0.02))
        views[index] = dataclasses.replace(views[index], ee_pose=wrong)
    found = calibrate(views, BOARD, INTRINSICS)
    assert np.flatnonzero(~found.used).tolist() == list(range(count))
    assert errors_of(found)[0] < 1e-3
    assert found.view_rms_px[:count].min() > 5 * found.rms_px


def test_views_with_misplaced_corners_are_left_out():
    views = views_of(14, seed=6)
    detection = views[3].detection
    shifted = dataclasses.replace(detection, corners_px=detection.corners_px + [6.0, 0.0])
    views[3] = dataclasses.replace(views[3], detection=shifted)
    found = calibrate(views, BOARD, INTRINSICS)
    assert np.flatnonzero(~found.used).tolist() == [3]


def test_views_that_all_contradict_each_other_are_never_called_good():
    """As when the board slips in the gripper from view to view."""
    rng = np.random.default_rng(7)
    views = [
        view_of(hand, rng, held=moved(HELD, rng.normal(0, 0.01, 3), rng.normal(0, 0.03, 3)))
        for hand in hands(14, rng)
    ]
    try:
        verdict = calibrate(views, BOARD, INTRINSICS).verdict
    except (PoorCalibrationError, FewViewsError):
        return
    assert verdict.grade == "poor"
    assert "firm in the gripper" in str(verdict)


def test_a_board_printed_at_another_scale_is_noticed_and_told():
    printed = Board(square_m=0.97 * BOARD.square_m, marker_m=0.97 * BOARD.marker_m)
    found = calibrate(views_of(14, seed=8, board=printed), BOARD, INTRINSICS)
    assert found.board_scale == pytest.approx(0.97, abs=0.003)
    assert found.verdict.grade == "poor"
    assert "97.0 %" in str(found.verdict)


def test_a_camera_that_moved_in_between_is_not_called_good():
    rng = np.random.default_rng(9)
    poses = hands(14, rng)
    after = moved(CAMERA, (0.0, 0.02, 0.0), (0.0, 0.0, 0.02))
    views = [view_of(hand, rng) for hand in poses[:7]]
    views += [view_of(hand, rng, seen_from=after) for hand in poses[7:]]
    try:
        verdict = calibrate(views, BOARD, INTRINSICS).verdict
    except (PoorCalibrationError, FewViewsError):
        return
    assert verdict.grade != "good"
