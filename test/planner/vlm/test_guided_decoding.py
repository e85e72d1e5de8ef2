"""Models that were never trained keep to a schema, whatever they would rather say."""

import json

import numpy as np
import pytest
import tiny_models
import torch

from bridge_ros.errors import ConfigError
from bridge_ros.plan import PlanLimits
from bridge_ros.planner.vlm.chat import Turn
from bridge_ros.planner.vlm.guided_decoding import GuidedDecoding
from bridge_ros.planner.vlm.replies import anchor_schema, parse_anchor, waypoint_schema
from bridge_ros.planner.vlm.transformers_chat import TransformersChat
from bridge_ros.planner.vlm.transformers_settings import TransformersSettings

pytest.importorskip("transformers")
pytest.importorskip("llguidance")

TURNS = (Turn(role="system", text="You plan."), Turn(role="user", text="Where is it?"))
SUBGOAL = 'grasp the "red" cube'


@pytest.fixture(scope="module", params=range(3))
def folder(request, tmp_path_factory):
    torch.manual_seed(request.param)
    return tiny_models.llava(tmp_path_factory.mktemp("model"))


def chat(folder, **settings):
    return TransformersChat(
        TransformersSettings(
            model=folder, device="cpu", max_new_tokens=120, timeout_s=120.0, **settings
        )
    )


def test_the_reply_is_the_object_that_was_asked_for(folder):
    model = chat(folder)
    seen = model.look(np.zeros((480, 640, 3), np.uint8))
    reply = model.reply(seen, TURNS, anchor_schema(SUBGOAL))
    assert list(json.loads(reply)) == ["subgoal", "anchor"]
    found = parse_anchor(reply)
    assert found.subgoal == SUBGOAL and len(found.anchor) == 2


def test_without_it_the_model_babbles(folder):
    model = chat(folder, guided=False)
    seen = model.look(np.zeros((480, 640, 3), np.uint8))
    with pytest.raises(json.JSONDecodeError):
        json.loads(model.reply(seen, TURNS, anchor_schema(SUBGOAL)))


def test_every_token_of_a_plan_may_be_said_and_others_may_not():
    words = tiny_models.tokenizer()
    plan = {
        "waypoints": [[1, -2, 812]],
        "target": [1, -2, 870],
        "rotation": [-45, 0, 180],
        "opening": 110,
        "gripper": "close",
        "done": False,
    }

    def allowed(text):
        held = GuidedDecoding(words).hold(waypoint_schema(PlanLimits()), asked=1)
        tokens = [*words(text)["input_ids"], words.eos_token_id]
        for number, token in enumerate(tokens):
            told = torch.tensor([[0, *tokens[:number]]])
            if held(told, torch.zeros(1, len(words)))[0, token] == -torch.inf:
                return False
        return True

    assert allowed(json.dumps(plan))
    assert allowed(json.dumps(plan | {"opening": None, "done": True}))
    for wrong in (
        json.dumps(plan | {"opening": 111}),
        json.dumps(plan | {"gripper": "crush"}),
        json.dumps(plan | {"waypoints": []}),
        json.dumps(plan | {"extra": 1}),
        json.dumps(plan)[:-1],
        "Sure! " + json.dumps(plan),
        json.dumps(plan).replace("1, -2, 870", "1, -2, NaN"),
    ):
        assert not allowed(wrong)


def test_a_tokenizer_that_it_cannot_read_is_named():
    with pytest.raises(ConfigError, match="guided: expected false"):
        GuidedDecoding(object())
