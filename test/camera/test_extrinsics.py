"""The camera's calibration file."""

import numpy as np
import pytest
import yaml

from bridge_ros.camera.extrinsics import load_extrinsics, save_extrinsics
from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import compose
from bridge_ros.settings.resources import share_dir
from bridge_ros.sim.workcell import CAMERA_OPTICAL_POSE


def test_the_shipped_calibration_is_that_of_the_simulated_camera():
    extrinsics = load_extrinsics("config/extrinsics/sim.yaml")
    assert np.allclose(extrinsics.base_from_optical, CAMERA_OPTICAL_POSE, atol=1e-9)
    chained = compose(extrinsics.base_from_link, extrinsics.link_from_optical)
    assert np.allclose(chained[:3], extrinsics.base_from_optical[:3], atol=1e-9)


@pytest.mark.parametrize(
    "change",
    [
        {"base_from_optical": None},
        {"base_from_optical": {"position_m": [0, 0], "quaternion_xyzw": [0, 0, 0, 1]}},
        {"base_from_optical": {"position_m": [0, 0, 0], "quaternion_xyzw": [0, 0, 0, 0]}},
        {"link_from_optical": {"position_m": [0, 0, "x"], "quaternion_xyzw": [0, 0, 0, 1]}},
    ],
)
def test_a_calibration_file_that_is_none_is_refused_by_the_entry_s_name(tmp_path, change):
    document = yaml.safe_load((share_dir() / "config/extrinsics/sim.yaml").read_text())
    path = tmp_path / "camera.yaml"
    path.write_text(yaml.safe_dump(document | change))
    with pytest.raises(ConfigError, match=next(iter(change))):
        load_extrinsics(path)


def test_a_file_that_is_no_yaml_is_refused(tmp_path):
    path = tmp_path / "camera.yaml"
    path.write_text("{ [")
    with pytest.raises(ConfigError, match="expected a YAML file"):
        load_extrinsics(path)


def test_what_was_saved_is_loaded_and_what_was_there_is_kept(tmp_path):
    path, shipped = tmp_path / "camera.yaml", load_extrinsics("config/extrinsics/sim.yaml")
    path.write_text("before")
    save_extrinsics(path, shipped, origin="# Copied.")
    assert np.allclose(load_extrinsics(path).base_from_optical, shipped.base_from_optical)
    assert np.allclose(load_extrinsics(path).link_from_optical, shipped.link_from_optical)
    assert path.read_text().startswith("# Copied.\n")
    assert (tmp_path / "camera.previous.yaml").read_text() == "before"
