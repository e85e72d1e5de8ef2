import json

import numpy as np
import pytest
from table_scene import ANCHOR, DEPTH, GOOD, INTRINSICS, RGB, WAYPOINTS, ScriptedModel, pixel_map

from bridge_ros.planner.vlm.closer_look import CloserLook
from bridge_ros.planner.vlm.vlm_planner import VlmPlanner

SIZE = (640, 480)


@pytest.mark.parametrize("pixel", [(320, 240), (3, 470), (639, 0)])
def test_what_is_pointed_at_is_in_the_picture_and_leads_back(pixel):
    pixel = np.array(pixel, dtype=float)
    look = CloserLook.around(pixel, SIZE, 3.0)
    shown = look.to_picture(pixel)
    assert (shown >= -0.5).all() and (shown <= np.array(SIZE) - 0.5).all()
    np.testing.assert_allclose(look.to_image(shown), pixel, atol=1e-9)


def test_the_picture_shows_it_that_much_larger():
    rgb = np.zeros((480, 640, 3), np.uint8)
    rgb[200:211, 300:311] = 255
    picture = CloserLook.around(np.array([330.0, 220.0]), SIZE, 3.0).picture(rgb)
    rows, columns = np.nonzero(picture[:, :, 0] > 127)
    assert picture.shape == rgb.shape
    assert np.ptp(rows) + 1 == pytest.approx(33, abs=1)
    assert np.ptp(columns) + 1 == pytest.approx(33, abs=1)
    middle = CloserLook.around(np.array([330.0, 220.0]), SIZE, 3.0).to_picture(
        np.array([305.0, 205.0])
    )
    np.testing.assert_allclose([columns.mean(), rows.mean()], middle, atol=0.6)


def plan_with(model):
    planner = VlmPlanner(model)
    plan = planner.plan(RGB, DEPTH, INTRINSICS, "pick up the red cube", ())
    return plan, planner


@pytest.mark.parametrize("convention", ["original", "thousand"])
def test_the_second_look_counts_and_is_what_the_model_is_told(convention):
    mapping = pixel_map(convention)
    look = CloserLook.around(np.array([320.0, 240.0]), SIZE, 3.0)
    said = np.rint(mapping.from_pixels(look.to_picture(np.array([330.0, 236.0])))).astype(int)
    exact = np.rint(mapping.from_pixels(np.array([330.0, 236.0]))).astype(int).tolist()
    first = np.rint(mapping.from_pixels(np.array([320.0, 240.0]))).astype(int).tolist()
    script = [
        json.dumps(ANCHOR | {"anchor": first}),
        json.dumps({"subgoal": "another one", "anchor": said.tolist()}),
        json.dumps(WAYPOINTS | {"target": [*exact, 790]}),
    ]
    model = ScriptedModel(script, mapping, zoom=3.0)
    plan, planner = plan_with(model)
    assert plan.subgoal == "grasp the red cube"
    assert planner.anchor == pytest.approx(exact, abs=1)
    exact = planner.anchor.astype(int).tolist()
    question, answer, told = model.asked[2][1:4]
    assert json.loads(answer.text) == {"subgoal": "grasp the red cube", "anchor": exact}
    assert f"= [{exact[0]}, {exact[1]}, 800]" in told.text
    assert [turn.text for turn in model.asked[1]] == [planner.transcript[0].text, question.text]
    assert [turn.text for turn in planner.transcript if turn.role == "assistant"] == script
    assert model.shown[1].shape == RGB.shape


@pytest.mark.parametrize(
    "nonsense", ["What?", json.dumps(ANCHOR | {"anchor": [900, 10]}), '{"anchor": [NaN, 1]}']
)
def test_a_second_look_that_is_of_no_use_leaves_the_first(nonsense):
    model = ScriptedModel([GOOD[0], nonsense, GOOD[1]], zoom=3.0)
    _, planner = plan_with(model)
    assert planner.anchor.tolist() == ANCHOR["anchor"]
    assert json.loads(model.asked[2][2].text) == ANCHOR
    assert nonsense in [turn.text for turn in planner.transcript]


def test_a_model_that_does_not_ask_for_it_is_asked_once():
    model = ScriptedModel(GOOD)
    plan_with(model)
    assert len(model.asked) == 2
