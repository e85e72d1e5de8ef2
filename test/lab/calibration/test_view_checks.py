"""Each view that is of no use is refused by its cause."""

import dataclasses

import numpy as np
import pytest
from synthetic_views import UPRIGHT, hands, moved, view_of, views_of

from bridge_ros.errors import ConfigError
from bridge_ros.lab.calibration.errors import (
    BlurredViewError,
    FewCornersError,
    FewViewsError,
    SimilarViewError,
    SimilarViewsError,
    UnevenBoardError,
)
from bridge_ros.lab.calibration.view_checks import (
    ViewLimits,
    check_detection,
    check_flatness,
    check_novelty,
    check_views,
    turn_spread,
)

LIMITS = ViewLimits()


@pytest.fixture
def view():
    return view_of(UPRIGHT, np.random.default_rng(0))


def test_a_view_that_shows_too_little_of_the_board_is_refused(view):
    seen = dataclasses.replace(view.detection, ids=np.arange(11), corners_px=np.zeros((11, 2)))
    with pytest.raises(FewCornersError, match="11 corners .* at least 12"):
        check_detection(seen, LIMITS)
    check_detection(view.detection, LIMITS)


def test_a_blurred_view_is_refused(view):
    with pytest.raises(BlurredViewError, match="4.2 px wide, expected at most 3"):
        check_detection(dataclasses.replace(view.detection, edge_width_px=4.2), LIMITS)


def test_corners_of_a_bent_board_are_refused():
    check_flatness(0.9, LIMITS)
    with pytest.raises(UnevenBoardError, match="1.20 px .* flat and stiff"):
        check_flatness(1.2, LIMITS)


@pytest.mark.parametrize(
    "change",
    [{"shift_m": (0.02, 0.0, 0.01)}, {"turn_rad": (0.0, 0.08, 0.0)}],
)
def test_a_view_like_an_earlier_one_is_refused_by_its_number(view, change):
    other = view_of(moved(UPRIGHT, (0.1, 0.0, 0.0)), np.random.default_rng(1))
    with pytest.raises(SimilarViewError, match="too similar to view 2"):
        check_novelty(moved(UPRIGHT, **change), [other, view], LIMITS)


@pytest.mark.parametrize("change", [{"shift_m": (0.06, 0, 0)}, {"turn_rad": (0, 0.12, 0)}])
def test_a_view_that_moved_or_turned_enough_is_taken(view, change):
    check_novelty(moved(UPRIGHT, **change), [view], LIMITS)


def test_too_few_views_are_refused():
    views = views_of(10, seed=2)
    check_views(views, LIMITS)
    with pytest.raises(FewViewsError, match="9 usable views, expected at least 10"):
        check_views(views[:9], LIMITS)


@pytest.mark.parametrize("axes", [(0, 0, 0), (1, 0, 0), (0, 0, 1)])
def test_views_that_turn_about_no_or_one_axis_are_refused(axes):
    """From such views the camera's pose does not follow, however many there are."""
    rng = np.random.default_rng(3)
    views = [view_of(hand, rng) for hand in hands(14, rng, turn_axes=np.array(axes))]
    with pytest.raises(SimilarViewsError, match="second axis .* 0.0 degrees"):
        check_views(views, LIMITS)


def test_the_spread_is_that_of_the_turns():
    rng = np.random.default_rng(0)
    turns = [(0.3, 0, 0), (-0.3, 0, 0), (0, 0.2, 0), (0, -0.2, 0)]
    views = [view_of(moved(UPRIGHT, turn_rad=turn), rng) for turn in turns]
    np.testing.assert_allclose(turn_spread(views), [0.3 / 2**0.5, 0.2 / 2**0.5, 0.0], atol=1e-3)


@pytest.mark.parametrize("bad", [{"min_corners": 3}, {"min_views": 2}, {"max_edge_width_px": 0.0}])
def test_impossible_limits_are_refused(bad):
    with pytest.raises(ConfigError, match="expected"):
        ViewLimits(**bad)
