"""The controller with its devices and its streaming thread: all that the node puts on topics."""

from __future__ import annotations

from bridge_ros.control.control_loop import ControlLoop
from bridge_ros.control.controller import Controller
from bridge_ros.control.controller_settings import ControllerSettings
from bridge_ros.control.reach import make_reach
from bridge_ros.control.snapshot import Snapshot
from bridge_ros.hardware.arm import make_arm
from bridge_ros.hardware.foreign_state import ForeignState
from bridge_ros.hardware.fr3_kinematics import dexterity, joint_margin_rad
from bridge_ros.hardware.gripper import make_gripper
from bridge_ros.hardware.gripper_model import GripperModel
from bridge_ros.hardware.topic_arm import SendPose
from bridge_ros.status import ControllerState

_CALM = (ControllerState.IDLE, ControllerState.ACTIVE, ControllerState.HOLD)


class ControllerService:
    """Moves arm and gripper from `start` to `close`.

    It may be started again; then nothing moves until `resume`, as after every stop.

    Args:
        foreign: how poses get to another controller, and where its measurements are put; needed by
            the arm's driver "topic" only.

    Raises:
        ConfigError: if the tool's file is missing or unusable, or the driver cannot run here.
    """

    def __init__(
        self, settings: ControllerSettings, foreign: tuple[SendPose, ForeignState] | None = None
    ) -> None:
        self._settings = settings
        self._flange_to_tcp = GripperModel.load(settings.arm.tool_file).flange_to_tcp
        self._gripper = make_gripper(settings.gripper)
        self.controller = Controller(
            make_arm(settings.arm, settings.behaviour.home_joints, foreign),
            self._gripper,
            behaviour=settings.behaviour,
            targets=settings.targets,
            reach=make_reach(self._flange_to_tcp, settings.behaviour, settings.targets),
            motion=settings.motion,
        )
        self._loop = ControlLoop(self.controller, settings.rate_hz)

    def start(self) -> None:
        """Connect to both devices, and step the controller."""
        self._loop = ControlLoop(self.controller, self._settings.rate_hz)
        self._gripper.start()
        self._loop.start()

    def close(self) -> None:
        """Bring the arm to rest, and let go of both devices."""
        self._loop.close()

    def snapshot(self) -> Snapshot:
        """What the controller last saw; nothing of an arm that has let it wait for too long.

        Raises:
            RuntimeError: after the loop has crashed.
        """
        if not self._loop.running:
            raise RuntimeError(
                "the control loop has crashed, its trace is above; the arm is stopped"
            )
        snapshot, silence_s = self.controller.snapshot, self._settings.arm.state_timeout_s
        return snapshot.outdated_by(silence_s) if self._loop.stuck_s > silence_s else snapshot

    def figures(self) -> dict[str, object]:
        """For /diagnostics."""
        snapshot = self.snapshot()
        calm = snapshot.state in _CALM
        figures: dict[str, object] = {
            "level": "ok" if calm and not snapshot.gripper_trouble else "error",
            "message": f"{snapshot.state}: {snapshot.cause}",
            "targets accepted": snapshot.accepted,
            "targets refused": sum(snapshot.refused.values()),
            "last refusal": snapshot.last_refusal,
            "watchdog holds": snapshot.silence_holds,
            "loop overruns": self._loop.overruns,
            "arm mode": snapshot.arm.mode if snapshot.arm else "unknown",
            "gripper": snapshot.gripper_trouble or "ok",
        }
        if snapshot.arm:
            joints = snapshot.arm.joint_positions
            figures["joint limit margin rad"] = joint_margin_rad(joints)
            figures["dexterity"] = dexterity(joints, self._flange_to_tcp)
        figures |= {f"refused {reason}": count for reason, count in snapshot.refused.items()}
        periods = self.controller.target_periods()
        return figures | {f"target period {name}": value for name, value in periods.items()}
