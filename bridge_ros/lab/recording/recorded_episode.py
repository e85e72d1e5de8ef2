"""Reads episodes, also those whose writer was killed: all that is whole is given."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from mcap.exceptions import McapError
from mcap.records import Channel, Message, Metadata, Schema
from mcap.stream_reader import StreamReader

from bridge_ros.lab.recording.episode_file import METADATA, EpisodeFile
from bridge_ros.lab.recording.errors import EpisodeError

# What the library and the decompression raise for a record that is not all there, or not itself.
_DAMAGE = (McapError, ValueError, RuntimeError, struct.error)


@dataclass(frozen=True, kw_only=True)
class RecordedMessage:
    """A message as it was heard.

    Attributes:
        kind: its type, such as `std_msgs/msg/String`. definition: of that type.
        time_ns: when it was heard, since the epoch.
        data: as the middleware serialised it (CDR).
    """

    topic: str
    kind: str
    definition: str
    time_ns: int
    data: bytes


class RecordedEpisode:
    """One recorded file.

    Attributes:
        cut: what is wrong with the file's end; empty when it is complete. Known once all messages
            were read.
        metadata: what the recorder noted about the episode; likewise.
    """

    def __init__(self, path: Path) -> None:
        """Raises EpisodeError unless the file is there."""
        if not path.is_file():
            raise EpisodeError(f"{path}: expected a recorded episode (.mcap), found none")
        self.path = path
        self.cut = ""
        self.metadata: dict[str, str] = {}

    def messages(self, topics: Collection[str] | None = None) -> Iterator[RecordedMessage]:
        """All messages, or those of some topics, in the order in which they were heard.

        Ends where the file is cut or damaged; `cut` then says so.

        Raises:
            EpisodeError: for a file that is no MCAP.
        """
        channels: dict[int, Channel] = {}
        schemas: dict[int, Schema] = {}
        count = 0
        with self.path.open("rb") as stream:
            records = StreamReader(stream, validate_crcs=True).records
            while True:
                try:
                    record = next(records)
                except StopIteration:
                    return
                except _DAMAGE as error:
                    if not count and not channels:
                        raise EpisodeError(
                            f"{self.path}: holds no whole message: {_in_words(error)}"
                        ) from error
                    self.cut = f"ends after {count} messages: {_in_words(error)}"
                    return
                if isinstance(record, Schema):
                    schemas[record.id] = record
                elif isinstance(record, Channel):
                    channels[record.id] = record
                elif isinstance(record, Metadata) and record.name == METADATA:
                    self.metadata |= record.metadata
                elif isinstance(record, Message):
                    count += 1
                    channel = channels[record.channel_id]
                    if topics is None or channel.topic in topics:
                        schema = schemas[channel.schema_id]
                        yield RecordedMessage(
                            topic=channel.topic,
                            kind=schema.name,
                            definition=schema.data.decode(),
                            time_ns=record.log_time,
                            data=record.data,
                        )


def copy_whole(episode: RecordedEpisode, path: Path) -> int:
    """Write what can be read of an episode as a complete file, with its index.

    Returns:
        The number of messages.

    Raises:
        EpisodeError: if the copy cannot be written, or exists.
    """
    try:
        file = EpisodeFile(path)
    except FileExistsError as error:
        raise EpisodeError(f"{path}: exists already; choose another place") from error
    channels: dict[str, int] = {}
    count = 0
    try:
        for message in episode.messages():
            if message.topic not in channels:
                channels[message.topic] = file.add_channel(
                    message.topic, message.kind, message.definition
                )
            file.write(channels[message.topic], message.time_ns, message.data)
            count += 1
            if count % 500 == 0:
                file.commit()
        file.finish()
    finally:
        file.close()
    return count


def _in_words(error: Exception) -> str:
    return str(error) or "the end of the file comes too early"
