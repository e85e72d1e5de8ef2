"""An MCAP file that, whatever happens to its writer, is whole up to its last commit."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Mapping
from pathlib import Path

from mcap.well_known import MessageEncoding, SchemaEncoding
from mcap.writer import CompressionType, Writer

from bridge_ros.lab.recording.errors import EpisodeError

_COMPRESSION = {
    "lz4": CompressionType.LZ4,
    "zstd": CompressionType.ZSTD,
    "none": CompressionType.NONE,
}
METADATA = "bridge_ros"
"""Name of the record in which the recorder notes what is to be known about the episode."""
_CHUNK_BYTES = 4 * 2**20


class EpisodeFile:
    """Writes ROS 2 messages, as the middleware serialised them, to a new MCAP file.

    What is written waits in memory until `commit` brings it to the disk as whole chunks. If that
    fails half way, the file is cut back to the commit before.
    """

    def __init__(self, path: Path, *, compression: str = "lz4") -> None:
        """Create the file.

        Raises:
            FileExistsError: if it exists; no episode is ever overwritten.
            EpisodeError: if it cannot be created.
        """
        self.path = path
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            raise
        except OSError as error:
            raise EpisodeError(f"{path}: cannot be created: {error.strerror}") from error
        self._pending = _Pending()
        self._writer = Writer(
            self._pending, chunk_size=_CHUNK_BYTES, compression=_COMPRESSION[compression]
        )
        self._writer.start(profile="ros2", library="bridge_ros")
        self._schemas: dict[str, int] = {}
        self._topics: dict[int, str] = {}

    @property
    def committed_bytes(self) -> int:
        """How much is on the disk."""
        return self._pending.committed

    def add_channel(self, topic: str, kind: str, definition: str) -> int:
        """Announce a topic; returns the channel that its messages go to.

        Args:
            kind: such as `std_msgs/msg/String`.
            definition: the text of its .msg file, and of those that it names.
        """
        if kind not in self._schemas:
            self._schemas[kind] = self._writer.register_schema(
                kind, SchemaEncoding.ROS2, definition.encode()
            )
        channel = self._writer.register_channel(topic, MessageEncoding.CDR, self._schemas[kind])
        self._topics[channel] = topic
        return channel

    def write(self, channel: int, time_ns: int, data: bytes) -> None:
        """Add a message, heard at `time_ns` since the epoch; it is safe after the next `commit`."""
        self._writer.add_message(channel, log_time=time_ns, data=data, publish_time=time_ns)

    def commit(self) -> None:
        """Bring all that was written to the disk.

        Raises:
            EpisodeError: if the disk takes no more; the file ends with the commit before.
        """
        self._writer.flush()  # type: ignore[no-untyped-call]
        self._save()

    def finish(self, dropped: Mapping[int, int] | None = None) -> None:
        """Commit, with the index that lets others find their way in the file.

        Args:
            dropped: how many messages of a channel were not recorded; noted in the file.

        Raises:
            EpisodeError: as `commit` does.
        """
        lost = {f"dropped {self._topics[c]}": str(count) for c, count in (dropped or {}).items()}
        self._writer.add_metadata(METADATA, {"complete": "yes", **lost})
        self._writer.finish()  # type: ignore[no-untyped-call]
        self._save()

    def close(self) -> None:
        """Let go of the file; without `finish` it can be read, but has no index."""
        os.close(self._descriptor)

    def _save(self) -> None:
        try:
            with self._pending.getbuffer() as data:
                written = 0
                while written < len(data):
                    written += os.write(self._descriptor, data[written:])
            os.fdatasync(self._descriptor)
        except OSError as error:
            # Where even this fails, readers find a torn end, and leave it out.
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._pending.committed)
            raise EpisodeError(
                f"{self.path}: {error.strerror}; the episode ends here, what was committed before "
                f"({self._pending.committed / 1e6:.1f} MB) can be read"
            ) from error
        self._pending.forget(written)


class _Pending(io.BytesIO):
    """What was written since the last commit, at the place where it will be in the file."""

    def __init__(self) -> None:
        super().__init__()
        self.committed = 0

    def tell(self) -> int:
        return self.committed + super().tell()

    def forget(self, count: int) -> None:
        self.committed += count
        self.seek(0)
        self.truncate(0)
