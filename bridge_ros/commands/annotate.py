"""`bridge-ros annotate`: episodes to fine-tuning records (figure 2)."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bridge_ros.errors import ConfigError
from bridge_ros.sim.suites import DEFAULT_SUITE, SUITES, suite_tasks

if TYPE_CHECKING:
    from bridge_ros.demonstration import DemonstrationReader

T = TypeVar("T")

DESCRIPTION = (
    "Finds the keyframes of episodes, where the gripper's state changes, and writes for every\n"
    "stage the conversation that would have led to it, as JSONL; with them dataset.json and\n"
    "sheets/*.png. An episode is what `bridge-ros record --task` has written, or a folder in the\n"
    "form of bridge_ros/demonstration/folder.py."
)
EXAMPLES = """\
examples:
  bridge-ros annotate runs/episodes --out runs/sft --coordinates thousand
  bridge-ros annotate runs/driven --sentence "pick up the red cube" --out runs/driven_sft
  bridge-ros annotate runs/episodes --simulate 40 --seed 1000 --out runs/sft  # draws them first
  bridge-ros annotate runs/unseen --simulate 40 --suite unseen6 --out runs/unseen_sft"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("episodes", type=Path, help="folder of episodes")
    parser.add_argument("--sentence", default="", help="of recordings in which none was said")
    parser.add_argument("--out", type=Path, required=True, help="folder for the records")
    parser.add_argument(
        "--coordinates",
        choices=("original", "resized", "thousand"),
        default="thousand",
        help="how the model tells image coordinates: resized is Qwen2.5-VL's way (thousand)",
    )
    parser.add_argument(
        "--prompts",
        metavar="FILE",
        help="the planner's words (default: those that the planner has by itself)",
    )
    parser.add_argument(
        "--validation", type=float, default=0.1, metavar="SHARE", help="of the episodes (0.1)"
    )
    parser.add_argument("--sheets", type=int, default=4, metavar="N", help="contact sheets (4)")
    parser.add_argument(
        "--simulate",
        type=int,
        default=0,
        metavar="N",
        help="first draw episodes of N scenes of each task into EPISODES; resumable",
    )
    parser.add_argument("--seed", type=int, default=1000, help="of the first scene (1000)")
    parser.add_argument(
        "--arrangements", type=int, default=4, metavar="N", help="episodes a scene (4)"
    )
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="that draw (1)")
    parser.add_argument(
        "--suite", choices=[*SUITES], default=DEFAULT_SUITE, help="what to draw (tabletop6)"
    )
    parser.add_argument("--tasks", nargs="+", metavar="TASK", help="draw only these of the suite")


def run(arguments: argparse.Namespace) -> int:
    """Carry it out; 0 if there are records."""
    if not 0.0 <= arguments.validation <= 1.0 or min(arguments.arrangements, arguments.workers) < 1:
        raise ConfigError(
            "annotate: expected a share for validation from 0 to 1 and at least one "
            f"arrangement and worker, got {arguments.validation}, {arguments.arrangements} and "
            f"{arguments.workers}"
        )
    if arguments.simulate:
        _simulate(arguments)
    from bridge_ros.demonstration import find_all
    from bridge_ros.lab.annotation.contact_sheet import draw_sheets
    from bridge_ros.lab.annotation.dataset import annotate, write_records
    from bridge_ros.lab.annotation.records import AnnotationSettings

    settings = AnnotationSettings(coordinates=arguments.coordinates)
    if arguments.prompts is not None:
        settings = replace(settings, prompts=arguments.prompts)
    found = find_all(arguments.episodes, _readers(arguments))
    watched = _track(found, "annotating", len(found))
    train, validation, refusals = annotate(
        (reader.read(path) for reader, path in watched),
        settings,
        share=arguments.validation,
        images=arguments.out / "frames",
    )
    write_records(arguments.out, settings, train, validation, refusals)
    draw_sheets([*train, *validation], arguments.out / "sheets", most=arguments.sheets)
    print((arguments.out / "dataset.json").read_text(encoding="utf-8"), end="")
    return 0 if train or validation else 1


def _readers(arguments: argparse.Namespace) -> list[DemonstrationReader]:
    from bridge_ros.demonstration import FolderReader

    readers: list[DemonstrationReader] = [FolderReader()]
    # Reading recordings takes ROS, which a machine that trains may lack.
    if any(arguments.episodes.glob("*.mcap")):
        from bridge_ros.lab.recording.libraries import ensure_mcap

        ensure_mcap()
        from bridge_ros.lab.recording.demonstration_reader import RecordingReader

        readers.append(RecordingReader(arguments.sentence))
    return readers


def _simulate(arguments: argparse.Namespace) -> None:
    """Draw the episodes that are not there yet."""
    from bridge_ros.lab.annotation.drawing import draw_scenes

    names = suite_tasks(arguments.suite, arguments.tasks)
    seeds = range(arguments.seed, arguments.seed + arguments.simulate)
    scenes = [(name, seed) for seed in seeds for name in names]
    drawn = draw_scenes(
        scenes, arguments.episodes, arrangements=arguments.arrangements, workers=arguments.workers
    )
    for _ in _track(drawn, "drawing", len(scenes)):
        pass


def _track(items: Iterable[T], what: str, count: int) -> Iterable[T]:
    """The items, their progress shown on stderr: what comes of them is told on stdout."""
    from rich.console import Console
    from rich.progress import track

    return track(items, description=what, total=count, console=Console(stderr=True))
