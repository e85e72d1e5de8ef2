"""The deployment that is made to suffer: its nodes, its lines, and who watches it."""

from __future__ import annotations

import re
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bridge_ros.deploy.deployment import Deployment, NodeSpec, ParameterValue
from bridge_ros.deploy.supervisor import Supervisor
from bridge_ros.errors import BridgeError, ConfigError
from bridge_ros.lab.faults.arm_truth import ArmTruth
from bridge_ros.lab.faults.proxy import TcpProxy
from bridge_ros.lab.faults.public_client import PublicClient
from bridge_ros.lab.faults.timeouts import ROBOT_SILENCE_S, THINK_TIMEOUT_S
from bridge_ros.ros import topics
from bridge_ros.sim.live.server import FCI_PORT, SimSettings
from bridge_ros.sim.registry import make_scene
from bridge_ros.sim.world import World
from bridge_ros.status import (
    CameraState,
    ControllerReason,
    ControllerState,
    ExpertState,
    Hindrance,
    Remedy,
    Source,
    TaskReason,
    TaskState,
    hindrance,
    remedy,
)

_GRIPPER_LINE_PORT = 10010
_READY_TIMEOUT_S = 90.0
_REST_M_S = 0.01
_HOME_M = (0.35, 0.0, 0.45)
_NEAR_HOME_M = 0.03
_TRIES = 3
_NO_TASK = tuple(state.value for state in TaskState if not state.busy)
_RESUMES = 3


@dataclass(frozen=True, kw_only=True)
class FaultyNodeSpec(NodeSpec):
    """A node whose parts fail when it is told so."""

    @property
    def module(self) -> str:
        return f"bridge_ros.lab.faults.nodes.{self.name}"


def node_specs(host: str, line_host: str, seed: int) -> tuple[NodeSpec, ...]:
    """The simulated deployment with nodes that may fail, and with proxies in front of the devices.

    Args:
        host: loopback address of the simulated devices.
        line_host: where the proxy in front of the arm listens; libfranka's port is fixed.
        seed: of the scene.
    """
    extra: dict[str, dict[str, ParameterValue]] = {
        "controller": {
            "arm.host": line_host,
            "gripper.port": _GRIPPER_LINE_PORT,
            "arm.state_timeout_s": ROBOT_SILENCE_S,
        },
        "planner": {"task.think_timeout_s": THINK_TIMEOUT_S},
    }
    deployment = Deployment(sim=True, seed=seed, robot_host=host)
    return tuple(
        FaultyNodeSpec(name=spec.name, overrides={**spec.overrides, **extra.get(spec.name, {})})
        for spec in deployment.nodes()
    )


def line_host_for(host: str) -> str:
    """The loopback address next to that of the devices.

    Raises:
        ConfigError: if there is none.
    """
    if not re.fullmatch(r"127(\.\d{1,3}){3}", host) or host.endswith((".255", ".254")):
        raise ConfigError(f"robot_host: expected a loopback address such as 127.0.0.1, got {host}")
    start, _, last = host.rpartition(".")
    return f"{start}.{int(last) + 1}"


