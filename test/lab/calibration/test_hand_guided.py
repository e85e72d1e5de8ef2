"""A person types, and views come and go."""

import numpy as np
import pytest
from synthetic_views import INTRINSICS, UPRIGHT

from bridge_ros.camera.calibration_board import Board
from bridge_ros.errors import BridgeError
from bridge_ros.lab.calibration.calibration_cell import Look
from bridge_ros.lab.calibration.calibration_settings import CalibrationSettings
from bridge_ros.lab.calibration.collection import ViewCollection
from bridge_ros.lab.calibration.errors import MovingArmError
from bridge_ros.lab.calibration.hand_guided import collect_by_hand

BOARD = Board()


class HeldStill:
    """A cell whose arm does not move, its board flat before the camera; implements the Protocol."""

    intrinsics = INTRINSICS
    trembling = False

    def __init__(self):
        pattern = BOARD.to_cv().generateImage((420, 300))
        self._rgb = np.full((480, 640, 3), 255, dtype=np.uint8)
        self._rgb[90:390, 110:530] = pattern[..., None]

    def ee_pose(self):
        return UPRIGHT

    def picture(self):
        return self._rgb

    def look(self):
        if self.trembling:
            raise MovingArmError("view: the hand moved")
        return Look(rgb=self._rgb, ee_pose=UPRIGHT)

    def move_to(self, pose):
        raise AssertionError("the person moves the arm")


def collect(*typed, cell=None):
    """What was said, and how many views there are in the end."""
    said = []
    collection = ViewCollection(CalibrationSettings(), INTRINSICS)
    lines = iter(typed)
    collect_by_hand(cell or HeldStill(), collection, lambda: next(lines), said.append)
    return said, len(collection.views)


def test_enter_takes_a_view_and_a_second_one_from_there_is_refused():
    said, count = collect(None, "", "", "d")
    assert count == 1
    assert said[1] == "view 1 taken"
    assert "too similar to view 1" in said[2]


def test_the_last_view_can_be_forgotten():
    said, count = collect("", "u", "u", "d")
    assert count == 0
    assert said[2:] == ["0 views are left", "0 views are left"]


def test_a_trembling_hand_takes_no_view_and_may_try_again():
    cell = HeldStill()
    cell.trembling = True
    said, count = collect("", "d", cell=cell)
    assert count == 0
    assert "the hand moved" in said[1]


def test_giving_up_writes_nothing():
    with pytest.raises(BridgeError, match="nothing was written"):
        collect("", "q")


def test_an_unknown_word_tells_the_keys():
    said, _ = collect("what", "d")
    assert "'what'? Enter: take a view" in said[1]
