"""The simulated cell as a MuJoCo model, without any server: for rendering, planning and training.

Usage::

    world = World(make_scene("tabletop", seed=0))  # bridge_ros.sim.registry
    data = world.new_data()                       # arm at home, objects where the scene puts them
    with RgbdRenderer(world) as renderer:         # bridge_ros.sim.rendering.renderer
        frame = renderer.render(data.qpos, stamp_s=0.0)
    world.object_pose(data, "red cube")           # (7,), base frame
    world.optical_pose                            # (7,), camera_color_optical_frame in base
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mujoco
import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, position_of
from bridge_ros.hardware.gripper_model import GripperModel
from bridge_ros.sim.rendering.d435 import D435_INTRINSICS
from bridge_ros.sim.scenes.scene import Scene
from bridge_ros.sim.simulator import ROBOT_PREFIX, CellSimulator
from bridge_ros.sim.workcell import CAMERA_OPTICAL_POSE

HOME_JOINTS = (0.0, -0.57160, 0.0, -1.96601, 0.0, 1.39441, 0.78540)
"""[rad]; puts the tool centre point at (0.35, 0, 0.45), pointing down, fingers opening along y."""


class World:
    """A scene in the cell, compiled; holds no state that changes.

    Args:
        scene: the objects, their initial poses and the light.
        initial_q: seven joint angles [rad] at which the arm starts.
        gripper: what is on the flange; the UMI gripper of `models/` by default.
        optical_pose: `(7,)` of the camera, base frame.

    Attributes:
        scene: as given.
        model: the MuJoCo model.
        intrinsics, optical_pose: of the rendered camera.
        arm_qpos, arm_dofs: where the arm's seven joints are in `qpos` and in `qvel`.
        finger_qpos, finger_dofs: the same of the two fingers.
        hand, fingers: ids of the bodies of the gripper's base and of its two fingers.

    Raises:
        ConfigError: for joints that are not seven.
    """

    def __init__(
        self,
        scene: Scene,
        *,
        initial_q: Sequence[float] = HOME_JOINTS,
        gripper: GripperModel | None = None,
        optical_pose: FloatArray = CAMERA_OPTICAL_POSE,
    ) -> None:
        if len(initial_q) != 7:
            raise ConfigError(f"initial joints: expected 7 angles, got {len(initial_q)}")
        self.scene = scene
        self.gripper = gripper or GripperModel.load()
        self.intrinsics: Intrinsics = D435_INTRINSICS
        self.optical_pose = optical_pose
        self.initial_q = tuple(initial_q)
        self.model = mujoco.MjModel.from_xml_string(self.make_simulator().to_xml())
        arm = [self.model.joint(f"{ROBOT_PREFIX}fr3_joint{number}") for number in range(1, 8)]
        fingers = [self.model.joint(f"{ROBOT_PREFIX}finger_joint{number}") for number in (1, 2)]
        self.arm_qpos, self.arm_dofs = _addresses(arm)
        self.finger_qpos, self.finger_dofs = _addresses(fingers)
        self.hand = int(self.model.body(f"{ROBOT_PREFIX}hand").id)
        self.fingers = [
            int(self.model.body(f"{ROBOT_PREFIX}{side}_finger").id) for side in ("left", "right")
        ]
        self._tcp_m = np.array(position_of(self.gripper.flange_to_tcp))

    def make_simulator(self) -> CellSimulator:
        """A fresh simulator of this world, not started: what franky-sim's server runs."""
        return CellSimulator(
            self.scene,
            initial_q=self.initial_q,
            gripper=self.gripper,
            intrinsics=self.intrinsics,
            optical_pose=self.optical_pose,
        )

    def new_data(self) -> mujoco.MjData:
        """A state: the arm at its initial joints, the gripper open, every object in place."""
        data = mujoco.MjData(self.model)
        data.qpos[self.arm_qpos] = self.initial_q
        self.set_gripper_width(data, self.gripper.stroke_m)
        mujoco.mj_forward(self.model, data)
        return data

    def set_gripper_width(self, data: mujoco.MjData, width_m: float) -> None:
        """Put the fingers at an opening; takes effect with the next `mj_forward`."""
        data.qpos[self.finger_qpos] = width_m / 2.0

    def gripper_width(self, data: mujoco.MjData) -> float:
        """Opening between the fingers [m]."""
        one, two = self.finger_qpos
        return float(data.qpos[one]) + float(data.qpos[two])

    def tcp_frame(self, data: mujoco.MjData) -> tuple[FloatArray, FloatArray]:
        """Position `(3,)` and rotation matrix `(3, 3)` of the tool centre point, base frame.

        Args:
            data: after `mj_kinematics`, or what does more.
        """
        rotation = data.xmat[self.hand].reshape(3, 3)
        return data.xpos[self.hand] + rotation @ self._tcp_m, rotation

    def ee_pose(self, data: mujoco.MjData) -> FloatArray:
        """Pose `(7,)` of the tool centre point, base frame; see `tcp_frame`."""
        position, rotation = self.tcp_frame(data)
        return np.concatenate([position, Rotation.from_matrix(rotation).as_quat()])

    def object_pose(self, data: mujoco.MjData, name: str) -> FloatArray:
        """Pose `(7,)` of an object's frame, base frame."""
        return self._pose_at(data.qpos, self.scene.object(name).name)

    def object_poses(self, data: mujoco.MjData) -> dict[str, FloatArray]:
        """Poses of all objects by name."""
        return self.object_poses_at(data.qpos)

    def object_poses_at(self, qpos: FloatArray) -> dict[str, FloatArray]:
        """Poses of all objects by name, read from generalised positions `(nq,)`."""
        return {thing.name: self._pose_at(qpos, thing.name) for thing in self.scene.objects}

    def handle_poses_at(self, qpos: FloatArray) -> dict[str, FloatArray]:
        """Poses of the furniture's handles by name, read from generalised positions `(nq,)`."""
        return {
            piece.name: piece.handle_pose(float(qpos[self.model.joint(piece.name).qposadr[0]]))
            for piece in self.scene.furniture
        }

    def _pose_at(self, qpos: FloatArray, name: str) -> FloatArray:
        start = int(self.model.joint(name).qposadr[0])
        x, y, z, qw, qx, qy, qz = qpos[start : start + 7]
        return np.array([x, y, z, qx, qy, qz, qw])


def _addresses(joints: Sequence[Any]) -> tuple[list[int], list[int]]:
    """Where joints of one degree of freedom are in `qpos` and in `qvel`."""
    return [int(j.qposadr[0]) for j in joints], [int(j.dofadr[0]) for j in joints]
