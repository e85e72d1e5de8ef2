"""The bench of the arm against franky-sim, which speaks the real protocol but enforces nothing."""

import pytest
from simulated_robot import SimulatedRobot

from bridge_ros.errors import ConfigError
from bridge_ros.lab.bench.arm_bench import ArmBenchSettings, bench_arm
from bridge_ros.lab.bench.enforcing_model import write_enforcing_model


@pytest.fixture(scope="module")
def report():
    robot = SimulatedRobot(7)
    # franky-sim's arm carries the Franka Hand.
    settings = ArmBenchSettings(
        host=robot.host,
        seconds=4.0,
        hostile=5,
        arm={
            "friction_compensation": 0.8,
            "rotational_damping_nms_rad": 25.0,
            "connect_timeout_s": 2.0,
            "state_timeout_s": 2.0,
        },
    )
    try:
        yield bench_arm(settings)
    finally:
        robot.kill()


def test_smooth_targets_are_sent_at_20_hz_and_counted(report):
    smooth = report["smooth"]
    assert smooth["sent"] == 80
    # On a machine that is busy a target may be too old, or the simulator fall silent.
    assert smooth["accepted"] > 0
    assert smooth["commands_in_time"]["mean"] > 0.0


def test_what_must_not_be_followed_is_refused_by_the_whole_controller(report):
    kinds = report["hostile"]["kinds"]
    for kind in ("jump", "jump and stay", "flip", "nan"):
        assert kinds[kind].get("accepted", 0) == 0
        assert sum(kinds[kind].values()) > 0


def test_an_unknown_entry_is_refused_before_anything_moves():
    with pytest.raises(ConfigError, match="stiffnes"):
        bench_arm(ArmBenchSettings(host="127.0.99.99", arm={"stiffnes": 1.0}))


def test_the_model_for_franka_sim_carries_the_gripper_s_weight(tmp_path):
    mujoco = pytest.importorskip("mujoco")
    model = mujoco.MjModel.from_xml_path(str(write_enforcing_model(tmp_path)))
    assert [model.joint(number).name for number in range(model.njnt)] == [
        f"fr3_joint{number}" for number in range(1, 8)
    ]
    assert model.body("hand").mass[0] == pytest.approx(1.53)
    steadier = mujoco.MjModel.from_xml_path(str(write_enforcing_model(tmp_path, 0.3)))
    assert steadier.joint("fr3_joint7").armature[0] == 0.3
    assert steadier.joint("fr3_joint6").armature[0] == model.joint("fr3_joint6").armature[0]
