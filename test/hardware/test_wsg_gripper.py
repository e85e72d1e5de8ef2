"""The driver and the simulated gripper, over a real TCP connection."""

import contextlib
import socket
import threading
import time

import pytest

from bridge_ros.errors import ConfigError, HardwareError, TargetRefusedError
from bridge_ros.hardware.gripper import make_gripper
from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.hardware.no_gripper import NoGripper
from bridge_ros.hardware.wsg_connection import WsgConnection
from bridge_ros.hardware.wsg_gripper import WsgGripper
from bridge_ros.hardware.wsg_packet import Packet, PacketDecoder, encode
from bridge_ros.hardware.wsg_protocol import CommandId, Measurement, Reply, StateFlag, Status
from bridge_ros.sim.live.rate_limited_jaws import RateLimitedJaws
from bridge_ros.sim.live.wsg_server import WsgServer, WsgServerSettings


def wait_until(condition, timeout_s=10.0):
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "what was waited for did not come"
        time.sleep(0.005)


def measured(gripper):
    try:
        return gripper.state()
    except HardwareError:
        return None


def trouble(gripper):
    try:
        gripper.state()
    except HardwareError as error:
        return str(error)
    return ""


@pytest.fixture
def jaws():
    return RateLimitedJaws(time.monotonic, width_m=0.08)


@pytest.fixture
def server(jaws):
    with WsgServer(jaws, WsgServerSettings(port=0)) as server:
        yield server


@pytest.fixture
def drive():
    grippers = []

    def drive(port, **settings):
        gripper = WsgGripper(
            GripperSettings(host="127.0.0.1", port=port, timeout_s=0.3, **settings)
        )
        grippers.append(gripper)
        gripper.start()
        return gripper

    yield drive
    for gripper in grippers:
        gripper.close()


class Impostor:
    """Answers every request of one client with what `answer(packet)` returns."""

    def __init__(self, answer):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(5.0)
        self.port = self.listener.getsockname()[1]
        self.answer = answer
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        client, _ = self.listener.accept()
        decoder = PacketDecoder()
        with client, contextlib.suppress(ConnectionError):
            while data := client.recv(4096):
                decoder.feed(data)
                while (packet := decoder.next()) is not None:
                    for piece in self.answer(packet):
                        client.sendall(piece)
                        time.sleep(0.002)

    def close(self):
        self.listener.close()


def reply(command, status=Status.SUCCESS, data=b""):
    return encode(Reply(id=command, status=status, data=data).to_packet())


MEASUREMENT = Measurement(
    state=StateFlag.REFERENCED, width_m=0.05, speed_m_s=0.0, force_n=0.0
).pack()


def test_it_references_the_fingers_before_it_has_anything_to_say(server, jaws, drive):
    gripper = drive(server.port)
    assert "not connected" in trouble(gripper) or "referencing" in trouble(gripper)
    wait_until(lambda: measured(gripper))
    assert measured(gripper).width_m == pytest.approx(0.110, abs=0.002)


def test_a_referenced_gripper_keeps_what_it_holds_when_the_driver_comes_back(server, jaws, drive):
    gripper = drive(server.port)
    wait_until(lambda: measured(gripper))
    gripper.set_width(0.03)
    wait_until(lambda: measured(gripper).width_m < 0.0305)
    gripper.close()
    again = drive(server.port)
    wait_until(lambda: measured(again))
    assert measured(again).width_m == pytest.approx(0.03, abs=0.001)


def test_the_newest_width_wins(server, drive):
    gripper = drive(server.port)
    wait_until(lambda: measured(gripper))
    for width_m in (0.0, 0.09, 0.05):
        gripper.set_width(width_m)
    wait_until(lambda: measured(gripper).width_m < 0.0505 and not measured(gripper).moving)
    assert measured(gripper).width_m == pytest.approx(0.05, abs=0.001)


def test_the_fingers_are_never_asked_to_go_faster_than_allowed(server, drive):
    gripper = drive(server.port, max_speed_m_s=0.05)
    wait_until(lambda: measured(gripper) and not measured(gripper).moving)
    gripper.set_width(0.06)
    speeds = []
    while not speeds or measured(gripper).width_m > 0.061:
        speeds.append(abs(measured(gripper).speed_m_s))
        time.sleep(0.01)
    assert 0.04 < max(speeds) <= 0.0501


def test_closing_on_a_thing_presses_with_the_set_force(drive):
    jaws = RateLimitedJaws(time.monotonic, object_width_m=0.04)
    with WsgServer(jaws, WsgServerSettings(port=0)) as server:
        gripper = drive(server.port, force_n=25.0)
        wait_until(lambda: measured(gripper))
        gripper.set_width(0.0)
        wait_until(lambda: measured(gripper).force_n > 0.0)
        assert measured(gripper).width_m == pytest.approx(0.04, abs=0.001)
        assert measured(gripper).force_n == pytest.approx(25.0)
        assert not measured(gripper).moving
        gripper.close()


