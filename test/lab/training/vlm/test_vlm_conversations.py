"""Conversations, moved images, tokens, labels, and the loss of numbers."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from conversations_on_disk import PROMPTS, tiny_model, write_conversations

from bridge_ros.errors import ConfigError
from bridge_ros.lab.training.vlm.collator import ConversationCollator
from bridge_ros.lab.training.vlm.conversations import read_conversations, shift_image
from bridge_ros.lab.training.vlm.number_loss import NumberLoss
from bridge_ros.lab.training.vlm.recolour import recolour, rename
from bridge_ros.lab.training.vlm.small_tokenizer import NUMBERS, make_tokenizer
from bridge_ros.lab.training.vlm.vlm_training_settings import VlmTrainingSettings
from bridge_ros.plan import PlanLimits
from bridge_ros.planner.vlm.chat import Turn
from bridge_ros.planner.vlm.closer_look import CloserLook
from bridge_ros.planner.vlm.coordinates import PixelMap
from bridge_ros.planner.vlm.replies import lift, parse_waypoints
from bridge_ros.settings.config_file import settings_file
from bridge_ros.sim.objects.sim_object import PALETTE


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    return write_conversations(tmp_path_factory.mktemp("records"))


@pytest.fixture(scope="module")
def conversations(records):
    return read_conversations(records / "train.jsonl")


@pytest.fixture(scope="module")
def processor(records, tmp_path_factory):
    from transformers import AutoProcessor

    return AutoProcessor.from_pretrained(tiny_model(tmp_path_factory.mktemp("model"), records))


def lifted(conversation):
    camera = conversation.intrinsics
    mapping = PixelMap(
        convention=conversation.convention,
        width=camera.width,
        height=camera.height,
        resized_width=camera.width,
        resized_height=camera.height,
    )
    reply = parse_waypoints(conversation.turns[4].text, PlanLimits())
    return lift(reply, "", mapping, camera)


@pytest.mark.parametrize("convention", ["original", "thousand"])
def test_a_moved_image_is_the_same_place_for_a_camera_with_another_centre(tmp_path, convention):
    folder = write_conversations(tmp_path, coordinates=convention, episodes=2)
    for conversation in read_conversations(folder / "train.jsonl"):
        moved = conversation.shifted(13, -7)
        assert moved.turns[4].text != conversation.turns[4].text
        np.testing.assert_allclose(
            lifted(moved).waypoints, lifted(conversation).waypoints, atol=0.002
        )
        u, v = json.loads(moved.turns[2].text)["anchor"]
        assert f"[{u}, {v}, " in moved.turns[3].text
        assert conversation.shifted(0, 0).turns == conversation.turns


def test_an_image_moves_by_whole_pixels():
    rgb = np.random.default_rng(0).integers(0, 255, size=(40, 60, 3), dtype=np.uint8)
    moved = shift_image(rgb, 5, -3)
    np.testing.assert_array_equal(moved[:-3, 5:], rgb[3:, :-5])
    np.testing.assert_array_equal(moved[:, 0], moved[:, 5])


@pytest.mark.parametrize("convention", ["original", "thousand"])
def test_a_model_that_points_beside_the_anchor_is_told_the_depth_there(tmp_path, convention):
    folder = write_conversations(tmp_path, coordinates=convention, episodes=2)
    for conversation in read_conversations(folder / "train.jsonl"):
        camera = conversation.intrinsics
        scale = 1000.0 / np.array([camera.width, camera.height]) if convention != "original" else 1
        beside = conversation.mispointed(6, -4, 0.7654)
        before, after = (json.loads(one.turns[2].text)["anchor"] for one in (conversation, beside))
        np.testing.assert_allclose(np.subtract(after, before), [6, -4] * np.ones(2) * scale, atol=1)
        assert f"= [{after[0]}, {after[1]}, 765]" in beside.turns[3].text
        assert beside.turns[4] == conversation.turns[4]
        np.testing.assert_array_equal(beside.anchor_px, conversation.anchor_px)


def test_the_rest_of_the_examples_points_as_far_off_as_a_running_model(conversations, processor):
    collate = ConversationCollator(
        processor, conversations, shift_px=0, anchor_error_px=3.0, seed=0, with_anchors=True
    )
    batch = collate([{"record": 0, "epoch": epoch} for epoch in range(20)])
    replies = [processor.tokenizer.decode(row[row >= 0]) for row in batch["labels"]]
    anchors = [json.loads(reply.split("<|im_end|>")[0])["anchor"] for reply in replies]
    off = np.array(anchors) - conversations[0].anchor_px
    assert 1.5 < np.std(off) < 5.0
    assert len({reply.split("<|im_end|>")[1] for reply in replies}) == 1, "the plan stays"
    assert len(batch["anchors"].unique(dim=0)) == 1, "where to look stays"


def spoken(conversation, instruction, subgoal):
    system, asked, replied, *rest = conversation.turns
    asked = replace(asked, text=f"Task: {instruction}")
    replied = replace(replied, text=f'{{"subgoal": "{subgoal}", "anchor": [3, 4]}}')
    return replace(conversation, turns=(system, asked, replied, *rest))


def test_of_what_was_said_only_the_name_is_learnt_in_other_colours(conversations):
    said = spoken(conversations[0], "stack the red cube on the blue one", "grasp the red cube")
    rng = np.random.default_rng(0)
    told = set()
    for _ in range(20):
        renamed = rename(said, rng)
        _, asked, replied = renamed.turns
        colour = asked.text.split()[3]
        assert replied.text[renamed.learnt] == f'{{"subgoal": "grasp the {colour} cube'
        assert np.isnan(renamed.anchor_px).all()
        told.add(colour)
    assert len(told) > 3


@pytest.mark.parametrize(
    "goal", ["grasp the yellow cube", "put the red cube on the green cube", "grasp the handle"]
)
def test_what_shows_in_the_image_alone_keeps_its_name(conversations, goal):
    seen = spoken(conversations[0], "stack the red cube on the blue one", goal)
    assert rename(seen, np.random.default_rng(0)) is seen


def test_a_renamed_example_is_learnt_up_to_its_name(conversations, processor):
    words = "stack the red cube on the blue cube"
    said = spoken(conversations[0], words, "grasp the red cube")
    collate = ConversationCollator(
        processor, [said], shift_px=0, rename_share=0.5, seed=0, with_anchors=True
    )
    batch = collate([{"record": 0, "epoch": epoch} for epoch in range(20)])
    replies = [processor.tokenizer.decode(row[row >= 0]) for row in batch["labels"]]
    short = [reply for reply in replies if "waypoints" not in reply]
    assert 4 < len(short) < 16
    assert all(reply.endswith('cube", "anchor": [') for reply in short)
    assert int(batch["anchors"].isnan().any(dim=1).sum()) == len(short)


@pytest.mark.parametrize("convention", ["original", "thousand"])
def test_a_closer_look_asks_for_the_anchor_alone_and_where_it_is_then(tmp_path, convention):
    folder = write_conversations(tmp_path, coordinates=convention, episodes=2)
    for conversation in read_conversations(folder / "train.jsonl"):
        camera = conversation.intrinsics
        look = CloserLook.around(conversation.anchor_px + 5, (camera.width, camera.height), 3.0)
        closer = conversation.closer(look)
        assert closer.turns[:2] == conversation.turns[:2] and len(closer.turns) == 3
        size = np.array([camera.width, camera.height])
        scale = size if convention == "original" else np.full(2, 1000.0)
        told = json.loads(closer.turns[2].text)["anchor"]
        np.testing.assert_allclose(told / scale, closer.anchor_px / size, atol=0.01)
        np.testing.assert_allclose(
            look.to_image(closer.anchor_px), conversation.anchor_px, atol=1e-9
        )


def test_a_share_of_the_examples_are_closer_looks(conversations, processor):
    batch = ConversationCollator(
        processor, conversations, shift_px=0, zoom=3.0, zoom_share=0.5, seed=0, with_anchors=True
    )([{"record": 0, "epoch": epoch} for epoch in range(20)])
    replies = [processor.tokenizer.decode(row[row >= 0]) for row in batch["labels"]]
    closer = ["waypoints" not in reply for reply in replies]
    assert all(
        ("subgoal" in reply) is not only for reply, only in zip(replies, closer, strict=True)
    )
    assert all("anchor" in reply for reply in replies)
    assert 4 < sum(closer) < 16
    assert len({tuple(anchor) for anchor in batch["anchors"][closer].tolist()}) > 1
    assert ((batch["anchors"] > 0.0) & (batch["anchors"] < 1.0)).all()


def test_a_line_that_is_no_record_is_named(records, tmp_path):
    line = json.loads((records / "train.jsonl").read_text().splitlines()[0])
    for changed, said in (
        ({**line, "messages": line["messages"][:3]}, "two questions and two replies"),
        ({**line, "images": ["nowhere.png"]}, "nowhere.png is missing"),
        ({key: line[key] for key in line if key != "depth"}, "a record of `bridge-ros annotate`"),
    ):
        (tmp_path / "bad.jsonl").write_text(json.dumps(changed) + "\n")
        with pytest.raises(ConfigError, match=said):
            read_conversations(tmp_path / "bad.jsonl")


def test_numbers_and_phrases_are_one_token_each_and_all_text_survives(conversations):
    words = make_tokenizer(conversations, PROMPTS)
    for number in (NUMBERS[0], -1, 0, 7, 110, 639, NUMBERS[-1]):
        assert len(words(f"[{number}]")["input_ids"]) <= 3
        assert str(number) in words.get_vocab()
    for conversation in conversations:
        text = words.apply_chat_template(conversation.messages(), tokenize=False)
        ids = words(text)["input_ids"]
        assert len(ids) < 140, "a conversation is short"
        assert words.decode(ids) == text
    strange = 'naïve "Zebra" 12.5 — {"<|im_end>": [99999]}'
    assert words.decode(words(strange)["input_ids"]) == strange


@pytest.mark.parametrize("family", ["small", "llava", "qwen2_5_vl", "qwen3_vl"])
def test_only_the_replies_are_learnt_whatever_the_model_s_family(
    family, conversations, processor, tmp_path
):
    if family != "small":
        import tiny_models
        from transformers import AutoProcessor

        if family != "llava" and not tiny_models.load_torchvision():
            pytest.skip("torchvision, which the Qwen-VL processors need, is not installed")
        getattr(tiny_models, family)(tmp_path)
        processor = AutoProcessor.from_pretrained(tmp_path)
    batch = ConversationCollator(processor, conversations, shift_px=0, seed=0)(
        [{"record": i, "epoch": 0} for i in range(3)]
    )
    assert batch["input_ids"].shape == batch["labels"].shape == batch["attention_mask"].shape
    for row, conversation in zip(batch["labels"], conversations, strict=False):
        learnt = processor.tokenizer.decode(row[row >= 0])
        first, second = (conversation.turns[i].text for i in (2, 4))
        assert learnt == f"{first}<|im_end|>{second}<|im_end|>"


def test_a_moved_image_is_the_same_one_after_a_restart(conversations, processor):
    batches = [
        ConversationCollator(processor, conversations, shift_px=20, seed=seed)(
            [{"record": 1, "epoch": epoch}]
        )
        for seed, epoch in ((0, 0), (0, 0), (0, 1), (1, 0))
    ]
    ids = [batch["input_ids"].tolist() for batch in batches]
    assert ids[0] == ids[1] and ids[0] != ids[2] and ids[0] != ids[3]


def test_things_change_colours_with_one_another_in_image_and_words(conversations):
    names = ("red", "green", "blue", "yellow", "purple")
    rng = np.random.default_rng(0)
    painted = np.full((40, 60, 3), 180, np.uint8)
    for column, name in enumerate(names):
        for shade, rows in ((1.0, slice(0, 15)), (0.4, slice(15, 30))):
            painted[rows, 12 * column : 12 * column + 12] = 255 * shade * np.array(PALETTE[name])
    before = replace(conversations[0], turns=(Turn(role="user", text=", ".join(names)),))
    seen = set()
    for _ in range(20):
        after, image = recolour(before, painted, rng)
        words = after.turns[0].text.split(", ")
        assert sorted(words) == sorted(names)
        for column, name in enumerate(words):
            for shade, row in ((1.0, 5), (0.4, 20)):
                wanted = 255 * shade * np.array(PALETTE[name])
                np.testing.assert_allclose(image[row, 12 * column + 5], wanted, atol=4)
        assert (image[30:] == 180).all(), "the table stays as it is"
        seen.add(after.turns[0].text)
    assert len(seen) > 10


def test_a_share_of_the_examples_is_recoloured_and_still_only_replies_are_learnt(
    conversations, processor
):
    batch = ConversationCollator(
        processor,
        conversations,
        shift_px=0,
        zoom=3.0,
        zoom_share=0.5,
        recolour_share=0.5,
        seed=0,
    )([{"record": 0, "epoch": epoch} for epoch in range(20)])
    texts = [processor.tokenizer.decode(row[row >= 0]) for row in batch["labels"]]
    told = [processor.tokenizer.decode(row) for row in batch["input_ids"]]
    as_shown = [conversations[0].turns[1].text.split("\n")[0] in text for text in told]
    assert 4 < sum(as_shown) < 16
    assert all(text.endswith("<|im_end|>") and "anchor" in text for text in texts)


def test_words_weigh_as_much_as_is_told(processor):
    keep, number = processor.tokenizer.convert_tokens_to_ids(["keep", "300"])
    logits = torch.randn(1, 3, len(processor.tokenizer), generator=torch.Generator().manual_seed(0))

    def of(weight, *labels):
        loss = NumberLoss(processor.tokenizer, spread=3.0, word_weight=weight)
        return float(loss(logits, torch.tensor([[-100, *labels]])))

    assert of(5.0, keep, -100) == pytest.approx(5.0 * of(1.0, keep, -100))
    assert of(5.0, number, -100) == pytest.approx(of(1.0, number, -100))


def test_a_near_number_is_a_smaller_mistake_and_words_are_as_ever(processor):
    words = processor.tokenizer
    loss = NumberLoss(words, spread=3.0)
    at = {name: words.convert_tokens_to_ids(name) for name in ("300", "303", "17", "keep", "open")}

    def of(wanted, said):
        logits = torch.full((1, 2, len(words)), -4.0)
        logits[0, 0, at[said]] = 4.0
        return float(loss(logits, torch.tensor([[-100, at[wanted]]])))

    assert of("300", "300") < of("300", "303") < of("300", "17") - 0.5
    plain = torch.nn.functional.cross_entropy
    logits = torch.randn(1, 2, len(words), generator=torch.Generator().manual_seed(0))
    wanted = torch.tensor([[-100, at["keep"]]])
    assert float(loss(logits, wanted)) == pytest.approx(float(plain(logits[:, 0], wanted[:, 1])))


def test_a_short_reply_counts_as_much_as_a_long_one(processor):
    words = processor.tokenizer
    loss = NumberLoss(words, spread=3.0)
    keep = words.convert_tokens_to_ids("keep")
    labels = torch.full((1, 8), -100)
    labels[0, 1], labels[0, 3:8] = keep, keep

    def of(*places):
        logits = torch.zeros(1, 8, len(words))
        for place in places:
            logits[0, place - 1, keep] = 50.0
        return float(loss(logits, labels))

    assert of(1) == pytest.approx(of(3, 4, 5, 6, 7))
    assert of(1, 3, 4, 5, 6, 7) == pytest.approx(0.0, abs=1e-4)


def test_the_spread_of_numbers_needs_a_tokenizer_that_has_them(tmp_path):
    import tiny_models

    with pytest.raises(ConfigError, match="number_spread: expected off"):
        NumberLoss(tiny_models.tokenizer(), spread=2.0)


def test_the_shipped_settings_are_the_paper_s():
    default = settings_file(VlmTrainingSettings, "config/training/vlm.yaml")
    assert (default.steps, default.batch_size) == (1000, 32)
    assert default.accumulation(devices=8) == 1
    small = settings_file(VlmTrainingSettings, "config/training/vlm_small.yaml")
    assert small.model == "small"
    with pytest.raises(ConfigError, match="a multiple of device_batch_size x devices = 12"):
        default.accumulation(devices=3)
