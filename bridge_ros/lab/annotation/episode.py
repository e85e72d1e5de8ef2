"""Episode: one demonstration on disk, whoever gave it.

A folder with three kinds of files, none of which can hold code:

    episode.json        {"instruction": "...", "T_base_camera": [x, y, z, qx, qy, qz, qw],
                         "intrinsics": {"width", "height", "fx", "fy", "cx", "cy"},
                         "frames_s": [time of each frame, ascending],
                         "subgoals": ["grasp the red cube", ...]}     one a stage; may be missing
    motion.npz          times_s (N,), ee_poses (N, 7), widths_m (N,)  at 10 Hz or more
    frames/0000.png     colour, 8 bit;  frames/0000_depth.png: depth, 16 bit, millimetres

`T_base_camera` is the pose of the camera's optical frame in base, `ee_poses` are those of the point
between the fingertips in base, and depth is aligned to colour, 0 where unknown. A frame is needed
at the start of every stage: before the first motion, and whenever the gripper has changed. More do
no harm.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bridge_ros.errors import BridgeError, ConfigError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, as_pose

EPISODE_FILE = "episode.json"
MOTION_FILE = "motion.npz"
_REQUIRED = {"instruction", "T_base_camera", "intrinsics", "frames_s"}


@dataclass(frozen=True, kw_only=True)
class Episode:
    """One demonstration; its images stay on disk until they are asked for.

    Attributes:
        folder: where it lies.
        instruction: the sentence that was carried out.
        T_base_camera: `(7,)` pose of the camera's optical frame in base.
        intrinsics: of the camera.
        times_s: `(N,)` ascending. ee_poses: `(N, 7)` base frame. widths_m: `(N,)` of the gripper.
        frames_s: `(F,)` ascending, on the clock of `times_s`.
        subgoals: what each stage was for, in words; empty if nobody wrote it down.
    """

    folder: Path
    instruction: str
    T_base_camera: FloatArray
    intrinsics: Intrinsics
    times_s: FloatArray
    ee_poses: FloatArray
    widths_m: FloatArray
    frames_s: FloatArray
    subgoals: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        count = len(self.times_s)
        shapes = (self.times_s.shape, self.ee_poses.shape, self.widths_m.shape)
        if count < 2 or shapes != ((count,), (count, 7), (count,)):
            raise ConfigError(
                f"{self.folder}: expected times (N,), poses (N, 7) and widths (N,), got {shapes}"
            )
        for name in ("times_s", "ee_poses", "widths_m", "frames_s"):
            if not np.isfinite(getattr(self, name)).all():
                raise ConfigError(f"{self.folder}: {name}: expected finite numbers")
        if (np.diff(self.times_s) <= 0).any() or (np.diff(self.frames_s) <= 0).any():
            raise ConfigError(f"{self.folder}: expected times that ascend")
        if not self.instruction.strip() or not len(self.frames_s):
            raise ConfigError(f"{self.folder}: expected an instruction and at least one frame")

    @property
    def name(self) -> str:
        """Of the folder; unique among episodes that are annotated together."""
        return self.folder.name

    def rgb_file(self, frame: int) -> Path:
        """The colour image of a frame."""
        return self.folder / "frames" / f"{frame:04d}.png"

    def depth_file(self, frame: int) -> Path:
        """The depth image of a frame."""
        return self.folder / "frames" / f"{frame:04d}_depth.png"

    def save(self) -> None:
        """Write all but the images; the JSON last, so that a cut-off episode is none."""
        self.folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            self.folder / MOTION_FILE,
            times_s=self.times_s,
            ee_poses=self.ee_poses,
            widths_m=self.widths_m,
        )
        entries = {
            "instruction": self.instruction,
            "T_base_camera": self.T_base_camera.tolist(),
            "intrinsics": asdict(self.intrinsics),
            "frames_s": self.frames_s.tolist(),
            "subgoals": list(self.subgoals),
        }
        text = json.dumps(entries, indent=1) + "\n"
        (self.folder / EPISODE_FILE).write_text(text, encoding="utf-8")

    @staticmethod
    def load(folder: Path) -> Episode:
        """Read one.

        Raises:
            ConfigError: if a file is missing or malformed; says which and what was expected.
        """
        try:
            entries: Any = json.loads((folder / EPISODE_FILE).read_text(encoding="utf-8"))
            if not isinstance(entries, dict) or not set(entries) >= _REQUIRED:
                raise ConfigError(f"{folder / EPISODE_FILE}: expected the entries {_REQUIRED}")
            with np.load(folder / MOTION_FILE, allow_pickle=False) as motion:
                times_s, ee_poses, widths_m = (
                    np.asarray(motion[name], dtype=np.float64)
                    for name in ("times_s", "ee_poses", "widths_m")
                )
            episode = Episode(
                folder=folder,
                instruction=str(entries["instruction"]),
                T_base_camera=as_pose(entries["T_base_camera"], name="T_base_camera"),
                intrinsics=Intrinsics(**entries["intrinsics"]),
                times_s=times_s,
                ee_poses=ee_poses,
                widths_m=widths_m,
                frames_s=np.array(entries["frames_s"], dtype=np.float64),
                subgoals=tuple(str(goal) for goal in entries.get("subgoals", ())),
            )
        except BridgeError as error:
            raise ConfigError(f"{folder}: {error}") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"{folder}: cannot be read as an episode: {error}") from error
        for frame in range(len(episode.frames_s)):
            for file in (episode.rgb_file(frame), episode.depth_file(frame)):
                if not file.is_file():
                    raise ConfigError(f"{file}: missing; frames_s names {len(episode.frames_s)}")
        return episode


def find_episodes(folder: Path) -> list[Path]:
    """The episodes in a folder, by name.

    Raises:
        ConfigError: if there is none.
    """
    found = sorted(file.parent for file in folder.glob(f"*/{EPISODE_FILE}"))
    if not found:
        raise ConfigError(f"{folder}: expected folders with {EPISODE_FILE}, found none")
    return found


def write_frame(
    folder: Path, frame: int, rgb: NDArray[np.uint8], depth_m: NDArray[np.float32]
) -> None:
    """Write the two images of a frame of the episode in `folder`."""
    (folder / "frames").mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgb).save(folder / "frames" / f"{frame:04d}.png", compress_level=1)
    millimetres = np.clip(np.rint(1000.0 * depth_m), 0, 65535).astype(np.uint16)
    Image.fromarray(millimetres).save(
        folder / "frames" / f"{frame:04d}_depth.png", compress_level=1
    )


def read_rgb(file: Path) -> NDArray[np.uint8]:
    """A colour image `(H, W, 3)` uint8. Raises ConfigError."""
    try:
        with Image.open(file) as image:
            return np.array(image.convert("RGB"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read as an image: {error}") from error


def read_depth(file: Path) -> NDArray[np.float32]:
    """A depth image `(H, W)` [m], 0 where unknown. Raises ConfigError."""
    try:
        with Image.open(file) as image:
            millimetres = np.array(image)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read as an image: {error}") from error
    if millimetres.ndim != 2 or millimetres.dtype not in (np.uint16, np.int32):
        raise ConfigError(
            f"{file}: expected depth of 16 bits, got {millimetres.dtype} {millimetres.shape}"
        )
    return (millimetres / 1000.0).astype(np.float32)
