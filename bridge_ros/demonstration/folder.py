"""A demonstration as a folder with three kinds of files, none of which can hold code.

    episode.json        {"instruction": "...", "T_base_camera": [x, y, z, qx, qy, qz, qw],
                         "intrinsics": {"width", "height", "fx", "fy", "cx", "cy"},
                         "frames_s": [time of each frame, ascending],
                         "subgoals": ["grasp the red cube", ...],     one a stage
                         "outcome": "succeeded", "operator": "person"}
    motion.npz          times_s (N,), ee_poses (N, 7), widths_m (N,)  at 10 Hz or more
    frames/0000.png     colour, 8 bit;  frames/0000_depth.png: depth, 16 bit, millimetres

`T_base_camera` is the pose of the camera's optical frame in base, `ee_poses` are those of the point
between the fingertips in base, and depth is aligned to colour, 0 where unknown. A frame is needed
at the start of every stage: before the first motion, and whenever the gripper has changed. More do
no harm. `subgoals`, `outcome` and `operator` may be missing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.demonstration.demonstration import Demonstration, OperatorKind
from bridge_ros.demonstration.frames import FrameFiles, read_depth, read_rgb
from bridge_ros.demonstration.hand_motion import HandMotion
from bridge_ros.errors import BridgeError, ConfigError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, as_pose
from bridge_ros.status import TaskOutcome

EPISODE_FILE = "episode.json"
"""Written last: a folder without it is no demonstration."""
MOTION_FILE = "motion.npz"
FRAMES_FOLDER = "frames"
_REQUIRED = {"instruction", "T_base_camera", "intrinsics", "frames_s"}


class FolderReader:
    """Implements `DemonstrationReader`."""

    def find(self, folder: Path) -> list[Path]:
        """See `DemonstrationReader.find`; by name."""
        return sorted(file.parent for file in folder.glob(f"*/{EPISODE_FILE}"))

    def read(self, path: Path) -> Demonstration:
        """See `DemonstrationReader.read`."""
        try:
            demonstration = _read(path)
        except BridgeError as error:
            raise ConfigError(f"{path}: {error}") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"{path}: cannot be read as an episode: {error}") from error
        count = len(demonstration.frames.times_s)
        for number in range(count):
            files = FrameFiles.of(path / FRAMES_FOLDER, number)
            for file in (files.rgb, files.depth):
                if not file.is_file():
                    raise ConfigError(f"{file}: missing; frames_s names {count}")
        return demonstration


class _FolderFrames:
    """Implements `Frames`."""

    def __init__(self, folder: Path, times_s: FloatArray, intrinsics: Intrinsics) -> None:
        self._folder, self._times_s, self._intrinsics = folder, times_s, intrinsics

    @property
    def times_s(self) -> FloatArray:
        """See `Frames.times_s`."""
        return self._times_s

    def read(self, number: int) -> RGBDFrame:
        """See `Frames.read`."""
        files = FrameFiles.of(self._folder, number)
        return RGBDFrame(
            rgb=read_rgb(files.rgb),
            depth_m=read_depth(files.depth),
            intrinsics=self._intrinsics,
            stamp_s=float(self._times_s[number]),
        )

    def files(self, number: int, folder: Path) -> FrameFiles:
        """See `Frames.files`; they are files already."""
        return FrameFiles.of(self._folder, number)


def write_folder(
    folder: Path,
    *,
    instruction: str,
    T_base_camera: FloatArray,
    intrinsics: Intrinsics,
    motion: HandMotion,
    frames_s: Sequence[float],
    subgoals: Sequence[str] = (),
    outcome: TaskOutcome | None = None,
    operator: OperatorKind = OperatorKind.UNKNOWN,
) -> Demonstration:
    """Make a demonstration of a folder that `write_frame` has filled; see `Demonstration`.

    Args:
        frames_s: the time of each frame, in the order of their numbers.
    """
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        folder / MOTION_FILE,
        times_s=motion.times_s,
        ee_poses=motion.ee_poses,
        widths_m=motion.widths_m,
    )
    entries = {
        "instruction": instruction,
        "T_base_camera": T_base_camera.tolist(),
        "intrinsics": asdict(intrinsics),
        "frames_s": [float(time_s) for time_s in frames_s],
        "subgoals": list(subgoals),
        "operator": operator.value,
        **({"outcome": outcome.value} if outcome else {}),
    }
    text = json.dumps(entries, indent=1) + "\n"
    (folder / EPISODE_FILE).write_text(text, encoding="utf-8")
    return FolderReader().read(folder)


def _read(folder: Path) -> Demonstration:
    entries: Any = json.loads((folder / EPISODE_FILE).read_text(encoding="utf-8"))
    if not isinstance(entries, dict) or not set(entries) >= _REQUIRED:
        raise ConfigError(f"{EPISODE_FILE}: expected the entries {sorted(_REQUIRED)}")
    with np.load(folder / MOTION_FILE, allow_pickle=False) as arrays:
        motion = HandMotion(
            **{
                name: np.asarray(arrays[name], dtype=np.float64)
                for name in ("times_s", "ee_poses", "widths_m")
            }
        )
    outcome = entries.get("outcome")
    return Demonstration(
        source=folder,
        name=folder.name,
        instruction=str(entries["instruction"]),
        T_base_camera=as_pose(entries["T_base_camera"], name="T_base_camera"),
        motion=motion,
        frames=_FolderFrames(
            folder / FRAMES_FOLDER,
            np.array(entries["frames_s"], dtype=np.float64),
            Intrinsics(**entries["intrinsics"]),
        ),
        subgoals=tuple(str(goal) for goal in entries.get("subgoals", ())),
        outcome=None if outcome is None else TaskOutcome(outcome),
        operator=OperatorKind(entries.get("operator", OperatorKind.UNKNOWN)),
    )
