"""Fixed transforms among frames, looked up along their chains."""

from __future__ import annotations

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import IDENTITY_POSE, FloatArray, compose, invert


class TransformTree:
    """Poses of frames in their parents; the newest word on a frame counts."""

    def __init__(self) -> None:
        self._parents: dict[str, tuple[str, FloatArray]] = {}

    def put(self, parent: str, child: str, pose: FloatArray) -> None:
        """Keep the pose `(7,)` of a frame in its parent."""
        self._parents[child] = (parent, pose)

    def lookup(self, target: str, source: str) -> FloatArray:
        """`T_target_source` `(7,)`: maps points given in `source` into `target`.

        Raises:
            ConfigError: if no chain of transforms connects the two.
        """
        target_root, root_from_target = self._to_root(target)
        source_root, root_from_source = self._to_root(source)
        if target_root != source_root:
            raise ConfigError(
                f"no static transform from {source!r} to {target!r}: known frames are "
                f"{sorted({*self._parents, *(parent for parent, _ in self._parents.values())})}"
            )
        return compose(invert(root_from_target), root_from_source)

    def _to_root(self, frame: str) -> tuple[str, FloatArray]:
        pose, seen = IDENTITY_POSE, {frame}
        while frame in self._parents:
            frame, parent_from_child = self._parents[frame]
            pose = compose(parent_from_child, pose)
            if frame in seen:
                raise ConfigError(f"static transforms form a loop at {frame!r}")
            seen.add(frame)
        return frame, pose
