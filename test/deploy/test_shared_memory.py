import fcntl

from bridge_ros.deploy.shared_memory import remove_orphans


def make(folder, name, lock):
    for file in (name, name + lock, f"sem.{name}_mutex"):
        (folder / file).write_bytes(b"")
    return folder / (name + lock)


def test_only_what_no_living_process_holds_is_removed(tmp_path):
    make(tmp_path, "fastdds_0f9e28a7f9a96156", "_el")
    make(tmp_path, "fastrtps_port26661", "_sl")
    held = make(tmp_path, "fastdds_port26663", "_el")
    (tmp_path / "psm_other").write_bytes(b"")
    with held.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        removed = remove_orphans(tmp_path)
    assert removed == ["fastdds_0f9e28a7f9a96156", "fastrtps_port26661"]
    left = {file.name for file in tmp_path.iterdir()}
    assert left == {
        "fastdds_port26663",
        "fastdds_port26663_el",
        "sem.fastdds_port26663_mutex",
        "psm_other",
    }
