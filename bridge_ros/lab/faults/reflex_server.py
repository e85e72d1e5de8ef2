"""A simulated robot that stops in a reflex when told to, as a real one does in a collision."""

from __future__ import annotations

from collections.abc import Callable

from franky_sim.franka_robot_protocol import BaseCommand, MoveStatus, RobotCommand, RobotMode

from bridge_ros.sim.live.robot_server import LockstepRobotServer
from bridge_ros.sim.live.server import SimServer, SimSettings
from bridge_ros.sim.simulator import UmiRobot

# Where libfranka's state ends with: 41 errors, 41 reasons, the mode, and a success rate.
_MODE = -5
_REASONS = _MODE - 41
_ERRORS = _REASONS - 41
_CARTESIAN_REFLEX = 7


class ReflexRobotServer(LockstepRobotServer):
    """In a reflex it ends every motion, and says why.

    Args:
        in_reflex: whether it is in one.
    """

    def __init__(self, robot: UmiRobot, host: str, in_reflex: Callable[[], bool]) -> None:
        super().__init__(robot, host)
        self._in_reflex = in_reflex

    def process_commands(self) -> None:
        """See `LockstepRobotServer`."""
        super().process_commands()
        motion = self.current_motion_id
        if motion and self._in_reflex():
            self.stop_motion(send_preemption_signal=False)
            self.reset_current_motion_id()
            BaseCommand.send_response(
                self._tcp_socket, RobotCommand.kMove, motion, MoveStatus.kReflexAborted
            )

    def _get_state_bytes(self) -> bytes:
        state = super()._get_state_bytes()
        if not self._in_reflex():
            return state
        changed = bytearray(state)
        changed[_MODE] = RobotMode.kReflex.value
        for flags in (_ERRORS, _REASONS):
            changed[flags + _CARTESIAN_REFLEX] = 1
        return bytes(changed)


class ReflexSimServer(SimServer):
    """A simulation server with such a robot.

    Args:
        in_reflex: whether it is in one.
    """

    def __init__(self, settings: SimSettings, in_reflex: Callable[[], bool]) -> None:
        super().__init__(settings)
        self._robot = ReflexRobotServer(self._simulator.robot, settings.host, in_reflex)
