"""Conversations to learn from, as `bridge-ros annotate` writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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
from bridge_ros.status import StageOutcome

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
        learnt: the part of every reply that is.
    """

    name: str
    rgb_file: Path
    depth_file: Path
    intrinsics: Intrinsics
    turns: tuple[Turn, ...]
    instruction: str
    history: tuple[tuple[str, StageOutcome], ...]
    anchor_px: FloatArray
    target_pose: FloatArray
    convention: Convention
    learnt: slice = field(default_factory=lambda: slice(None))

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
        by = self._as_told(right_px, down_px)
        turns = self._pointing_elsewhere(by)
        plan = json.loads(turns[-1].text)
        plan["target"] = _moved(plan["target"], by)
        plan["waypoints"] = [_moved(point, by) for point in plan["waypoints"]]
        camera = self.intrinsics
        return replace(
            self,
            turns=(*turns[:-1], replace(turns[-1], text=json.dumps(plan))),
            intrinsics=replace(camera, cx=camera.cx + right_px, cy=camera.cy + down_px),
            anchor_px=self.anchor_px + [right_px, down_px],
        )

    def mispointed(self, right_px: int, down_px: int, depth_m: float) -> Conversation:
        """The conversation as it goes when the first reply is so far off.

        The anchor that is told is then that one, with the depth there. The plan stays: where to go
        is to be learnt from what a running model is told, too.

        Args:
            depth_m: measured there [m].

        Raises:
            ConfigError: as `shifted`.
        """
        by = self._as_told(right_px, down_px)
        return replace(self, turns=self._pointing_elsewhere(by, depth_m))

    def _as_told(self, right_px: int, down_px: int) -> FloatArray:
        """A way `(2,)` in the camera's image, in the coordinates of the turns."""
        camera = self.intrinsics
        if self.convention == "resized":
            raise ConfigError(
                "shift_px, anchor_error_px: expected 0 with coordinates of the resized image"
            )
        way = np.array([right_px, down_px], dtype=np.float64)
        thousand = 1000.0 / np.array([camera.width, camera.height])
        return way * thousand if self.convention == "thousand" else way

    def _pointing_elsewhere(self, by: FloatArray, depth_m: float | None = None) -> tuple[Turn, ...]:
        """The turns with the anchor moved, and another depth there if one is given."""
        _, _, pointed, asked, _ = self.turns
        reply = json.loads(pointed.text)
        before = reply["anchor"]
        after = reply["anchor"] = _moved(before, by)
        told = re.findall(rf"\[{before[0]}, {before[1]}, (\d+)\]", asked.text)
        if len(told) != 1:
            raise ConfigError(f"expected the anchor {before} once in the question {self.name}")
        depth = told[0] if depth_m is None else round(1000.0 * depth_m)
        text = asked.text.replace(
            f"[{before[0]}, {before[1]}, {told[0]}]", f"[{after[0]}, {after[1]}, {depth}]"
        )
        return (
            *self.turns[:2],
            replace(pointed, text=json.dumps(reply)),
            replace(asked, text=text),
            self.turns[4],
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
        learnt = slice(text.rindex(_ANCHOR_FOLLOWS), None)
        return replace(self, turns=turns, anchor_px=anchor_px, learnt=learnt)

    def naming(self, turns: tuple[Turn, ...]) -> Conversation:
        """The first question and its reply as in other turns; what is learnt is the subgoal.

        Where the anchor would be is not known.
        """
        return replace(
            self,
            turns=turns[:3],
            anchor_px=np.full(2, np.nan),
            learnt=slice(0, turns[2].text.rindex(_ANCHOR_FOLLOWS)),
        )


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
            history=tuple((str(goal), StageOutcome(end)) for goal, end in entries["history"]),
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


def evenly_drawn(conversations: Sequence[Conversation], count: int) -> list[Conversation]:
    """So many of them, or all, at even distances: records lie task by task."""
    count = min(count, len(conversations))
    return [conversations[i * len(conversations) // count] for i in range(count)]


def read_image(conversation: Conversation) -> NDArray[np.uint8]:
    """The image `(H, W, 3)` of a conversation."""
    with Image.open(conversation.rgb_file) as image:
        return np.array(image.convert("RGB"))


def _moved(point: list[float], by: FloatArray) -> list[int]:
    """A point `[u, v, ...]` moved in the image."""
    return [round(point[0] + by[0]), round(point[1] + by[1]), *point[2:]]
