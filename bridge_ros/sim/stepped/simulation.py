"""The simulated cell in one process: the devices and the controller on simulated time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bridge_ros.control.behaviour import BehaviourSettings
from bridge_ros.control.controller import Controller
from bridge_ros.control.interpolator import MotionLimits
from bridge_ros.control.reach import make_reach
from bridge_ros.control.snapshot import Snapshot
from bridge_ros.control.target_checks import PoseTarget, TargetLimits
from bridge_ros.errors import ConfigError, ObservationError, TargetRefusedError
from bridge_ros.expert.loop import ArmObservation
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.hardware.arm_settings import ArmSettings
from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.sim.stepped.arm import SteppedArm
from bridge_ros.sim.stepped.gripper import SteppedGripper

if TYPE_CHECKING:
    from bridge_ros.sim.world import World


@dataclass(frozen=True, kw_only=True)
class SteppedSettings:
    """Rates of the simulation, and the settings that the controller node has.

    Attributes:
        physics_step_s: of MuJoCo and of the impedance control.
        stream_period_s: of the controller.
        camera_period_s: between two depth images.
        camera_latency_s: from the exposure until the image has arrived.
        camera_binning: clouds come from depth images this many times smaller than the camera's,
            of which that many times more pixels are used: as many points in a third of the time.
        depth_noise: whether depth errs as a D435's does.
    """

    physics_step_s: float = 0.002
    stream_period_s: float = 0.010
    camera_period_s: float = 0.100
    camera_latency_s: float = 0.050
    camera_binning: int = 2
    depth_noise: bool = True
    arm: ArmSettings = field(default_factory=ArmSettings)
    gripper: GripperSettings = field(default_factory=GripperSettings)
    behaviour: BehaviourSettings = field(default_factory=BehaviourSettings)
    targets: TargetLimits = field(default_factory=TargetLimits)
    motion: MotionLimits = field(default_factory=MotionLimits)

    def __post_init__(self) -> None:
        for name in ("physics_step_s", "stream_period_s", "camera_period_s"):
            if not 0.0 < getattr(self, name) <= 0.2:
                raise ConfigError(f"{name}: expected 0 to 0.2 s, got {getattr(self, name)}")
        if not 0.0 <= self.camera_latency_s <= 0.5:
            raise ConfigError(f"camera_latency_s: expected 0 to 0.5, got {self.camera_latency_s}")
        if self.camera_binning not in (1, 2, 4):
            raise ConfigError(f"camera_binning: expected 1, 2 or 4, got {self.camera_binning}")
        if self.steps_per_period < 1:
            raise ConfigError(
                f"stream_period_s: expected at least one physics step of {self.physics_step_s} s, "
                f"got {self.stream_period_s}"
            )

    @property
    def steps_per_period(self) -> int:
        """Physics steps to one of the controller."""
        return round(self.stream_period_s / self.physics_step_s)


class SteppedSimulation:
    """One world with an arm, a gripper and the controller, advanced by hand; seconds are simulated.

    Args:
        world: its model is changed for speed, so that it should not be shared.

    Attributes:
        data: the live state of the simulation.
        time_s: since the start.
    """

    def __init__(self, world: World, settings: SteppedSettings | None = None) -> None:
        import mujoco

        self._settings = settings or SteppedSettings()
        self._physics: Callable[..., None] = mujoco.mj_step
        self._world = world
        world.model.opt.timestep = self._settings.physics_step_s
        self.data = world.new_data()
        s = self._settings
        self._arm = SteppedArm(world, self.data, s.arm, home_joints=tuple(s.behaviour.home_joints))
        self._gripper = SteppedGripper(world, self.data, s.gripper)
        self._controller = Controller(
            self._arm,
            self._gripper,
            behaviour=s.behaviour,
            targets=s.targets,
            reach=make_reach(world.gripper.flange_to_tcp, s.behaviour, s.targets),
            motion=s.motion,
        )
        self.time_s = 0.0
        self._controller.step(0.0)

    @property
    def world(self) -> World:
        """The world that is being simulated."""
        return self._world

    @property
    def controller(self) -> Snapshot:
        """What the controller says of itself."""
        return self._controller.snapshot

    @property
    def arm(self) -> ArmObservation:
        """What is measured of arm and gripper now."""
        state = self._arm.state()
        return ArmObservation(
            stamp_s=self.time_s,
            ee_pose=state.ee_pose,
            joint_positions=state.joint_positions,
            gripper_width=self._gripper.state().width_m,
        )

    def command(self, pose: FloatArray, gripper_width: float) -> None:
        """Hand the controller a target, stamped now; it may refuse it, which its snapshot tells."""
        self._controller.submit(
            PoseTarget(
                pose=pose,
                frame_id=self._settings.targets.frame_id,
                stamp_s=self.time_s,
                age_s=0.0,
                arrived_s=self.time_s,
            )
        )
        try:
            self._controller.submit_width(gripper_width)
        except TargetRefusedError:
            # The controller counts it, as it does for the node.
            return

    def advance(self, duration_s: float) -> None:
        """Let time pass: controller, impedance control, fingers and physics, each at its rate."""
        s = self._settings
        for _ in range(round(duration_s / s.stream_period_s)):
            self._controller.step(self.time_s)
            for _ in range(s.steps_per_period):
                self._arm.apply()
                self._gripper.apply()
                self._physics(self._world.model, self.data)
            self._arm.feel(s.stream_period_s)
            self.time_s += s.stream_period_s
        if not np.isfinite(self.data.qpos).all():
            raise ObservationError("the simulation has diverged: positions are no longer finite")
