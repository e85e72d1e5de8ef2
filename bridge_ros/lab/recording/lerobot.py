"""Writes episodes as a LeRobot dataset, version 3.0 of its layout, with images inside the tables.

The layout is that of lerobot 0.4 (`lerobot/datasets/lerobot_dataset.py`, CODEBASE_VERSION v3.0):
`data/chunk-000/file-000.parquet` with one row a frame, `meta/episodes/...parquet` with one row an
episode, `meta/tasks.parquet`, `meta/info.json` and `meta/stats.json`. There is one data file an
episode here.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image

from bridge_ros.errors import ConfigError

CODEBASE_VERSION = "v3.0"
STATE, ACTION, IMAGE = "observation.state", "action", "observation.images.front"
_CHUNK = 1000
_QUANTILES = {"q01": 0.01, "q10": 0.10, "q50": 0.50, "q90": 0.90, "q99": 0.99}
_INDEXES = ("frame_index", "episode_index", "index", "task_index")


@dataclass(frozen=True, kw_only=True)
class LeRobotFrames:
    """An episode at the dataset's rate.

    Attributes:
        states: `(T, S)`. actions: `(T, A)`.
        image_of: `(T,)` which of `images` was the newest at each frame.
        images: PNG files. image_shape: height, width and channels of each.
        sample: `(N, h, w, 3)` uint8, some of them, made smaller, for the statistics.
        tasks: `T` sentences.
    """

    states: NDArray[np.float32]
    actions: NDArray[np.float32]
    image_of: NDArray[np.int64]
    images: list[bytes]
    image_shape: tuple[int, int, int]
    sample: NDArray[np.uint8]
    tasks: list[str]


def png(rgb: NDArray[np.uint8]) -> bytes:
    """An `(H, W, 3)` image as a PNG file, compressed fast."""
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, format="PNG", compress_level=1)
    return out.getvalue()


class LeRobotDataset:
    """A new dataset; add episodes, then `finish`."""

    def __init__(
        self, root: Path, *, fps: int, state_names: list[str], action_names: list[str]
    ) -> None:
        """Raises ConfigError if something is there already."""
        if root.exists() and any(root.iterdir()):
            raise ConfigError(f"{root}: expected a new or empty folder for the dataset")
        self._root = root
        self._fps = fps
        self._names = {STATE: state_names, ACTION: action_names}
        self._tasks: dict[str, int] = {}
        self._episodes: list[dict[str, Any]] = []
        self._shape: tuple[int, ...] = ()
        self._frames = 0
        self._stats: list[dict[str, dict[str, Any]]] = []

    def add(self, frames: LeRobotFrames) -> None:
        """Write one episode. Raises ConfigError if its images are of another size."""
        number, count = len(self._episodes), len(frames.states)
        shape = frames.image_shape
        if self._shape and self._shape != shape:
            raise ConfigError(f"images: expected {self._shape} in every episode, got {shape}")
        self._shape = shape
        tasks = [self._tasks.setdefault(task, len(self._tasks)) for task in frames.tasks]
        columns: dict[str, NDArray[Any]] = {
            STATE: frames.states,
            ACTION: frames.actions,
            "timestamp": (np.arange(count) / self._fps).astype(np.float32),
            "frame_index": np.arange(count),
            "episode_index": np.full(count, number),
            "index": np.arange(count) + self._frames,
            "task_index": np.array(tasks),
        }
        chunk, file = divmod(number, _CHUNK)
        pictures = [{"bytes": frames.images[i], "path": None} for i in frames.image_of]
        arrays = {name: _arrow(name, values) for name, values in columns.items()}
        arrays[IMAGE] = pa.array(pictures, pa.struct({"bytes": pa.binary(), "path": pa.string()}))
        _write(pa.table(arrays), self._root / f"data/chunk-{chunk:03d}/file-{file:03d}.parquet")
        stats = {name: _statistics(values) for name, values in columns.items()}
        stats[IMAGE] = _image_statistics(frames.sample)
        self._stats.append(stats)
        self._episodes.append(
            {
                "episode_index": number,
                "tasks": sorted(set(frames.tasks), key=frames.tasks.index),
                "length": count,
                "data/chunk_index": chunk,
                "data/file_index": file,
                "dataset_from_index": self._frames,
                "dataset_to_index": self._frames + count,
                "meta/episodes/chunk_index": 0,
                "meta/episodes/file_index": 0,
                **{
                    f"stats/{name}/{key}": value
                    for name, values in stats.items()
                    for key, value in values.items()
                },
            }
        )
        self._frames += count

    def finish(self) -> None:
        """Write what is about all episodes. Raises ConfigError if there are none."""
        if not self._episodes:
            raise ConfigError("export: expected at least one episode with targets, got none")
        meta = self._root / "meta"
        _write(pa.Table.from_pylist(self._episodes), meta / "episodes/chunk-000/file-000.parquet")
        _write(_tasks_table(list(self._tasks)), meta / "tasks.parquet")
        (meta / "stats.json").write_text(json.dumps(_aggregate(self._stats), indent=4) + "\n")
        (meta / "info.json").write_text(json.dumps(self._info(), indent=4) + "\n")

    def _info(self) -> dict[str, Any]:
        episodes = len(self._episodes)
        return {
            "codebase_version": CODEBASE_VERSION,
            "robot_type": "franka_fr3",
            "total_episodes": episodes,
            "total_frames": self._frames,
            "total_tasks": len(self._tasks),
            "chunks_size": _CHUNK,
            "data_files_size_in_mb": 100,
            "video_files_size_in_mb": 200,
            "fps": self._fps,
            "splits": {"train": f"0:{episodes}"},
            "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
            "video_path": None,
            "features": {
                **{
                    name: {"dtype": "float32", "shape": [len(names)], "names": names}
                    for name, names in self._names.items()
                },
                IMAGE: {
                    "dtype": "image",
                    "shape": list(self._shape),
                    "names": ["height", "width", "channels"],
                },
                "timestamp": {"dtype": "float32", "shape": [1], "names": None},
                **{name: {"dtype": "int64", "shape": [1], "names": None} for name in _INDEXES},
            },
        }


def _arrow(name: str, values: NDArray[Any]) -> Any:
    if values.ndim == 1:
        return pa.array(values, pa.float32() if name == "timestamp" else pa.int64())
    flat = pa.array(values.astype(np.float32).ravel(), pa.float32())
    return pa.FixedSizeListArray.from_arrays(flat, values.shape[1])


def _write(table: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="snappy")


def _tasks_table(tasks: list[str]) -> Any:
    """The tasks' numbers with their sentences as the index, as pandas writes and reads it."""
    index = "__index_level_0__"
    table = pa.table({"task_index": pa.array(range(len(tasks)), pa.int64()), index: tasks})

    def column(name: str | None, field: str, kind: str, numpy_kind: str) -> dict[str, Any]:
        return {
            "name": name,
            "field_name": field,
            "pandas_type": kind,
            "numpy_type": numpy_kind,
            "metadata": None,
        }

    about = {
        "index_columns": [index],
        "column_indexes": [],
        "columns": [
            column("task_index", "task_index", "int64", "int64"),
            column(None, index, "unicode", "object"),
        ],
    }
    return table.replace_schema_metadata({"pandas": json.dumps(about)})


