"""Models that run here: any image-text-to-text model of transformers, from a folder or the hub."""

from __future__ import annotations

import importlib
import time
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from bridge_ros.errors import ConfigError, PlanError
from bridge_ros.planner.vlm.chat import SeenImage, Turn
from bridge_ros.planner.vlm.coordinates import PixelMap, convention_of
from bridge_ros.planner.vlm.guided_decoding import GuidedDecoding
from bridge_ros.planner.vlm.median_numbers import MedianNumbers
from bridge_ros.planner.vlm.part_times import PartTimes, PrefillClock
from bridge_ros.planner.vlm.reply_json import shorten
from bridge_ros.planner.vlm.transformers_settings import TransformersSettings
from bridge_ros.settings.resources import resource_path

_INSTALL = "make setup EXTRAS=ros,sim,realsense,vlm,test"


class TransformersChat:
    """Implements `ChatModel` with weights that are loaded and warmed here; code never is.

    Args:
        settings: which model, and how it runs.
        loaded: processor and model that are there already, such as one in training; they are used
            as they are.

    Attributes:
        times: of preprocess (template, tokens, image), prefill (up to the first token) and decode
            (all further ones, and their text), added up until whoever reads them clears them.
        reply_tokens: of all replies.

    Raises:
        ConfigError: if transformers is missing, or the model cannot be loaded; says what to do.
    """

    def __init__(
        self, settings: TransformersSettings, loaded: tuple[Any, Any] | None = None
    ) -> None:
        self._settings = settings
        if settings.threads:
            torch.set_num_threads(settings.threads)
        self._processor, self._model = loaded or load_model(settings)
        config = self._model.config
        self._convention = convention_of(
            settings.coordinates,
            declared=str(getattr(config, "image_coordinates", "")),
            model_type=config.model_type,
            name=settings.model,
        )
        self._zoom = _zoom_of(config)
        self._guided = GuidedDecoding(self._processor.tokenizer) if settings.guided else None
        self._median = _median_of(config, self._processor.tokenizer)
        self._special = _special_tokens(self._processor.tokenizer)
        self.times, self.reply_tokens = PartTimes(), 0
        if loaded is None:
            self._warm()

    @property
    def parameters(self) -> int:
        """The model's weights, counted."""
        return sum(tensor.numel() for tensor in self._model.parameters())

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return torch.device(self._model.device)

    @property
    def dtype(self) -> torch.dtype:
        """Of the model's weights."""
        found: torch.dtype = self._model.dtype
        return found

    def look(self, rgb: NDArray[np.uint8]) -> SeenImage:
        """See `ChatModel.look`."""
        height, width = rgb.shape[:2]
        size = width, height
        if self._convention == "resized":
            with self.times.part("preprocess"):
                size = self._resized(rgb)
        mapping = PixelMap(
            convention=self._convention,
            width=width,
            height=height,
            resized_width=size[0],
            resized_height=size[1],
        )
        return SeenImage(rgb=rgb, pixel_map=mapping, zoom=self._zoom)

    def reply(self, seen: SeenImage, turns: tuple[Turn, ...], schema: dict[str, Any]) -> str:
        """See `ChatModel.reply`; with `guided`, the model is held to the schema token by token."""
        started_s = time.monotonic()
        text = self._generate(seen, turns, self._settings.max_new_tokens, schema)
        if time.monotonic() - started_s >= self._settings.timeout_s:
            raise PlanError(
                f"{self._settings.model}: no reply within {self._settings.timeout_s:g} s"
            )
        return text

    def _generate(
        self,
        seen: SeenImage,
        turns: tuple[Turn, ...],
        max_new_tokens: int,
        schema: dict[str, Any] | None = None,
    ) -> str:
        with self.times.part("preprocess"):
            inputs = self._processor.apply_chat_template(
                self._messages(seen, turns),
                add_generation_prompt=True,
                tokenize=True,
                return_dict=True,
                return_tensors="pt",
            ).to(self._model.device, self._model.dtype)
        asked = inputs["input_ids"].shape[1]
        guides: list[Any] = [self._guided.hold(schema, asked)] if self._guided and schema else []
        guides += [self._median] if self._median else []
        clock, began_s = PrefillClock(), time.perf_counter()
        with torch.inference_mode():
            tokens = self._model.generate(
                **inputs,
                max_new_tokens=max_new_tokens,
                max_time=self._settings.timeout_s,
                do_sample=False,
                temperature=None,
                top_p=None,
                top_k=None,
                streamer=clock,
                logits_processor=guides,
            )
        said = tokens[0, asked:]
        text = str(self._processor.tokenizer.decode(said, skip_special_tokens=True))
        ended_s = time.perf_counter()
        first_s = clock.first_s or ended_s
        self.times.add("prefill", first_s - began_s)
        self.times.add("decode", ended_s - first_s)
        self.reply_tokens += clock.tokens
        return text

    def _messages(self, seen: SeenImage, turns: tuple[Turn, ...]) -> list[dict[str, Any]]:
        image: list[dict[str, Any]] = [{"type": "image", "image": Image.fromarray(seen.rgb)}]
        messages: list[dict[str, Any]] = []
        for turn in turns:
            content: list[dict[str, Any]] = [{"type": "text", "text": self._harmless(turn.text)}]
            if turn.role == "user":
                content, image = [*image, *content], []
            messages.append({"role": turn.role, "content": content})
        return messages

    def _harmless(self, text: str) -> str:
        """The text without tokens that would end a turn, or pass for another image."""
        for token in self._special:
            text = text.replace(token, f"{token[0]} {token[1:]}")
        return text

    def _resized(self, rgb: NDArray[np.uint8]) -> tuple[int, int]:
        """The size (width, height) of the image that the model's processor makes."""
        image_processor = self._processor.image_processor
        made = image_processor(images=[Image.fromarray(rgb)], return_tensors="pt")
        if "image_grid_thw" in made:
            _, rows, columns = made["image_grid_thw"][0].tolist()
            patch = image_processor.patch_size
            return columns * patch, rows * patch
        keeps_all = not any(
            getattr(image_processor, name, False) for name in ("do_center_crop", "do_pad")
        )
        if keeps_all and made["pixel_values"].ndim == 4:
            height, width = made["pixel_values"].shape[2:]
            return int(width), int(height)
        raise ConfigError(
            f"transformers.coordinates: {type(image_processor).__name__} does not only resize; "
            "expected original or thousand in place of resized"
        )

    def _warm(self) -> None:
        """The first run takes longer than others; a model that cannot run at all shows here."""
        seen = self.look(np.zeros((480, 640, 3), np.uint8))
        turns = (Turn(role="system", text="hello"), Turn(role="user", text="ready?"))
        try:
            self._generate(seen, turns, 1)
        except Exception as error:
            # A template that knows no system, too little memory, a device that is not there.
            raise ConfigError(
                f"{self._settings.model}: it does not run: {shorten(str(error), 200)}"
            ) from error
        self.times.clear()
        self.reply_tokens = 0


