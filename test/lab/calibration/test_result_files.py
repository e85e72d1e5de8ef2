"""What is written is what the graph reads."""

import json

import numpy as np
import pytest
from synthetic_views import BOARD, CAMERA, INTRINSICS, views_of

from bridge_ros.camera.extrinsics import D435_LINK_FROM_OPTICAL, load_extrinsics
from bridge_ros.lab.calibration.result_files import (
    write_extrinsics,
    write_report,
    write_rough_extrinsics,
)
from bridge_ros.lab.calibration.solution import calibrate

WHEN = "2026-01-31 12:00"


@pytest.fixture(scope="module")
def views():
    return views_of(10, seed=11)


@pytest.fixture(scope="module")
def calibration(views):
    return calibrate(views, BOARD, INTRINSICS)


def test_the_trajectory_node_s_reader_reads_it_back(tmp_path, calibration):
    path = tmp_path / "cells" / "lab.yaml"
    write_extrinsics(path, calibration, D435_LINK_FROM_OPTICAL, when=WHEN)
    read = load_extrinsics(path)
    np.testing.assert_allclose(read.base_from_optical, calibration.base_from_optical, atol=1e-6)
    np.testing.assert_allclose(read.link_from_optical, D435_LINK_FROM_OPTICAL)
    assert WHEN in path.read_text()
    assert "Verdict: good" in path.read_text()


def test_the_shipped_file_has_the_same_nominal_housing():
    shipped = load_extrinsics("config/extrinsics/sim.yaml")
    np.testing.assert_allclose(D435_LINK_FROM_OPTICAL, shipped.link_from_optical)


def test_the_file_that_was_there_is_kept(tmp_path, calibration):
    path = tmp_path / "lab.yaml"
    path.write_text("before")
    write_extrinsics(path, calibration, D435_LINK_FROM_OPTICAL, when=WHEN)
    assert (tmp_path / "lab.previous.yaml").read_text() == "before"
    load_extrinsics(path)


def test_a_rough_file_is_read_as_well_and_says_what_it_is(tmp_path):
    path = tmp_path / "lab.yaml"
    write_rough_extrinsics(path, CAMERA, when=WHEN)
    np.testing.assert_allclose(load_extrinsics(path).base_from_optical, CAMERA, atol=1e-6)
    assert "tape measure" in path.read_text()


def test_the_report_has_every_view_with_its_error(tmp_path, calibration, views):
    write_report(tmp_path / "report.json", calibration, views)
    told = json.loads((tmp_path / "report.json").read_text())
    assert told["verdict"] == "good"
    assert len(told["views"]) == len(views)
    np.testing.assert_allclose([view["rms_px"] for view in told["views"]], calibration.view_rms_px)
    np.testing.assert_allclose(told["views"][0]["ee_pose"], views[0].ee_pose)