def _statistics(values: NDArray[Any]) -> dict[str, Any]:
    rows = values.reshape(len(values), -1).astype(np.float64)
    found = {
        "min": rows.min(axis=0),
        "max": rows.max(axis=0),
        "mean": rows.mean(axis=0),
        "std": rows.std(axis=0),
        **{name: np.quantile(rows, share, axis=0) for name, share in _QUANTILES.items()},
    }
    return {name: value.tolist() for name, value in found.items()} | {"count": [len(rows)]}


def _image_statistics(sample: NDArray[np.uint8]) -> dict[str, Any]:
    """By channel, of values from 0 to 1, as `(3, 1, 1)`."""
    found = _statistics(sample.reshape(-1, sample.shape[-1]) / 255.0)
    count = {"count": [len(sample)]}
    return {name: [[[v]] for v in value] for name, value in found.items()} | count


def _aggregate(episodes: list[dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Statistics over all episodes; quantiles are weighted means, as LeRobot makes them."""
    return {name: _combine([episode[name] for episode in episodes]) for name in episodes[0]}


def _combine(parts: list[Mapping[str, Any]]) -> dict[str, Any]:
    counts = np.array([part["count"][0] for part in parts], dtype=float)

    def of(key: str) -> NDArray[np.float64]:
        return np.array([part[key] for part in parts], dtype=float)

    def weighted(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.average(values, axis=0, weights=counts))

    mean = weighted(of("mean"))
    variance = weighted(of("std") ** 2 + (of("mean") - mean) ** 2)
    found = {
        "min": of("min").min(axis=0),
        "max": of("max").max(axis=0),
        "mean": mean,
        "std": np.sqrt(variance),
        **{name: weighted(of(name)) for name in _QUANTILES},
    }
    combined = {name: value.tolist() for name, value in found.items()}
    return combined | {"count": [int(counts.sum())]}