def test_fingers_on_their_way_are_halted(server, drive):
    gripper = drive(server.port)
    wait_until(lambda: measured(gripper))
    gripper.set_width(0.01)
    wait_until(lambda: gripper.state().width_m < 0.06)
    gripper.halt()
    time.sleep(0.2)
    width_m = gripper.state().width_m
    time.sleep(0.2)
    assert 0.03 < width_m < 0.06
    assert gripper.state().width_m == pytest.approx(width_m, abs=1e-3)
    gripper.set_width(0.08)
    wait_until(lambda: gripper.state().width_m > 0.079)


def test_what_is_held_stays_held_when_the_fingers_are_halted(drive):
    jaws = RateLimitedJaws(time.monotonic, width_m=0.08, object_width_m=0.05)
    with WsgServer(jaws, WsgServerSettings(port=0)) as server:
        gripper = drive(server.port)
        gripper.set_width(0.0)
        wait_until(lambda: measured(gripper) and gripper.state().force_n > 0.0)
        gripper.halt()
        time.sleep(0.2)
        assert gripper.state().force_n > 0.0


@pytest.mark.parametrize("width_m", [-0.01, 0.2, float("nan")])
def test_a_width_that_it_does_not_have_is_refused(width_m):
    for gripper in (WsgGripper(GripperSettings()), NoGripper(GripperSettings())):
        with pytest.raises(TargetRefusedError, match="width"):
            gripper.set_width(width_m)


def test_a_lost_gripper_is_said_and_found_again(jaws, drive):
    server = WsgServer(jaws, WsgServerSettings(port=0))
    server.start()
    port = server.port
    gripper = drive(port)
    wait_until(lambda: measured(gripper))
    server.close()
    wait_until(lambda: "lost" in trouble(gripper) or "cannot connect" in trouble(gripper))
    with WsgServer(jaws, WsgServerSettings(port=port)):
        wait_until(lambda: measured(gripper))
        gripper.close()


def test_a_fast_stop_is_acknowledged_on_reconnecting(server, drive):
    other = WsgConnection("127.0.0.1", server.port, 1.0)
    other._request(CommandId.FAST_STOP, b"", 1.0)
    with pytest.raises(HardwareError, match="access denied"):
        other.home(1.0)
    other.close()
    gripper = drive(server.port)
    wait_until(lambda: measured(gripper))


def test_replies_in_pieces_are_put_together(drive):
    def answer(packet):
        data = MEASUREMENT if packet.id in (CommandId.MEASURE, CommandId.POSITION_PD) else b""
        whole = reply(packet.id, data=data)
        return [whole[:2], whole[2:5], whole[5:-1], whole[-1:]]

    impostor = Impostor(answer)
    gripper = drive(impostor.port)
    wait_until(lambda: measured(gripper))
    assert measured(gripper).width_m == pytest.approx(0.05)
    gripper.close()
    impostor.close()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda packet: [], "no reply to acknowledge fault"),
        (lambda packet: [reply(packet.id, Status.UNKNOWN_COMMAND)], "cmd_measure.lua"),
        (lambda packet: [reply(packet.id, Status.COMMAND_FAILED)], "command failed"),
        (lambda packet: [reply(packet.id)], "Lua script"),
        (lambda packet: [reply(packet.id)[:-1] + b"\x00"], "checksum"),
        (lambda packet: [encode(Packet(packet.id, b""))], "status"),
    ],
    ids=["silent", "no script", "failing", "other script", "garbled", "no status"],
)
def test_a_gripper_that_answers_wrongly_is_named_as_the_trouble(drive, answer, words):
    impostor = Impostor(answer)
    gripper = drive(impostor.port)
    wait_until(lambda: words in trouble(gripper))
    impostor.close()


def test_late_replies_of_other_commands_are_skipped(drive):
    def answer(packet):
        data = MEASUREMENT if packet.id == CommandId.MEASURE else b""
        return [reply(CommandId.STOP), reply(packet.id, data=data)]

    impostor = Impostor(answer)
    gripper = drive(impostor.port)
    wait_until(lambda: measured(gripper))
    gripper.close()
    impostor.close()


def test_a_measurement_that_is_too_old_is_none(drive):
    answered = []

    def answer(packet):
        answered.append(packet.id)
        if answered.count(CommandId.MEASURE) > 3:
            return []
        return [reply(packet.id, data=MEASUREMENT if packet.id == CommandId.MEASURE else b"")]

    impostor = Impostor(answer)
    gripper = drive(impostor.port, max_age_s=0.1)
    wait_until(lambda: measured(gripper))
    wait_until(lambda: "too old" in trouble(gripper))
    impostor.close()


def test_without_a_gripper_every_width_is_reached_at_once():
    gripper = make_gripper(GripperSettings(driver="none"))
    gripper.start()
    gripper.set_width(0.02)
    assert gripper.state().width_m == 0.02
    gripper.close()


@pytest.mark.parametrize("values", [{"port": 0}, {"force_n": 500.0}, {"rate_hz": 1000.0}])
def test_unusable_settings_are_refused(values):
    with pytest.raises(ConfigError, match="expected"):
        GripperSettings(**values)
