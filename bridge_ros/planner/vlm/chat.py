"""The seam between the conversation and whoever runs the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from bridge_ros.planner.vlm.coordinates import PixelMap

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Something said in a conversation; the first turn of the user goes with the image."""

    role: Role
    text: str


@dataclass(frozen=True, kw_only=True)
class SeenImage:
    """An image as a model is shown it.

    Attributes:
        rgb: `(h, w, 3)` uint8, as it is handed to the model.
        pixel_map: from the model's coordinates to the camera's image.
        zoom: how much closer the model wants to look at what it pointed at, before that counts; 1
            for one that does not.
    """

    rgb: NDArray[np.uint8]
    pixel_map: PixelMap
    zoom: float = 1.0


class ChatModel(Protocol):
    """A vision-language model that answers turn by turn. Slow: used in a worker."""

    def look(self, rgb: NDArray[np.uint8]) -> SeenImage:
        """Prepare a camera image `(H, W, 3)` uint8."""

    def reply(self, seen: SeenImage, turns: tuple[Turn, ...], schema: dict[str, Any]) -> str:
        """What the model says next.

        Args:
            schema: of the JSON object that is wanted; some models can be held to it.

        Raises:
            PlanError: if there is no reply in time; says what to do.
        """
