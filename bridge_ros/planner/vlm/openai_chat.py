"""Models behind any server that speaks OpenAI's chat completions: vLLM, llama.cpp, clouds."""

from __future__ import annotations

import base64
import io
import json
import os
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bridge_ros.errors import ConfigError, PlanError
from bridge_ros.planner.vlm.chat import SeenImage, Turn
from bridge_ros.planner.vlm.coordinates import (
    ConventionChoice,
    PixelMap,
    convention_of,
    smart_resize,
)
from bridge_ros.planner.vlm.patient_post import HttpStatusError, Patience, load_httpx, post
from bridge_ros.planner.vlm.reply_json import shorten
from bridge_ros.settings.ranges import Range, check_ranges

_BAD_REQUEST = 400
_NOT_ALLOWED = (401, 403)


@dataclass(frozen=True, kw_only=True)
class OpenAISettings:
    """Settings of the openai backend.

    Attributes:
        base_url: of the server, up to and including its version.
        model: as the server calls it.
        api_key_env: the environment variable with the key; may be unset for servers without.
        coordinates: what the model's numbers mean; auto goes by its name.
        guided: how the server is asked to hold the reply to the schema: as `response_format`
            json_schema (vLLM, OpenAI), json_object, or not at all.
        max_tokens: of one reply.
        timeout_s: longest wait for one reply, all attempts included.
        attempts: for one reply.
        backoff_s: wait after a first failure; it doubles with each further one.
        resize_factor, min_pixels, max_pixels: of the model's image processor; where coordinates
            are of the resized image, it is resized here, and the server then leaves it as it is.
    """

    base_url: str = "http://127.0.0.1:8000/v1"
    model: str = "Qwen/Qwen2.5-VL-7B-Instruct"
    api_key_env: str = "OPENAI_API_KEY"
    coordinates: ConventionChoice = "auto"
    guided: Literal["json_schema", "json_object", "none"] = "json_schema"
    max_tokens: Annotated[int, Range(1, below=1e9)] = 1024
    timeout_s: Annotated[float, Range(above=0.0, below=1e9)] = 20.0
    attempts: Annotated[int, Range(1, below=1e9)] = 4
    backoff_s: Annotated[float, Range(0.0, below=1e9)] = 0.5
    resize_factor: Annotated[int, Range(1, below=1e9)] = 28
    min_pixels: Annotated[int, Range(1, below=1e9)] = 3136
    max_pixels: int = 12845056

    def __post_init__(self) -> None:
        check_ranges(self)
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"base_url: expected http(s)://host:port/v1, got {self.base_url!r}")
        if self.max_pixels < max(self.min_pixels, self.resize_factor**2):
            raise ConfigError(f"max_pixels: expected more than min_pixels, got {self.max_pixels}")


class OpenAIChat:
    """Implements `ChatModel` by requests to a server.

    Raises:
        ConfigError: if the HTTP library is missing, the model's coordinates are not known, or the
            key cannot be a key.
    """

    def __init__(self, settings: OpenAISettings) -> None:
        self._settings = settings
        self._convention = convention_of(settings.coordinates, name=settings.model)
        self._key = os.environ.get(settings.api_key_env, "").strip()
        if not (self._key.isascii() and all(c.isprintable() for c in self._key)):
            raise ConfigError(f"${settings.api_key_env}: expected a key, got other characters")
        load_httpx()

    def look(self, rgb: NDArray[np.uint8]) -> SeenImage:
        """See `ChatModel.look`."""
        settings = self._settings
        height, width = rgb.shape[:2]
        size = width, height
        if self._convention == "resized":
            size = smart_resize(
                width,
                height,
                factor=settings.resize_factor,
                min_pixels=settings.min_pixels,
                max_pixels=settings.max_pixels,
            )
        shown = rgb
        if size != (width, height):
            picture = Image.fromarray(rgb).resize(size, Image.Resampling.BICUBIC)
            shown = np.asarray(picture, dtype=np.uint8)
        mapping = PixelMap(
            convention=self._convention,
            width=width,
            height=height,
            resized_width=size[0],
            resized_height=size[1],
        )
        return SeenImage(rgb=shown, pixel_map=mapping)

    def reply(self, seen: SeenImage, turns: tuple[Turn, ...], schema: dict[str, Any]) -> str:
        """See `ChatModel.reply`."""
        settings = self._settings
        body: dict[str, Any] = {
            "model": settings.model,
            "messages": _messages(seen, turns),
            "max_tokens": settings.max_tokens,
            "temperature": 0.0,
        }
        if settings.guided == "json_schema":
            named = {"name": "reply", "schema": schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        elif settings.guided == "json_object":
            body["response_format"] = {"type": "json_object"}
        url = settings.base_url.rstrip("/") + "/chat/completions"
        patience = Patience(
            timeout_s=settings.timeout_s,
            attempts=settings.attempts,
            backoff_s=settings.backoff_s,
        )
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        try:
            return _content(post(url, body, headers, patience), url)
        except PlanError as error:
            raise PlanError(self._explained(error)) from error

    def _explained(self, error: PlanError) -> str:
        """What went wrong and what to do, without the key, should a server repeat it."""
        told = str(error)
        if self._key:
            told = told.replace(self._key, "***")
        if not isinstance(error, HttpStatusError):
            return told
        if error.status in _NOT_ALLOWED:
            return f"{told}; is ${self._settings.api_key_env} the key of this server?"
        if error.status == _BAD_REQUEST and "response_format" in error.text:
            return f"{told}; try openai.guided: none"
        return told


def _messages(seen: SeenImage, turns: tuple[Turn, ...]) -> list[dict[str, Any]]:
    """The conversation in OpenAI's form; the image goes with the first turn of the user."""
    packed = io.BytesIO()
    Image.fromarray(seen.rgb).save(packed, "PNG", compress_level=1)
    url = "data:image/png;base64," + base64.b64encode(packed.getvalue()).decode()
    image: list[dict[str, Any]] = [{"type": "image_url", "image_url": {"url": url}}]
    messages: list[dict[str, Any]] = []
    for turn in turns:
        content: Any = turn.text
        if turn.role == "user" and image:
            content = [*image, {"type": "text", "text": turn.text}]
            image = []
        messages.append({"role": turn.role, "content": content})
    return messages


def _content(answer: str, url: str) -> str:
    """The assistant's words in an answer of the server. Raises PlanError."""
    try:
        content = json.loads(answer)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise PlanError(
            f"{url}: expected a chat completion, got {shorten(answer) or 'nothing'}"
        ) from error
    if not isinstance(content, str):
        raise PlanError(f"{url}: expected a reply in words, got {shorten(content)}")
    return content
