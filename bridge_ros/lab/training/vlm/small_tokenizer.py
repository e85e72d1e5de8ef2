"""A small tokenizer for the planner's language: phrases, words and numbers, each one token.

The fixed parts of the prompts and of the replies' JSON, and every whole number that a coordinate,
depth or angle may be, are one token each; other words are found in the records; whatever else a
person writes is spelt in bytes.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Sequence
from string import Template
from typing import Any

from bridge_ros.lab.training.vlm.conversations import Conversation
from bridge_ros.planner.vlm.prompts import Prompts

IMAGE, START, END, PAD = "<image>", "<|im_start|>", "<|im_end|>", "<|pad|>"
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{% for c in m.content %}"
    "{% if c.type == 'image' %}<image>{% else %}{{ c.text }}{% endif %}{% endfor %}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
NUMBERS = range(-400, 1700)
_WORD = r" ?[A-Za-z]+| ?[0-9]| ?[^A-Za-z0-9\s]+|\s+"
_REPLIES = (
    json.dumps({"subgoal": "0", "anchor": [0, 0]}),
    json.dumps(
        {
            "waypoints": [[0, 0, 0], [0, 0, 0]],
            "target": [0, 0, 0],
            "rotation": [0, 0, 0],
            "opening": 0,
            "gripper": "0",
            "done": 0,
        }
    ),
)


def make_tokenizer(conversations: Sequence[Conversation], prompts: Prompts) -> Any:
    """Train one on the words of conversations; a `PreTrainedTokenizerFast` with a chat template."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORD), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    core.decoder = decoders.ByteLevel()
    words = sorted({word for one in conversations for word in _words(one)})
    core.train_from_iterator(
        words * 3,
        trainers.BpeTrainer(
            vocab_size=20_000,
            min_frequency=2,
            special_tokens=[IMAGE, START, END, PAD],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    fixed = [*phrases(prompts), *map(str, NUMBERS)]
    known = set(core.get_vocab())
    core.add_tokens([AddedToken(text, normalized=False) for text in fixed if text not in known])
    transformers: Any = importlib.import_module("transformers")
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=core,
        eos_token=END,
        pad_token=PAD,
        extra_special_tokens={"image_token": IMAGE, "start_token": START},
        chat_template=TEMPLATE,
        clean_up_tokenization_spaces=False,
        model_input_names=["input_ids", "attention_mask"],
    )


def phrases(prompts: Prompts) -> list[str]:
    """What is the same in every conversation, the numbers and words in it left out."""
    found = []
    for name in ("system", "anchor", "waypoints"):
        text = Template.pattern.sub("\0", getattr(prompts, name))
        found += re.split(r"[\0]", text)
    for reply in _REPLIES:
        found += re.split(r"0", reply)
    roles = [f"{role}\n" for role in ("system", "user", "assistant")]
    return sorted({part for part in [*found, *roles] if len(part) > 1})


def _words(conversation: Conversation) -> set[str]:
    """Words that are not the prompts', with the space before them: of sentences and subgoals."""
    texts = [
        conversation.instruction,
        conversation.subgoal,
        *(f"{a}: {b}" for a, b in conversation.history),
    ]
    texts += ["nothing", "close", "open", "keep", "true", "false", "null"]
    return {word for text in texts for word in re.findall(_WORD, text)}
