"""Runs of fine-tuning, from start to end and from a checkpoint."""

import json
from collections import Counter

import pytest
import torch
from conversations_on_disk import settings, tiny_model, write_conversations
from safetensors.torch import load_file
from transformers import AutoTokenizer

from bridge_ros.errors import ConfigError
from bridge_ros.lab.training.vlm.conversations import evenly_drawn, read_conversations
from bridge_ros.lab.training.vlm.finetuning import VlmFinetuning, bfloat16_is_slow, draw_examples
from bridge_ros.lab.training.vlm.planner_errors import measure_planner
from bridge_ros.lab.training.vlm.vlm_training_settings import VlmTrainingSettings
from bridge_ros.planner.vlm.chat import SeenImage
from bridge_ros.planner.vlm.coordinates import PixelMap
from bridge_ros.planner.vlm.median_numbers import whole_numbers
from bridge_ros.planner.vlm.transformers_chat import TransformersChat
from bridge_ros.planner.vlm.transformers_settings import TransformersSettings


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    return write_conversations(tmp_path_factory.mktemp("records"), coloured=True)


@pytest.fixture(scope="module")
def model(records, tmp_path_factory):
    return tiny_model(tmp_path_factory.mktemp("model"), records)


def losses(run):
    lines = [json.loads(line) for line in (run / "figures.jsonl").read_text().splitlines()]
    return [line["loss"] for line in lines if "loss" in line]


def weights(run):
    return load_file(run / "model" / "model.safetensors")


class PowerCut(Exception):
    """The end of a run that nobody wished for."""


def cut_at(step):
    def on_step(done):
        if done == step:
            raise PowerCut

    return on_step


@pytest.mark.parametrize(
    "entries",
    [{"shift_px": 10, "number_spread": 2.0, "look_weight": 0.3}, {"method": "lora"}],
    ids=["full", "lora"],
)
def test_a_run_that_was_cut_off_ends_where_an_unbroken_one_does(records, model, tmp_path, entries):
    wanted = settings(records, model, **entries)
    VlmFinetuning(wanted, tmp_path / "unbroken").run()
    with pytest.raises(PowerCut):
        VlmFinetuning(wanted, tmp_path / "broken", on_step=cut_at(5)).run()
    assert not (tmp_path / "broken" / "model").exists()
    # Cut off while it was written: it has no state yet.
    (tmp_path / "broken" / "checkpoint-5").mkdir()
    VlmFinetuning(wanted, tmp_path / "broken").run(resume=True)
    one, other = weights(tmp_path / "unbroken"), weights(tmp_path / "broken")
    start = load_file(model / "model.safetensors")
    assert one.keys() == other.keys()
    for name, tensor in one.items():
        torch.testing.assert_close(tensor, other[name], rtol=0.0, atol=1e-6, msg=name)
    assert any(not torch.equal(start[name], one[name]) for name in one)
    config = json.loads((tmp_path / "unbroken" / "model" / "config.json").read_text())
    assert config.get("median_numbers", False) == ("number_spread" in entries)


def test_first_stages_come_as_often_as_is_told_and_differ_each_time(records):
    conversations = read_conversations(records / "train.jsonl")
    firsts = {i for i, one in enumerate(conversations) if not one.history}
    a_pass = len(conversations) + 2 * len(firsts)
    examples = draw_examples(
        conversations, VlmTrainingSettings(steps=2, batch_size=a_pass, first_stage_times=3)
    )
    for start in (0, a_pass):
        came = Counter(example["record"] for example in examples[start : start + a_pass])
        assert came == {i: 3 if i in firsts else 1 for i in range(len(conversations))}
    assert len({(one["record"], one["epoch"]) for one in examples}) == 2 * a_pass


def test_a_run_with_fresh_numbers_has_forgotten_them_and_nothing_else(records, model, tmp_path):
    before = load_file(model / "model.safetensors")
    # So slow that what was not turned stays as it was.
    entries = {"steps": 1, "learning_rate": 1e-9, "fresh_numbers": True}
    for name in ("a", "b"):
        VlmFinetuning(settings(records, model, **entries), tmp_path / name).run()
    after, again = weights(tmp_path / "a"), weights(tmp_path / "b")
    changed = [name for name in before if not torch.allclose(before[name], after[name], atol=1e-6)]
    assert len(changed) == 1 and "embed_tokens" in changed[0]
    name = changed[0]
    torch.testing.assert_close(after[name], again[name], rtol=0.0, atol=0.0)
    tokenizer = AutoTokenizer.from_pretrained(model)
    differs = ((before[name] - after[name]).abs() > 1e-6).any(dim=1).nonzero()[:, 0].tolist()
    numbers = sorted(whole_numbers(tokenizer, "a test"))
    assert sorted(differs) == numbers
    alike = [(w[name][numbers] @ w[name][numbers].T) for w in (before, after)]
    torch.testing.assert_close(alike[1], alike[0], rtol=0.0, atol=1e-4)


