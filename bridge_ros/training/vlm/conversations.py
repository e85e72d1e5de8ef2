"""Conversations to learn from, as `bridge-ros annotate` writes them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bridge_ros.errors import BridgeError, ConfigError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, as_pose
from bridge_ros.planner.vlm.chat import Turn
from bridge_ros.planner.vlm.closer_look import CloserLook
from bridge_ros.planner.vlm.coordinates import Convention, PixelMap

_ANCHOR_FOLLOWS = '", "anchor": ['


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """One record.

    Attributes:
        name: episode and number of the stage.
        rgb_file, depth_file: the frame. intrinsics: of its camera.
        turns: what is said; the image belongs to the first turn of the user.
        instruction, history: what the planner is asked: subgoal and outcome of earlier stages.
        anchor_px: `(2,)` in the camera's image. target_pose: `(7,)` in the camera frame.
        convention: of the coordinates in the turns.
        given: so many characters of every reply are not to be learnt.
    """

    name: str
    rgb_file: Path
    depth_file: Path
    intrinsics: Intrinsics
    turns: tuple[Turn, ...]
    instruction: str
    history: tuple[tuple[str, str], ...]
    anchor_px: FloatArray
    target_pose: FloatArray
    convention: Convention
    given: int = 0

    @property
    def subgoal(self) -> str:
        """What the first reply names."""
        return str(json.loads(self.turns[2].text)["subgoal"])

    def messages(self) -> list[dict[str, Any]]:
        """The turns in the form of chat templates."""
        messages: list[dict[str, Any]] = []
        image: list[dict[str, Any]] = [{"type": "image"}]
        for turn in self.turns:
            content: list[dict[str, Any]] = [{"type": "text", "text": turn.text}]
            if turn.role == "user":
                content, image = [*image, *content], []
            messages.append({"role": turn.role, "content": content})
        return messages

    def shifted(self, right_px: int, down_px: int) -> Conversation:
        """The conversation about the image when all of it lies that much further right and down.

        Exactly what a camera with that much another principal point would have led to: depths and
        the rotation are the same. Its intrinsics follow; `shift_image` makes the image.

        Raises:
            ConfigError: if the second question does not tell the anchor as `[u, v, depth]`.
        """
        camera = self.intrinsics
        scale = {
            "original": np.ones(2),
            "thousand": 1000.0 / np.array([camera.width, camera.height]),
        }.get(self.convention)
        if scale is None:
            raise ConfigError("shift_px: expected 0 with coordinates of the resized image")
        by = np.array([right_px, down_px]) * scale
        first, second = (i for i, turn in enumerate(self.turns) if turn.role == "assistant")
        texts = [turn.text for turn in self.turns]
        anchor = json.loads(texts[first])
        plan = json.loads(texts[second])
        before = anchor["anchor"]
        after = anchor["anchor"] = _moved(before, by)
        told, tells = (f"[{u}, {v}, " for u, v in (before, after))
        if texts[second - 1].count(told) != 1:
            raise ConfigError(f"shift_px: expected one {told!r} in the question {self.name}")
        texts[second - 1] = texts[second - 1].replace(told, tells)
        plan["target"] = _moved(plan["target"], by)
        plan["waypoints"] = [_moved(point, by) for point in plan["waypoints"]]
        texts[first], texts[second] = json.dumps(anchor), json.dumps(plan)
        turns = zip(self.turns, texts, strict=True)
        return replace(
            self,
            turns=tuple(replace(turn, text=text) for turn, text in turns),
            intrinsics=replace(camera, cx=camera.cx + right_px, cy=camera.cy + down_px),
            anchor_px=self.anchor_px + [right_px, down_px],
        )

    def closer(self, look: CloserLook) -> Conversation:
        """The first question and its reply, about the picture of a closer look.

        The subgoal is given then: what to do shows in the whole image, and not in this one.

        Raises:
            ConfigError: with coordinates of the resized image, whose size is not known here.
        """
        if self.convention == "resized":
            raise ConfigError("zoom_share: expected 0 with coordinates of the resized image")
        anchor_px = look.to_picture(self.anchor_px)
        camera = self.intrinsics
        mapping = PixelMap(
            convention=self.convention,
            width=camera.width,
            height=camera.height,
            resized_width=camera.width,
            resized_height=camera.height,
        )
        reply = json.loads(self.turns[2].text)
        reply["anchor"] = np.rint(mapping.from_pixels(anchor_px)).astype(int).tolist()
        text = json.dumps(reply)
        turns = (*self.turns[:2], replace(self.turns[2], text=text))
        given = text.rindex(_ANCHOR_FOLLOWS)
        return replace(self, turns=turns, anchor_px=anchor_px, given=given)


def shift_image(rgb: NDArray[np.uint8], right_px: int, down_px: int) -> NDArray[np.uint8]:
    """An image `(H, W, 3)` moved right and down; what comes in repeats the edge."""
    height, width = rgb.shape[:2]
    padded = np.pad(
        rgb,
        ((max(down_px, 0), max(-down_px, 0)), (max(right_px, 0), max(-right_px, 0)), (0, 0)),
        "edge",
    )
    top, left = max(-down_px, 0), max(-right_px, 0)
    return padded[top : top + height, left : left + width]


def read_conversations(file: Path) -> list[Conversation]:
    """All of a JSONL file.

    Raises:
        ConfigError: if a line or an image it names is not as it should be; says which line.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error}") from error
    return [_read(line, f"{file}:{i}", file.parent) for i, line in enumerate(lines, start=1)]


def _read(line: str, where: str, folder: Path) -> Conversation:
    try:
        entries = json.loads(line)
        turns = tuple(
            Turn(role=message["role"], text=message["content"][-1]["text"])
            for message in entries["messages"]
        )
        conversation = Conversation(
            name=str(entries["name"]),
            rgb_file=folder / entries["images"][0],
            depth_file=folder / entries["depth"],
            intrinsics=Intrinsics(**entries["intrinsics"]),
            turns=turns,
            instruction=str(entries["instruction"]),
            history=tuple((str(goal), str(end)) for goal, end in entries["history"]),
            anchor_px=np.array(entries["anchor_px"], dtype=np.float64),
            target_pose=as_pose(entries["target_pose"]),
            convention=entries["coordinates"],
        )
    except (ValueError, KeyError, TypeError, IndexError, BridgeError) as error:
        raise ConfigError(
            f"{where}: expected a record of `bridge-ros annotate`: {error}"
        ) from error
    roles = [turn.role for turn in turns]
    if roles != ["system", "user", "assistant", "user", "assistant"]:
        raise ConfigError(f"{where}: expected two questions and two replies, got {roles}")
    if not conversation.rgb_file.is_file():
        raise ConfigError(f"{where}: its image {conversation.rgb_file} is missing")
    return conversation


def read_image(conversation: Conversation) -> NDArray[np.uint8]:
    """The image `(H, W, 3)` of a conversation."""
    with Image.open(conversation.rgb_file) as image:
        return np.array(image.convert("RGB"))


def _moved(point: list[float], by: FloatArray) -> list[int]:
    """A point `[u, v, ...]` moved in the image."""
    return [round(point[0] + by[0]), round(point[1] + by[1]), *point[2:]]
