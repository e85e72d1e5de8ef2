from types import SimpleNamespace

import numpy as np
import pytest
import torch
from conversations_on_disk import SIZES, tiny_model, write_conversations

from bridge_ros.errors import ConfigError
from bridge_ros.lab.training.vlm.collator import ConversationCollator
from bridge_ros.lab.training.vlm.conversations import read_conversations
from bridge_ros.lab.training.vlm.look_loss import LookLoss
from bridge_ros.lab.training.vlm.number_loss import NumberLoss
from bridge_ros.planner.vlm.transformers_chat import load_model
from bridge_ros.planner.vlm.transformers_settings import TransformersSettings

SIDE = SIZES.image_px // SIZES.patch_px


@pytest.fixture(scope="module")
def conversations(tmp_path_factory):
    folder = write_conversations(tmp_path_factory.mktemp("records"), coloured=True)
    return read_conversations(folder / "train.jsonl")


@pytest.fixture(scope="module")
def looking(conversations, tmp_path_factory):
    """A model, a batch of its, and marks of the tokens up to the anchor in the first replies."""
    folder = tmp_path_factory.mktemp("model")
    source = tiny_model(folder, conversations[0].rgb_file.parents[3])
    settings = TransformersSettings(model=str(source), device="cpu", dtype="float32")
    processor, model = load_model(settings)
    collate = ConversationCollator(processor, conversations, shift_px=0, seed=0, with_anchors=True)
    batch = collate([{"record": record, "epoch": 0} for record in range(4)])
    labels = batch.pop("labels")
    return model, batch, NumberLoss(processor.tokenizer, 3.0).up_to_anchor(labels), processor


def test_a_model_of_another_make_is_refused():
    config = SimpleNamespace(model_type="qwen2_5_vl", text_config=SimpleNamespace(model_type="x"))
    with pytest.raises(ConfigError, match="look_weight: expected 0"):
        LookLoss(SimpleNamespace(config=config))


def test_what_is_written_up_to_the_anchor_is_found(conversations, looking):
    _, batch, written, processor = looking
    for row, conversation in enumerate(conversations[:4]):
        told = processor.tokenizer.decode(batch["input_ids"][row][written[row]])
        first = conversation.turns[2].text
        assert told == first.removesuffix("]}")


def test_a_number_in_a_subgoal_ends_nothing(looking):
    words = looking[3].tokenizer
    reply = words('{"subgoal": "place 3", "anchor": [250, 17]}')["input_ids"]
    plan = words('{"waypoints": [[1, 2, 3]]}')["input_ids"]
    labels = torch.tensor([[-100, *reply, -100, *plan, -100]])
    written = NumberLoss(words, 3.0).up_to_anchor(labels)
    assert words.decode(labels[written]) == '{"subgoal": "place 3", "anchor": [250, 17'


def test_an_anchor_that_is_not_known_teaches_nothing(looking):
    model, batch, written, _ = looking
    batch = dict(batch)
    anchors = batch.pop("anchors").clone()
    look = LookLoss(model)

    def of(anchors):
        look.watch(written)
        model(**batch, use_cache=False)
        return look(batch["input_ids"], anchors).item()

    counts = written.sum(dim=1)
    of_each = []
    for row in range(4):
        alone = torch.full_like(anchors, torch.nan)
        alone[row] = anchors[row]
        of_each.append(of(alone))
    mean = np.average(of_each, weights=counts.numpy())
    assert of(anchors) == pytest.approx(mean, rel=1e-4) and mean > 0.0
    assert of(torch.full_like(anchors, torch.nan)) == 0.0


def test_a_model_that_learns_to_look_looks_at_the_anchor(looking):
    model, batch, written, _ = looking
    batch = dict(batch)
    anchors = batch.pop("anchors")
    look = LookLoss(model)
    optimiser = torch.optim.Adam(model.parameters(), 3e-3)
    for _ in range(60):
        look.watch(written)
        model(**batch, use_cache=False)
        loss = look(batch["input_ids"], anchors)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    model.set_attn_implementation({"text_config": "eager"})
    layer = model.config.text_config.num_hidden_layers // 2
    with torch.no_grad():
        seen = model(**batch, use_cache=False, output_attentions=True).attentions[layer].mean(1)
    image = (batch["input_ids"][0] == model.config.image_token_index).nonzero()[:, 0]
    for row in range(4):
        for at in written[row].nonzero()[:, 0] - 1:
            patch = int(seen[row, at, image].argmax())
            centre = np.array([patch % SIDE + 0.5, patch // SIDE + 0.5]) / SIDE
            assert np.abs(centre - anchors[row].numpy()).max() <= 0.51 / SIDE + 1e-6
