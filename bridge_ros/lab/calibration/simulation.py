"""Calibrates a simulated camera and compares with the truth: no ROS, no waiting."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.spatial.transform import Rotation

from bridge_ros.errors import HardwareError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import (
    FloatArray,
    distance_between,
    pose_at,
    position_of,
    rotation_between,
    rotation_of,
)
from bridge_ros.hardware.fr3_reach import Fr3Reach
from bridge_ros.lab.calibration.calibration_cell import Look
from bridge_ros.lab.calibration.calibration_settings import CalibrationSettings
from bridge_ros.lab.calibration.collection import ViewCollection, collect_guided
from bridge_ros.lab.calibration.guided_poses import guided_poses
from bridge_ros.lab.calibration.solution import Calibration, calibrate

if TYPE_CHECKING:
    from bridge_ros.sim.world import World

_WIDTH_M = 0.100
_ACCURATE_M = 0.002
_ACCURATE_RAD = float(np.radians(0.2))


@dataclass(frozen=True, kw_only=True)
class Imperfections:
    """What a real cell adds to geometry.

    Attributes:
        guess_m, guess_rad: how far the camera is from where it is thought to be, at most, along
            and about each axis.
        hand_m, hand_rad: standard deviation of the hand's measured pose along and about each axis;
            the FR3 repeats poses to 0.1 mm.
        lens_px: blur of a lens in focus, standard deviation.
        grey_levels: standard deviation of the pixels' noise.
    """

    guess_m: float = 0.05
    guess_rad: float = 0.04
    hand_m: float = 0.0001
    hand_rad: float = 0.0003
    lens_px: float = 0.6
    grey_levels: float = 2.0


class SimulatedCell:
    """An arm that is where it is told to be, and a rendered camera; implements `CalibrationCell`.

    Close it, or use it in a `with` statement.

    Args:
        seed: of the board's place in the hand, the camera's pose, light and noise.
    """

    def __init__(self, seed: int, imperfections: Imperfections | None = None) -> None:
        from bridge_ros.sim.registry import make_scene
        from bridge_ros.sim.rendering.renderer import RgbdRenderer
        from bridge_ros.sim.workcell import CAMERA_OPTICAL_POSE
        from bridge_ros.sim.world import World

        self._imperfections = imperfections or Imperfections()
        self._rng = np.random.default_rng([seed, 1])
        self.guess: FloatArray = CAMERA_OPTICAL_POSE
        off = self._imperfections
        self.truth = _moved(
            self.guess,
            self._rng.uniform(-off.guess_m, off.guess_m, 3),
            self._rng.uniform(-off.guess_rad, off.guess_rad, 3),
        )
        self._world: World = World(make_scene("calibration", seed), optical_pose=self.truth)
        self._data = self._world.new_data()
        self._world.set_gripper_width(self._data, _WIDTH_M)
        self._renderer = RgbdRenderer(self._world, noise=None)
        self.reach = Fr3Reach(
            flange_to_tcp=self._world.gripper.flange_to_tcp, home_joints=self._world.initial_q
        )
        self._joints = np.array(self._world.initial_q)

    @property
    def intrinsics(self) -> Intrinsics:
        """See `CalibrationCell`."""
        return self._world.intrinsics

    @property
    def held_board(self) -> FloatArray:
        """`(7,)` where the board truly is in the hand."""
        held = self._world.scene.held_board
        assert held is not None, "the scene has one"
        return held.ee_from_board

    def ee_pose(self) -> FloatArray:
        """See `CalibrationCell`; with the arm's noise."""
        off = self._imperfections
        return _moved(
            self.reach.tcp_pose(self._joints),
            self._rng.normal(0.0, off.hand_m, 3),
            self._rng.normal(0.0, off.hand_rad, 3),
        )

    def picture(self) -> NDArray[np.uint8]:
        """See `CalibrationCell`."""
        off = self._imperfections
        self._data.qpos[:7] = self._joints
        image = self._renderer.render(self._data.qpos, 0.0).rgb.astype(np.float64)
        image = gaussian_filter(image, (off.lens_px, off.lens_px, 0.0))
        image += self._rng.normal(0.0, off.grey_levels, image.shape)
        return np.clip(np.rint(image), 0, 255).astype(np.uint8)

    def look(self) -> Look:
        """See `CalibrationCell`."""
        return Look(rgb=self.picture(), ee_pose=self.ee_pose())

    def move_to(self, pose: FloatArray) -> None:
        """See `CalibrationCell`; at once."""
        joints = self.reach.way(self.reach.tcp_pose(self._joints), pose, self._joints)
        if joints is None:
            raise HardwareError(f"simulated arm: {pose.round(3).tolist()} is out of reach")
        self._joints = joints

    def close(self) -> None:
        """Free the renderer."""
        self._renderer.close()

    def __enter__(self) -> SimulatedCell:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, kw_only=True)
class SimulatedCalibration:
    """A calibration, and how far from the truth it is."""

    calibration: Calibration
    views: int
    position_error_m: float
    rotation_error_rad: float
    board_error_m: float

    @property
    def accurate(self) -> bool:
        """Whether it is within 2 mm and 0.2 degrees of the truth."""
        return self.position_error_m <= _ACCURATE_M and self.rotation_error_rad <= _ACCURATE_RAD

    def figures(self) -> dict[str, object]:
        """For JSON."""
        found = self.calibration
        return {
            "accurate": self.accurate,
            "position_error_mm": round(1e3 * self.position_error_m, 3),
            "rotation_error_deg": round(float(np.degrees(self.rotation_error_rad)), 4),
            "board_in_hand_error_mm": round(1e3 * self.board_error_m, 3),
            "views_used": int(np.count_nonzero(found.used)),
            "rms_px": round(found.rms_px, 3),
            "position_std_mm": round(1e3 * found.position_std_m, 3),
            "rotation_std_deg": round(float(np.degrees(found.rotation_std_rad)), 4),
            "verdict": found.verdict.grade,
        }


def calibrate_simulated(
    seed: int,
    settings: CalibrationSettings | None = None,
    *,
    imperfections: Imperfections | None = None,
    out: Path | None = None,
) -> SimulatedCalibration:
    """Calibrate the simulated camera of a seed, from a guess that is centimetres off.

    Raises:
        CalibrationError: if the views are of no use.
    """
    settings = settings or CalibrationSettings()
    with SimulatedCell(seed, imperfections) as cell:
        poses = guided_poses(
            cell.reach.tcp_pose(np.array(cell.reach.home_joints)),
            cell.guess,
            board=settings.board,
            intrinsics=cell.intrinsics,
            reach=cell.reach,
            settings=settings.guidance,
        )
        collection = ViewCollection(settings, cell.intrinsics, out)
        collect_guided(cell, poses, collection)
        found = calibrate(
            collection.views,
            settings.board,
            cell.intrinsics,
            limits=settings.views,
            verdict_limits=settings.verdict,
        )
        held = cell.held_board
    return SimulatedCalibration(
        calibration=found,
        views=len(collection.views),
        position_error_m=distance_between(found.base_from_optical, cell.truth),
        rotation_error_rad=rotation_between(found.base_from_optical, cell.truth),
        board_error_m=distance_between(found.ee_from_board, held),
    )


def _moved(pose: FloatArray, shift_m: FloatArray, turn_rad: FloatArray) -> FloatArray:
    turned = rotation_of(pose) * Rotation.from_rotvec(turn_rad)
    return pose_at(position_of(pose) + shift_m, turned)
