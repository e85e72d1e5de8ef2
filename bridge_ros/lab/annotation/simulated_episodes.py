"""Draws episodes of the six tasks: the oracle's stages, carried out by setting the scene's state.

What is honest about them: every frame is rendered with the arm, by inverse kinematics, where it
really stands; with what it holds between the fingers; with things that were let go of where
gravity and contacts took them; with the D435's noise. What is left out is the dynamics of the
motion between two frames, which no record shows.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.demonstration import OperatorKind, write_folder, write_frame
from bridge_ros.demonstration.folder import EPISODE_FILE, FRAMES_FOLDER
from bridge_ros.geometry.poses import (
    FloatArray,
    compose,
    distance_between,
    invert,
    pose_at,
    position_of,
    quaternion_of,
    rotation_of,
)
from bridge_ros.lab.annotation.scripted_motion import ScriptedMotion
from bridge_ros.plan import BaseFramePlan, GripperAction
from bridge_ros.sim.arm_placing import place_arm
from bridge_ros.status import TaskOutcome
from bridge_ros.trajectory.trajectory_settings import TrajectorySettings

if TYPE_CHECKING:
    import mujoco

    from bridge_ros.sim.rendering.renderer import RgbdRenderer
    from bridge_ros.sim.tasks.task import Task
    from bridge_ros.sim.world import World

_MISS_SHARE = 0.08
_MISS_ABOVE_M = (0.05, 0.08)
_REACH_STD_M = 0.002
_REACH_STD_RAD = 0.02
_OPEN_WIDTH_M = TrajectorySettings().open_width_m
_PRESS_M = 0.0005
_SETTLE_STEPS = 400
_SHIFT_M = (0.012, 0.03)


def draw_episodes(task_name: str, seed: int, out: Path, *, arrangements: int) -> list[Path]:
    """Draw the episodes of one scene: as it is laid out, and with its things rearranged.

    Args:
        task_name, seed: of the scene.
        out: gets a folder an episode; those that are there already are left alone.
        arrangements: so many; compiling and preparing a scene takes longer than an episode.

    Returns:
        The episodes that reached their end; a task that does not is left out.
    """
    from bridge_ros.sim.registry import make_task
    from bridge_ros.sim.rendering.renderer import RgbdRenderer
    from bridge_ros.sim.world import World

    folders = [out / f"{task_name}-{seed}-{i}" for i in range(arrangements)]
    if all((folder / EPISODE_FILE).exists() for folder in folders):
        return folders
    task = make_task(task_name, seed)
    world = World(task.scene, optical_pose=task.optical_pose)
    with RgbdRenderer(world, seed=seed) as renderer:
        for i, folder in enumerate(folders):
            if (folder / EPISODE_FILE).exists():
                continue
            rng = np.random.default_rng([seed, i, 17])
            episode = _DrawnEpisode(world, task, renderer, rng, folder)
            if i:
                episode.rearrange()
            if not episode.carry_out():
                shutil.rmtree(folder)
    return [folder for folder in folders if folder.exists()]


class _DrawnEpisode:
    """One episode in the making."""

    def __init__(
        self,
        world: World,
        task: Task,
        renderer: RgbdRenderer,
        rng: np.random.Generator,
        folder: Path,
    ) -> None:
        from bridge_ros.sim.privileged_state import PrivilegedState

        class HeldState(PrivilegedState):
            """What is held is known rather than felt: nothing presses on anything here."""

            holding: str | None = None

            @property
            def held(self) -> str | None:
                return self.holding

            def fingers_touching(self, name: str) -> int:
                return 2 if name == self.holding else 0

        self._world, self._task, self._renderer, self._rng = world, task, renderer, rng
        self._folder = folder
        self._data: mujoco.MjData = world.new_data()
        self._contacts = PrivilegedState(world, self._data)
        self._state = HeldState(world, self._data)
        self._frames_s: list[float] = []
        self._subgoals: list[str] = []

    def rearrange(self) -> None:
        """Let the things change places, and choose another sentence."""
        rng, scene = self._rng, self._world.scene
        names = [thing.name for thing in scene.objects if thing.shape != "basket"]
        mirror = -1.0 if rng.random() < 0.5 and not scene.furniture else 1.0
        shift = rng.uniform(-1.0, 1.0, size=2) * _SHIFT_M * (not scene.furniture)
        for name, place in zip(names, rng.permutation(names), strict=True):
            at = scene.object(place).pose[:2] * [1.0, mirror] + shift
            yaw = rng.uniform(-np.pi, np.pi)
            self._put(name, np.array([*at, scene.object(name).pose[2], *_about_z(yaw)]))
        for thing in scene.objects:
            if thing.shape == "basket":
                pose = thing.pose.copy()
                pose[:2] = pose[:2] * [1.0, mirror] + shift
                self._put(thing.name, pose)
        self._forward()
        self._task.instruction = self._task.describe(rng)

    def carry_out(self) -> bool:
        """Stage by stage to the end, and save; whether there was an end."""
        log = ScriptedMotion(self._state.ee_pose, self._state.gripper_width)
        for _ in range(self._task.max_stages):
            self._look(log)
            plan = self._task.next_stage(self._state)
            missed = plan.gripper_action is GripperAction.CLOSE and self._rng.random() < _MISS_SHARE
            if not self._move(log, plan, missed):
                return False
            self._subgoals.append(plan.subgoal)
            if plan.gripper_action is GripperAction.CLOSE:
                log.grip(0.0 if missed else self._close(log.ee_pose))
                if missed:
                    self._set_width(0.0)
            elif plan.gripper_action is GripperAction.OPEN:
                self._let_go()
                log.grip(_OPEN_WIDTH_M)
            log.rest()
            if plan.final:
                self._save(log)
                return True
        return False

    def _look(self, log: ScriptedMotion) -> None:
        frame = self._renderer.render(self._data.qpos, log.time_s)
        write_frame(self._folder / FRAMES_FOLDER, len(self._frames_s), frame.rgb, frame.depth_m)
        self._frames_s.append(log.time_s)

    def _move(self, log: ScriptedMotion, plan: BaseFramePlan, missed: bool) -> bool:
        """Follow the plan, not exactly; whether the arm can be where it ends."""
        before = self._state.ee_pose
        target = self._inexact(plan.target_pose)
        if missed:
            target[2] += self._rng.uniform(*_MISS_ABOVE_M)
        for point in plan.waypoints[:-1]:
            log.move(pose_at(point, quaternion_of(target)), plan.approach_width_m)
        log.move(target, plan.approach_width_m)
        log.rest()
        if not place_arm(self._world, self._data, target):
            return False
        holding = self._state.holding
        if holding in self._world.object_poses(self._data):
            assert holding is not None
            carried = compose(target, compose(invert(before), self._state.pose(holding)))
            self._put(holding, carried)
        if plan.approach_width_m is not None:
            self._world.set_gripper_width(self._data, plan.approach_width_m)
        self._forward()
        return True

    def _close(self, ee_pose: FloatArray) -> float:
        """Close the fingers round what is nearest to them; the width that they come to."""
        poses = self._world.object_poses(self._data)
        poses |= self._world.handle_poses_at(self._data.qpos)
        name = min(poses, key=lambda key: distance_between(poses[key], ee_pose))
        if name in self._world.object_poses(self._data):
            # The fingers push it to their middle.
            across = rotation_of(ee_pose).apply([0.0, 1.0, 0.0])
            pose = poses[name]
            off = position_of(ee_pose) - position_of(pose)
            middle = position_of(pose) + across * float(across @ off)
            self._put(name, pose_at(middle, quaternion_of(pose)))
        low_m, high_m = 0.0, self._world.gripper.stroke_m
        for _ in range(8):
            middle_m = (low_m + high_m) / 2.0
            self._set_width(middle_m)
            if self._contacts.fingers_touching(name):
                low_m = middle_m
            else:
                high_m = middle_m
        width_m = max(low_m - _PRESS_M, 0.0)
        self._set_width(width_m)
        self._state.holding = name
        return width_m

    def _let_go(self) -> None:
        """Open the fingers, and let things fall while the arm stands still."""
        import mujoco

        self._state.holding = None
        self._set_width(_OPEN_WIDTH_M)
        data, model = self._data, self._world.model
        rows = self._world.arm_qpos + self._world.finger_qpos
        dofs = self._world.arm_dofs + self._world.finger_dofs
        still = data.qpos[rows].copy()
        for _ in range(_SETTLE_STEPS):
            mujoco.mj_step(model, data)
            data.qpos[rows], data.qvel[dofs] = still, 0.0
        data.qvel[:] = 0.0
        self._forward()

    def _save(self, log: ScriptedMotion) -> None:
        write_folder(
            self._folder,
            instruction=self._task.instruction,
            T_base_camera=self._world.optical_pose,
            intrinsics=self._world.intrinsics,
            motion=log.motion(),
            frames_s=self._frames_s,
            subgoals=self._subgoals,
            outcome=TaskOutcome.SUCCEEDED,
            operator=OperatorKind.SCRIPT,
        )

    def _inexact(self, pose: FloatArray) -> FloatArray:
        turn = Rotation.from_rotvec(self._rng.normal(0.0, _REACH_STD_RAD, size=3))
        shift_m = self._rng.normal(0.0, _REACH_STD_M, size=3)
        return pose_at(position_of(pose) + shift_m, turn * rotation_of(pose))

    def _put(self, name: str, pose: FloatArray) -> None:
        x, y, z, qx, qy, qz, qw = pose
        self._data.joint(name).qpos[:] = [x, y, z, qw, qx, qy, qz]

    def _set_width(self, width_m: float) -> None:
        self._world.set_gripper_width(self._data, width_m)
        self._forward()

    def _forward(self) -> None:
        import mujoco

        mujoco.mj_forward(self._world.model, self._data)


def _about_z(yaw: float) -> tuple[float, float, float, float]:
    return 0.0, 0.0, float(np.sin(yaw / 2)), float(np.cos(yaw / 2))
