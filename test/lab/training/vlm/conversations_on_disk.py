"""Records of demonstrations over an empty table, and models that train in seconds."""

import sys
from pathlib import Path

import numpy as np
from demonstrations import pick_and_place
from PIL import Image

from bridge_ros.demonstration import FolderReader, find_all
from bridge_ros.lab.annotation.dataset import annotate, write_records
from bridge_ros.lab.annotation.records import AnnotationSettings
from bridge_ros.lab.training.vlm.conversations import read_conversations
from bridge_ros.lab.training.vlm.small_model import SmallModelSettings, make_small_model
from bridge_ros.lab.training.vlm.vlm_training_settings import VlmTrainingSettings
from bridge_ros.planner.vlm.prompts import Prompts
from bridge_ros.settings.resources import resource_path

sys.path.append(str(Path(__file__).resolve().parents[3] / "planner" / "vlm"))

PROMPTS = Prompts.load(resource_path("config/prompts/v1.yaml"))
SIZES = SmallModelSettings(
    image_px=64, patch_px=16, width=32, vision_layers=1, text_layers=2, heads=2
)


def write_conversations(folder, *, coordinates="original", episodes=4, coloured=False):
    """A folder as `bridge-ros annotate` leaves it: three records an episode, a quarter held out."""
    rng = np.random.default_rng(0)
    for i in range(episodes):
        episode = pick_and_place(folder / "episodes" / str(i), x=0.40 + 0.02 * i)
        if coloured:
            for frame in range(len(episode.frames.times_s)):
                noise = rng.integers(0, 255, size=(480, 640, 3), dtype=np.uint8)
                Image.fromarray(noise).save(episode.frames.files(frame, folder).rgb)
    shown = [reader.read(path) for reader, path in find_all(folder / "episodes", [FolderReader()])]
    settings = AnnotationSettings(coordinates=coordinates)
    train, _, _ = annotate(shown[1:], settings, share=0.0, images=folder)
    validation, _, _ = annotate(shown[:1], settings, share=0.0, images=folder)
    write_records(folder, settings, train, validation, [])
    return folder


def tiny_model(folder, records):
    make_small_model(folder, read_conversations(records / "train.jsonl"), PROMPTS, SIZES)
    return folder


def settings(records, model, **changes):
    entries = {
        "model": str(model),
        "records": str(records),
        "steps": 6,
        "batch_size": 4,
        "device_batch_size": 2,
        "learning_rate": 3e-3,
        "warmup_steps": 1,
        "bfloat16": False,
        "gradient_checkpointing": False,
        "device": "cpu",
        "threads": 1,
        "workers": 0,
        "log_every": 1,
        "evaluate_records": 0,
        "save_every": 3,
    }
    return VlmTrainingSettings(**{**entries, **changes})
