"""The devices of one simulated cell: 1 kHz physics behind FCI, WSG server and state link."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import Annotated

from bridge_ros.errors import ConfigError, HardwareError
from bridge_ros.priority import run_normally
from bridge_ros.settings.ranges import Positive, Range, check_ranges
from bridge_ros.sim.live.robot_server import LockstepRobotServer
from bridge_ros.sim.live.state_link import Hello, StateLinkServer, WorldState
from bridge_ros.sim.live.wsg_server import WsgServer, WsgServerSettings
from bridge_ros.sim.registry import make_scene
from bridge_ros.sim.world import HOME_JOINTS, World

_LOGGER = logging.getLogger(__name__)

FCI_PORT = 1337
"""Fixed by libfranka."""

_STEP_S = 0.001
_STEPS_PER_STATE = 5
_MAX_LAG_S = 0.010
_FIGURES_PERIOD_S = 1.0
_SLOW_FACTOR = 0.8


@dataclass(frozen=True, kw_only=True)
class SimSettings:
    """Settings of the simulated cell.

    Attributes:
        scene: what is on the table.
        seed: of the scene's layout and light, from 0.
        host: loopback address of all simulated devices; another one for another cell.
        gripper_port: of the WSG server.
        camera_port: of the state link that the camera renders from.
        initial_joints: seven joint angles [rad] at which the arm starts.
        objects_rate_hz: how often the node publishes where the objects are.
    """

    scene: str = "tabletop"
    seed: int = 0
    host: str = "127.0.0.1"
    gripper_port: Annotated[int, Range(0, 65535)] = 10000
    camera_port: Annotated[int, Range(0, 65535)] = 10001
    initial_joints: tuple[float, ...] = HOME_JOINTS
    objects_rate_hz: Positive = 10.0

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.gripper_port == self.camera_port != 0:
            raise ConfigError(
                f"gripper_port, camera_port: expected two ports, got {self.camera_port} twice"
            )
        if len(self.initial_joints) != 7:
            raise ConfigError(f"initial_joints: expected 7 angles, got {len(self.initial_joints)}")

    @property
    def objects_period_s(self) -> float:
        """Time between two publications of where the objects are."""
        return 1.0 / self.objects_rate_hz


@dataclass(frozen=True, kw_only=True)
class SimFigures:
    """How the physics loop fared during its last second.

    Attributes:
        real_time_factor: simulated seconds a second.
        longest_gap_s: between two steps.
        fault: why the loop ended; empty while it runs.
    """

    real_time_factor: float
    longest_gap_s: float
    fault: str

    def diagnostics(self) -> dict[str, object]:
        """For /diagnostics."""
        level, message = "ok", "in real time"
        if self.real_time_factor < _SLOW_FACTOR:
            level, message = "warn", "slower than real time: the machine is busy"
        if self.fault:
            level, message = "error", f"the physics ended: {self.fault}"
        return {
            "level": level,
            "message": message,
            "real_time_factor": self.real_time_factor,
            "longest_gap_ms": 1e3 * self.longest_gap_s,
        }


class SimServer:
    """One running cell. `start` it, or use `with`.

    Raises:
        ConfigError: for an unknown scene.
        HardwareError: from `start`, if an address is taken.
    """

    def __init__(self, settings: SimSettings) -> None:
        self._settings = settings
        scene = make_scene(settings.scene, settings.seed)
        self.world = World(scene, initial_q=settings.initial_joints)
        self._simulator = self.world.make_simulator()
        self._robot = LockstepRobotServer(self._simulator.robot, settings.host)
        self._wsg = WsgServer(
            self._simulator.robot.fingers,
            WsgServerSettings(
                host=settings.host, port=settings.gripper_port, stroke_m=self.world.gripper.stroke_m
            ),
        )
        nq = self.world.model.nq
        self._state = WorldState(
            stamp_s=time.time(), time_s=0.0, qpos=self.world.new_data().qpos.copy()
        )
        self._link = StateLinkServer(
            Hello(scene=settings.scene, seed=settings.seed, nq=nq),
            host=settings.host,
            port=settings.camera_port,
        )
        self._figures = SimFigures(real_time_factor=1.0, longest_gap_s=0.0, fault="")
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def ports(self) -> tuple[int, int]:
        """Ports of the gripper and of the state link; of use when the settings say 0."""
        return self._wsg.port, self._link.port

    @property
    def figures(self) -> SimFigures:
        """How the physics loop fares."""
        return self._figures

    @property
    def in_motion(self) -> bool:
        """Whether a client of the robot has a motion running."""
        return bool(self._robot.current_motion_id)

    def state(self) -> WorldState:
        """The newest sampled state."""
        return self._state

    def start(self) -> None:
        """Bind all devices and run."""
        self._simulator.init()
        try:
            self._robot.init()
        except OSError as error:
            self._simulator.cleanup()
            raise HardwareError(
                f"simulator: cannot listen on {self._settings.host}:{FCI_PORT} as the robot "
                f"({error}); stop what does, or give this cell another loopback address (`host` in "
                "config/sim.yaml, `arm.host` in config/controller.yaml)"
            ) from error
        self._simulator.start()
        try:
            self._wsg.start()
            self._link.start()
        except HardwareError:
            self.close()
            raise
        self._closing.clear()
        self._thread = threading.Thread(target=self._run, name="physics")
        self._thread.start()

    def close(self) -> None:
        """End all threads and close all sockets; safe to call at any time."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._link.close()
        self._wsg.close()
        self._robot.cleanup()
        if self._simulator.is_initialized and not self._simulator.is_cleaned_up:
            self._simulator.cleanup()

    def __enter__(self) -> SimServer:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _run(self) -> None:
        # Simulated time may wait; what would be starved by it may not: the middleware's packets go
        # through the kernel's own ordinary threads.
        run_normally()
        try:
            self._keep_pace()
        except Exception as error:
            _LOGGER.exception("the physics loop ended")
            self._figures = SimFigures(
                real_time_factor=0.0, longest_gap_s=0.0, fault=f"{type(error).__name__}: {error}"
            )

    def _keep_pace(self) -> None:
        """Step once a millisecond; what cannot be caught up within `_MAX_LAG_S` is let go."""
        due_s = last_s = window_s = time.perf_counter()
        steps, longest_gap_s = 0, 0.0
        while not self._closing.is_set():
            self._step()
            steps += 1
            if steps % _STEPS_PER_STATE == 0:
                self._sample()
            now_s = time.perf_counter()
            longest_gap_s = max(longest_gap_s, now_s - last_s)
            last_s = now_s
            due_s = max(due_s + _STEP_S, now_s - _MAX_LAG_S)
            if now_s - window_s >= _FIGURES_PERIOD_S:
                self._figures = SimFigures(
                    real_time_factor=steps * _STEP_S / (now_s - window_s),
                    longest_gap_s=longest_gap_s,
                    fault="",
                )
                window_s, steps, longest_gap_s = now_s, 0, 0.0
            if due_s > now_s:
                time.sleep(due_s - now_s)

    def _step(self) -> None:
        self._robot.process_commands()
        self._simulator.step()
        self._robot.send_state()

    def _sample(self) -> None:
        data = self._simulator.data
        assert data is not None
        self._state = WorldState(stamp_s=time.time(), time_s=data.time, qpos=data.qpos.copy())
        self._link.publish(self._state)