class SystemUnderTest:
    """One deployment and everything around it; use as a context manager.

    Attributes:
        supervisor: of the nodes.
        arm_line, gripper_line: the proxies in front of the devices.
        truth: where the arm really is.
        client: who speaks to the nodes and hears them.
    """

    def __init__(self, host: str, seed: int, logs: Path) -> None:
        line_host = line_host_for(host)
        ports = SimSettings()
        self.arm_line = TcpProxy((line_host, FCI_PORT), (host, FCI_PORT))
        self.gripper_line = TcpProxy((host, _GRIPPER_LINE_PORT), (host, ports.gripper_port))
        self.supervisor = Supervisor(node_specs(host, line_host, seed), log_dir=logs)
        self.truth = ArmTruth(World(make_scene("tabletop", seed)), host, ports.camera_port)
        self.client = PublicClient()
        self._stack = ExitStack()

    def __enter__(self) -> SystemUnderTest:
        with ExitStack() as stack:
            for part in (self.arm_line, self.gripper_line, self.supervisor, self.truth):
                stack.enter_context(part)
            stack.callback(lambda: self.client.__exit__())
            self.client.__enter__()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def renew_client(self) -> None:
        """Let somebody new watch: after a node was replaced, the old one may be deaf."""
        self.client.__exit__()
        self.client = PublicClient()
        self.client.__enter__()

    def not_ready(self) -> list[str]:
        """What keeps the next sentence from being carried out, in words."""
        latest = self.client.latest
        arm, expert, planner = (
            latest(Source.CONTROLLER),
            latest(Source.EXPERT),
            latest(Source.PLANNER),
        )
        reasons = []
        reason = ControllerReason.read(arm.reason)
        waits = hindrance(ControllerState.HOLD, reason) is Hindrance.NONE
        if arm.state != ControllerState.IDLE and not (arm.state == ControllerState.HOLD and waits):
            reasons.append(f"controller {arm.state}: {arm.message}")
        if expert.state != ExpertState.IDLE:
            reasons.append(f"expert {expert.state}: {expert.message}")
        if planner.state not in _NO_TASK:
            reasons.append(f"planner {planner.state}: {planner.message}")
        camera = latest(Source.CAMERA)
        if camera.state != CameraState.STREAMING:
            reasons.append(f"camera {camera.state}: {camera.message}")
        return reasons

    def has_task(self) -> bool:
        """Whether a sentence is being carried out."""
        state = TaskState.read(self.client.latest(Source.PLANNER).state)
        return state is not None and state.busy

    def is_active(self) -> bool:
        """Whether the controller follows targets."""
        return self.client.latest(Source.CONTROLLER).state == ControllerState.ACTIVE

    def failed(self, said_s: float) -> bool:
        """Whether a sentence, given at `said_s`, was taken up and has failed."""
        states = self.client.states(Source.PLANNER, said_s)
        return TaskState.THINKING in states and states[-1] == TaskState.FAILED

    def recover(self) -> tuple[str, ...]:
        """Wait until a sentence can be given, doing what status says that a person must do.

        Returns:
            What a person had to do.

        Raises:
            BridgeError: if it does not become so.
        """
        done: list[str] = []
        deadline_s = time.monotonic() + _READY_TIMEOUT_S
        resumes_due_s = time.monotonic()
        while reasons := self.not_ready():
            now_s = time.monotonic()
            if now_s > deadline_s:
                raise BridgeError("not ready again: " + "; ".join(reasons))
            reason = ControllerReason.read(self.client.latest(Source.CONTROLLER).reason)
            asked = remedy(reason) is Remedy.RESUME
            if asked and now_s > resumes_due_s and len(done) < _RESUMES:
                self.client.trigger(topics.RESUME)
                done.append(f"call {topics.RESUME}")
                resumes_due_s = now_s + 5.0
            time.sleep(0.05)
        return tuple(done)

    def end_task(self) -> None:
        """Stop the arm and whatever it was about, as a person would, and allow motion again."""
        self.client.trigger(topics.STOP)
        self.client.wait(lambda: self.truth.speed_m_s() < _REST_M_S, 10.0, "rest")
        ended = self.client.wait
        ended(lambda: self.client.latest(Source.PLANNER).state in _NO_TASK, 10.0, "the task's end")
        self.client.trigger(topics.RESUME)
        self.recover()

    def go_home(self) -> None:
        """Bring the arm to where every fault begins."""
        for _ in range(_TRIES):
            if self._off_home_m() < _NEAR_HOME_M:
                self.recover()
                self.client.wait(lambda: self.truth.speed_m_s() < _REST_M_S, 10.0, "rest")
                return
            if self.client.trigger(topics.HOME):
                with suppress(BridgeError):
                    self.client.wait(lambda: self._off_home_m() < _NEAR_HOME_M, 15.0, "home")
            self.recover()
        raise BridgeError(f"the arm did not come home in {_TRIES} tries")

    def close_fingers(self) -> None:
        """Close the gripper, so that it opens on the way to the first keypoint."""
        self.client.publish_width(0.0)
        self.client.wait(lambda: self.client.width_m < 0.01, 15.0, "closed fingers")

    def bring_into_motion(self, sentence: str, speed_m_s: float) -> tuple[int, tuple[str, ...]]:
        """Give a sentence, again if need be, and wait until the arm follows it.

        Returns:
            How often it had to be given, and what a person had to do in between, as status said.
        """
        done: list[str] = []
        for tries in range(1, _TRIES + 1):
            said_s = time.time()
            self.client.say(sentence)
            if self._comes_into_motion(said_s, speed_m_s):
                return tries, tuple(done)
            done += self.recover()
            reason = TaskReason.read(self.client.latest(Source.PLANNER).reason)
            if remedy(reason) is Remedy.HOME:
                self.go_home()
                done.append(f"call {topics.HOME}")
        raise BridgeError(f"the sentence failed {_TRIES} times before the arm moved")

    def _comes_into_motion(self, said_s: float, speed_m_s: float) -> bool:
        """Wait until the arm follows a sentence, given at `said_s`, or that has failed."""
        # Kept, since an arm that has been fast enough once may be slower when asked again.
        follows = False

        def decided() -> bool:
            nonlocal follows
            follows = self._follows(speed_m_s)
            return follows or self.failed(said_s)

        self.client.wait(decided, 30.0, "motion")
        return follows

    def _follows(self, speed_m_s: float) -> bool:
        following = self.client.latest(Source.EXPERT).state == ExpertState.FOLLOWING
        # Who does not hear of the task could not tell later whether it has ended.
        return following and self.has_task() and self.truth.speed_m_s() > speed_m_s

    def _off_home_m(self) -> float:
        return float(np.linalg.norm(self.truth.position - np.array(_HOME_M)))
