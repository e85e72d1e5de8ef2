import shutil

import pytest
import yaml

from bridge_ros.deploy import agreement
from bridge_ros.deploy.deployment import Deployment
from bridge_ros.errors import ConfigError
from bridge_ros.lab.calibration.calibration_settings import CalibrationSettings
from bridge_ros.settings import config_file
from bridge_ros.settings.resources import share_dir


@pytest.fixture
def change(tmp_path, monkeypatch):
    """Changes an entry of a copy of the shipped parameter files, which is read from then on."""
    shutil.copytree(share_dir() / "config", tmp_path / "config")

    def change(node, section, key, value):
        path = tmp_path / "config" / f"{node}.yaml"
        document = yaml.safe_load(path.read_text())
        document[node]["ros__parameters"][section][key] = value
        path.write_text(yaml.safe_dump(document))

    monkeypatch.setattr(config_file, "resource_path", lambda path: tmp_path / path)
    return change


def test_the_shipped_files_agree():
    agreement.check_files_agree()
    agreement.check_within_controller(
        CalibrationSettings.load().guidance.workspace, "guidance.workspace"
    )


def test_a_deployment_with_waypoints_beyond_the_controller_s_box_does_not_start(change):
    change("trajectory", "workspace", "max_m", [0.8, 0.38, 0.72])
    with pytest.raises(ConfigError) as refusal:
        Deployment().nodes()
    for said in (
        "trajectory.yaml: workspace: expected a box within",
        "[0.25, 0.75] x [-0.4, 0.4] x [0, 0.75]",
        "controller.yaml",
        "[0.27, 0.8]",
    ):
        assert said in str(refusal.value)


def test_a_deployment_whose_controller_expects_another_control_period_does_not_start(change):
    change("controller", "motion", "period_s", 0.04)
    with pytest.raises(ConfigError, match=r"motion.period_s: expected 0.05, .*expert.yaml, got"):
        Deployment().nodes()
