"""The board is OpenCV's, and its print measures what it says."""

import numpy as np
import pytest
from PIL import Image

from bridge_ros.camera.calibration_board import Board
from bridge_ros.errors import ConfigError
from bridge_ros.lab.calibration.board_print import board_page, write_board
from bridge_ros.lab.calibration.detection import BoardDetector

BOARD = Board()


def test_corners_are_where_opencv_puts_them():
    np.testing.assert_allclose(BOARD.corners_m, BOARD.to_cv().getChessboardCorners(), atol=1e-7)


@pytest.mark.parametrize(
    "settings",
    [
        {"columns": 2},
        {"marker_m": 0.04},
        {"marker_m": 0.0},
    ],
)
def test_an_impossible_board_is_refused(settings):
    with pytest.raises(ConfigError, match="board: expected"):
        Board(**settings)


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"dictionary": "DICT_5"}, "'DICT_5'"), ({"columns": 15, "rows": 9}, "at least 67 markers")],
)
def test_a_dictionary_that_does_not_fit_is_refused(settings, words):
    with pytest.raises(ConfigError, match=words):
        Board(**settings).to_cv()


@pytest.mark.parametrize("paper", ["a4", "letter", "a3"])
def test_the_printed_squares_have_their_true_size(paper):
    """On a page of 300 dots an inch, neighbouring corners are 36 mm apart."""
    page = board_page(BOARD, paper)
    found = BoardDetector(BOARD).detect(np.asarray(page.convert("RGB")))
    assert len(found.ids) == 24
    millimetres = found.corners_px / 300 * 25.4
    expected = 1e3 * BOARD.corners_m[found.ids, :2]
    np.testing.assert_allclose(millimetres - millimetres[0], expected - expected[0], atol=0.1)


def test_files_carry_the_true_size(tmp_path):
    write_board(BOARD, tmp_path / "board.png")
    with Image.open(tmp_path / "board.png") as picture:
        inches = np.array(picture.size) / picture.info["dpi"]
    np.testing.assert_allclose(inches * 25.4, (297, 210), atol=0.1)
    write_board(BOARD, tmp_path / "board.pdf")
    text = (tmp_path / "board.pdf").read_bytes()
    box = text.split(b"MediaBox [")[1].split(b"]")[0].split()
    points = [float(number) for number in box[2:]]
    np.testing.assert_allclose(np.array(points) / 72 * 25.4, (297, 210), atol=0.1)


def test_a_board_that_does_not_fit_on_the_paper_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="fits on a4"):
        board_page(Board(columns=9, square_m=0.036))
    with pytest.raises(ConfigError, match="expected one of"):
        board_page(BOARD, "napkin")
    with pytest.raises(ConfigError, match=r"\.pdf or \.png"):
        write_board(BOARD, tmp_path / "board.svg")
