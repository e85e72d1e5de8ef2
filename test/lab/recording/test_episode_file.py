import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from mcap.reader import SeekingReader

from bridge_ros.lab.recording.episode_file import EpisodeFile
from bridge_ros.lab.recording.episode_folder import create_episode, episodes_in
from bridge_ros.lab.recording.errors import EpisodeError
from bridge_ros.lab.recording.recorded_episode import RecordedEpisode, copy_whole

DEFINITION = "string data"
WRITING = [sys.executable, str(Path(__file__).with_name("writing_process.py"))]


def write(path, batches, *, finish=True, compression="lz4"):
    """Messages 0, 1, ... on /numbers, `batches` commits of ten each."""
    file = EpisodeFile(path, compression=compression)
    channel = file.add_channel("/numbers", "std_msgs/msg/String", DEFINITION)
    for number in range(10 * batches):
        file.write(channel, number, number.to_bytes(4, "little") * 500)
        if number % 10 == 9:
            file.commit()
    if finish:
        file.finish({channel: 3})
    file.close()
    return path


def numbers(episode):
    return [int.from_bytes(message.data[:4], "little") for message in episode.messages()]


@pytest.mark.parametrize("compression", ["lz4", "zstd", "none"])
def test_what_was_written_is_read_back(tmp_path, compression):
    episode = RecordedEpisode(write(tmp_path / "a.mcap", 5, compression=compression))
    messages = list(episode.messages())
    assert numbers(episode) == list(range(50))
    assert messages[7].topic == "/numbers" and messages[7].time_ns == 7
    assert (messages[7].kind, messages[7].definition) == ("std_msgs/msg/String", DEFINITION)
    assert not episode.cut
    assert episode.metadata == {"complete": "yes", "dropped /numbers": "3"}


def test_a_finished_file_has_an_index_that_others_read(tmp_path):
    with write(tmp_path / "a.mcap", 5).open("rb") as stream:
        reader = SeekingReader(stream, validate_crcs=True)
        assert reader.get_header().profile == "ros2"
        assert reader.get_summary().statistics.message_count == 50
        assert len(list(reader.iter_messages(["/numbers"]))) == 50


def test_only_the_topics_asked_for_are_given(tmp_path):
    episode = RecordedEpisode(write(tmp_path / "a.mcap", 1))
    assert not list(episode.messages(["/others"]))


@pytest.mark.parametrize("compression", ["lz4", "zstd", "none"])
def test_a_file_cut_anywhere_gives_whole_commits_and_says_that_it_is_cut(tmp_path, compression):
    whole = write(tmp_path / "whole.mcap", 6, finish=False, compression=compression).read_bytes()
    cut_file = tmp_path / "cut.mcap"
    found = set()
    for length in range(40, len(whole), 53):
        cut_file.write_bytes(whole[:length])
        episode = RecordedEpisode(cut_file)
        try:
            read = numbers(episode)
        except EpisodeError:
            read = []
        assert read == list(range(len(read)))
        assert len(read) % 10 == 0, "a torn commit gives nothing, not half of it"
        assert episode.cut or not read
        found.add(len(read))
    assert found == {0, 10, 20, 30, 40, 50, 60}


def test_what_follows_a_damaged_place_is_left_out(tmp_path):
    path = write(tmp_path / "a.mcap", 6, compression="none")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    episode = RecordedEpisode(path)
    read = numbers(episode)
    assert read == list(range(len(read))) and 0 < len(read) < 60
    assert "ends after" in episode.cut


def test_a_copy_of_a_cut_file_is_complete(tmp_path):
    cut = RecordedEpisode(write(tmp_path / "cut.mcap", 4, finish=False))
    assert copy_whole(cut, tmp_path / "whole.mcap") == 40
    assert "ends after 40 messages" in cut.cut
    copy = RecordedEpisode(tmp_path / "whole.mcap")
    assert numbers(copy) == list(range(40)) and not copy.cut
    with pytest.raises(EpisodeError, match="exists already"):
        copy_whole(cut, tmp_path / "whole.mcap")


def test_what_is_no_episode_is_said_to_be_none(tmp_path):
    with pytest.raises(EpisodeError, match="expected a recorded episode"):
        RecordedEpisode(tmp_path / "none.mcap")
    (tmp_path / "text.mcap").write_text("this is no MCAP file, but a text")
    with pytest.raises(EpisodeError, match="not a valid MCAP"):
        list(RecordedEpisode(tmp_path / "text.mcap").messages())


def test_a_killed_writer_leaves_all_that_it_said_was_saved(tmp_path):
    process = subprocess.Popen([*WRITING, tmp_path, "0"], stdout=subprocess.PIPE, text=True)
    saved = 0
    while saved < 200:
        saved = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    said = process.communicate()[0].split()
    saved = max([saved, *map(int, said[:-1])])
    episode = RecordedEpisode(tmp_path / "episode-0001.mcap")
    read = numbers(episode)
    assert read == list(range(1, len(read) + 1))
    assert len(read) >= saved
    assert "ends after" in episode.cut


def test_on_a_full_disk_the_episode_ends_with_what_was_committed(tmp_path):
    run = subprocess.run(
        [*WRITING, tmp_path, "3000000"], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr
    *saved, trouble = run.stdout.strip().split("\n")
    assert "File too large" in trouble and "can be read" in trouble
    path = tmp_path / "episode-0001.mcap"
    read = numbers(RecordedEpisode(path))
    assert read == list(range(1, int(saved[-1]) + 1))
    assert 1_000_000 < path.stat().st_size < 3_000_000, "the torn commit was taken back"


def test_episodes_are_numbered_on_and_never_overwritten(tmp_path):
    folder = tmp_path / "new" / "folder"
    for _ in range(2):
        create_episode(folder).close()
    (folder / "episode-0041.mcap").write_bytes(b"mine")
    (folder / "episode-notes.txt").write_text("mine")
    create_episode(folder).close()
    assert [path.name for path in episodes_in(folder)] == [
        "episode-0001.mcap",
        "episode-0002.mcap",
        "episode-0041.mcap",
        "episode-0042.mcap",
    ]
    assert (folder / "episode-0041.mcap").read_bytes() == b"mine"
    with pytest.raises(FileExistsError):
        EpisodeFile(folder / "episode-0041.mcap")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EpisodeError, match="cannot be created"):
        create_episode(tmp_path / "file")
    with pytest.raises(EpisodeError, match="cannot be created"):
        EpisodeFile(Path(os.devnull) / "a.mcap")