def _load_library() -> ModuleType:
    try:
        return importlib.import_module("transformers")
    except ImportError as error:
        raise ConfigError(
            "the transformers backend needs transformers, a part of the extra `vlm`: " + _INSTALL
        ) from error


def load_model(settings: TransformersSettings) -> tuple[Any, Any]:
    """Processor and model, on its device. Raises ConfigError."""
    library = _load_library()
    try:
        source = str(resource_path(settings.model))
    except ConfigError:
        source = settings.model
    options: dict[str, Any] = {"dtype": settings.dtype, "use_safetensors": True}
    if settings.quantization != "none":
        wanted = {f"load_in_{settings.quantization}": True}
        options["quantization_config"] = library.BitsAndBytesConfig(**wanted)
    if settings.device_map:
        options["device_map"] = settings.device_map
    common = {"revision": settings.revision or "main", "trust_remote_code": False}
    try:
        processor = library.AutoProcessor.from_pretrained(source, **common)
        model = library.AutoModelForImageTextToText.from_pretrained(source, **common, **options)
        if not settings.device_map and settings.quantization == "none":
            device = settings.device
            if device == "auto":
                device = "cuda" if torch.cuda.is_available() else "cpu"
            model = model.to(device)
    except Exception as error:
        # Whatever is wrong with a folder, its files or the network comes as some other exception.
        what = shorten(str(error), 300) or "no reason given"
        raise ConfigError(
            f"transformers.model: {settings.model!r} cannot be loaded as an image-text-to-text "
            f"model: {type(error).__name__}: {what}"
        ) from error
    if not getattr(processor, "image_processor", None):
        raise ConfigError(f"transformers.model: {settings.model!r} does not take images")
    if not (processor.chat_template or processor.tokenizer.chat_template):
        raise ConfigError(f"transformers.model: {settings.model!r} has no chat template")
    return processor, model.eval()


def _zoom_of(config: Any) -> float:
    """How much closer a model's config.json has it look; 1 where it says nothing."""
    zoom = getattr(config, "zoom", 1.0)
    if not isinstance(zoom, (int, float)) or not 1.0 <= zoom <= 10.0:
        raise ConfigError(f"transformers.model: expected zoom from 1 to 10 in it, got {zoom!r}")
    return float(zoom)


def _median_of(config: Any, tokenizer: Any) -> MedianNumbers | None:
    """What reads numbers off the distributions of a model whose config.json asks for it."""
    wanted = getattr(config, "median_numbers", False)
    if not isinstance(wanted, bool):
        raise ConfigError(
            f"transformers.model: expected median_numbers true or false in it, got {wanted!r}"
        )
    return MedianNumbers(tokenizer) if wanted else None


def _special_tokens(tokenizer: Any) -> tuple[str, ...]:
    """Texts that the tokenizer takes for more than text, the longest first."""
    added = tokenizer.added_tokens_decoder.values()
    found = {str(token.content) for token in added if token.special}
    found |= set(tokenizer.all_special_tokens)
    return tuple(sorted((t for t in found if len(t) > 1), key=len, reverse=True))
