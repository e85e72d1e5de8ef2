"""franky-sim's robot server in lockstep with its client, so that a busy machine is only slow."""

from __future__ import annotations

import logging
import socket
import struct
import time

from franky_sim import FrankaRobotServer

from bridge_ros.sim.simulator import UmiRobot

_LOGGER = logging.getLogger(__name__)

_UNANSWERED_STATES = 3
"""So many milliseconds of delay a stiff arm bears; they keep the jitter of a busy machine away."""
_PATIENCE_S = 0.25
_POLL_S = 50e-6
_COMMANDED_STATES = 20
"""So many states after a command show all that it may have changed, though it comes in pieces."""
_MESSAGE_ID = struct.Struct("<Q")


class LockstepRobotServer(FrankaRobotServer):  # type: ignore[misc]
    """Never runs far ahead of its client's answers, as long as a motion runs.

    A torque controller whose answers come some milliseconds late, on a machine with other work to
    do, makes a stiff arm unstable. A real controller has a core of its own; here, simulated time
    waits. A client that stays silent for longer loses its motion and the arm holds, as on the real
    robot after its lost packets.

    Args:
        robot: the simulated arm.
        host: address to listen on.
    """

    def __init__(self, robot: UmiRobot, host: str) -> None:
        super().__init__(robot, [host])
        self._packet = robot.packet
        self._commanded_states = 0
        self._sent_id = self._answered_id = -1
        self._conversing = False

    def process_commands(self) -> None:
        """See `FrankaServer`; a client that speaks something else, or hangs up, is dropped."""
        heard = self._hear()
        if heard:
            self._commanded_states = _COMMANDED_STATES
        elif heard == b"":
            # franky-sim itself misses this in the middle of a malformed message.
            self.reset_state()
        try:
            if self._commanded_states > 0 or not self.tcp_connected:
                super().process_commands()
            else:
                # A command that comes only now is read in the next step, which will have heard it.
                self._pre_process_commands()
                self._process_udp_commands()
                self._post_process_commands()
        except (KeyError, ValueError, struct.error) as error:
            _LOGGER.warning("dropping the robot's client: %s: %s", type(error).__name__, error)
            self.reset_state()
            # The step that follows needs torques all the same: those that hold.
            self._post_process_commands()

    def send_state(self) -> None:
        """See `FrankaServer`; the state then waits for its answer."""
        try:
            super().send_state()
        except OSError as error:
            _LOGGER.warning("dropping the robot's client: %s", error)
            self.reset_state()
        self._sent_id += 1

    def stop_motion(self, send_preemption_signal: bool = True) -> None:
        """See `FrankaRobotServer`."""
        self._commanded_states = _COMMANDED_STATES
        super().stop_motion(send_preemption_signal)

    def _get_state_bytes(self) -> bytes:
        if self._commanded_states > 0:
            self._commanded_states -= 1
            self._packet.replace(super()._get_state_bytes())
        return self._packet.to_bytes()

    def _setup_udp_connection(self, network_udp_port: int) -> None:
        self._sent_id = self._answered_id = -1
        self._commanded_states = _COMMANDED_STATES
        super()._setup_udp_connection(network_udp_port)

    def cleanup(self) -> None:
        """Close all sockets; franky-sim's own clean-up leaves those of a connected client open."""
        self.reset_state()
        super().cleanup()

    def _handle_udp_command(self, command_data: bytes) -> None:
        # A command begins with the number of the state that it answers.
        (self._answered_id,) = _MESSAGE_ID.unpack_from(command_data)
        self._conversing = True
        super()._handle_udp_command(command_data)

    def _process_udp_commands(self) -> None:
        super()._process_udp_commands()
        deadline_s = time.perf_counter() + _PATIENCE_S
        while self._owes_an_answer() and self._hear() != b"":
            if time.perf_counter() > deadline_s:
                _LOGGER.warning("the robot's client is silent; its motion ends and the arm holds")
                self.stop_motion()
                return
            time.sleep(_POLL_S)
            super()._process_udp_commands()

    def _owes_an_answer(self) -> bool:
        if self.current_motion_id == 0:
            # Neither does it answer the first states of a motion: it waits for the mode to change.
            self._conversing = False
        return self._conversing and self._sent_id - self._answered_id > _UNANSWERED_STATES

    def _hear(self) -> bytes | None:
        """The next byte of the client's commands, b"" if it hung up, None if it is silent."""
        client = self._tcp_socket
        if client is None:
            return None
        try:
            return bytes(client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return None
        except OSError:
            return b""