@pytest.mark.parametrize(("processor", "slow"), [("AVX2", True), ("AVX512", False)])
def test_bfloat16_is_left_to_processors_that_have_it(monkeypatch, processor, slow):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: processor)
    assert bfloat16_is_slow() is slow


def test_what_is_held_out_is_not_of_the_first_task_alone(records):
    conversations = read_conversations(records / "train.jsonl")
    assert len(conversations) >= 4
    few = [conversations.index(one) for one in evenly_drawn(conversations, 2)]
    assert few == [0, len(conversations) // 2]
    assert evenly_drawn(conversations, 1000) == conversations
    assert evenly_drawn([], 3) == evenly_drawn(conversations, 0) == []


def test_adapters_cannot_learn_forgotten_numbers(records, model):
    with pytest.raises(ConfigError, match="expected method full"):
        settings(records, model, method="lora", fresh_numbers=True)


def test_the_loss_falls_and_the_model_serves(records, model, tmp_path):
    run = VlmFinetuning(
        settings(records, model, steps=30, evaluate_records=1, evaluate_every=30), tmp_path
    )
    figures = run.run()
    found = losses(tmp_path)
    assert len(found) == 30 and found[-1] < 0.75 * found[0]
    assert figures["records"] == 1 and 0.0 <= figures["valid"] <= 1.0
    chat = TransformersChat(TransformersSettings(model=str(tmp_path / "model"), max_new_tokens=4))
    conversation = read_conversations(records / "train.jsonl")[0]
    from bridge_ros.lab.training.vlm.conversations import read_image

    seen = chat.look(read_image(conversation))
    assert seen.pixel_map.convention == "original"
    assert isinstance(chat.reply(seen, conversation.turns[:2], {}), str)


def test_adapters_change_the_projections_and_are_merged_at_the_end(records, model, tmp_path):
    VlmFinetuning(settings(records, model, method="lora", steps=3), tmp_path).run()
    before, after = load_file(model / "model.safetensors"), weights(tmp_path)
    assert before.keys() == after.keys()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed and all("_proj" in name for name in changed)


def test_records_of_another_convention_are_refused(model, tmp_path):
    folder = write_conversations(tmp_path, coordinates="thousand", episodes=2)
    with pytest.raises(ConfigError, match="annotate with --coordinates original"):
        VlmFinetuning(settings(folder, model), tmp_path / "run")


class Recites:
    """Implements `ChatModel`: replies what was demonstrated, some of it changed."""

    def __init__(self, conversations, change=lambda reply: reply):
        self._replies = iter(
            change(turn.text)
            for conversation in conversations
            for turn in conversation.turns
            if turn.role == "assistant"
        )

    def look(self, rgb):
        mapping = PixelMap(
            convention="original", width=640, height=480, resized_width=640, resized_height=480
        )
        return SeenImage(rgb=rgb, pixel_map=mapping)

    def reply(self, seen, turns, schema):
        return next(self._replies)


def turned(reply):
    entries = json.loads(reply)
    if "rotation" in entries:
        entries["rotation"][2] += 180 if entries["rotation"][2] < 0 else -180
        entries["rotation"][0] += 5
    return json.dumps(entries)


def deeper(reply):
    entries = json.loads(reply)
    if "target" in entries:
        entries["target"][2] += 20
    return json.dumps(entries)


def test_a_model_that_recites_what_was_shown_errs_by_nothing_but_rounding(records):
    conversations = read_conversations(records / "train.jsonl")
    errors = measure_planner(Recites(conversations), conversations)
    assert (errors.records, errors.valid, errors.near) == (9, 1.0, 1.0)
    assert errors.anchor_px < 0.8 and errors.keypoint_cm < 0.2 and errors.orientation_deg < 1.0


def test_errors_are_those_of_the_keypoint_and_alike_fingers_may_change_places(records):
    conversations = read_conversations(records / "train.jsonl")
    errors = measure_planner(Recites(conversations, deeper), conversations)
    assert errors.keypoint_cm == pytest.approx(2.0, abs=0.4)
    errors = measure_planner(Recites(conversations, turned), conversations)
    assert errors.orientation_deg == pytest.approx(5.0, abs=1.0)


def test_refused_plans_count_as_neither_valid_nor_near(records):
    conversations = read_conversations(records / "train.jsonl")[:1]
    model = Recites(conversations * 4, lambda reply: reply.replace("target", "aim"))
    errors = measure_planner(model, conversations)
    assert (errors.valid, errors.near) == (0.0, 0.0)
    assert "expected the keys" in errors.refusals[0] and errors.figures()["keypoint_cm"] is None
