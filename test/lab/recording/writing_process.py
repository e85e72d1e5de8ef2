"""Writes numbered messages for ever, and prints how many are on the disk: made to be killed.

Arguments: the folder, and a limit of the file's size [bytes], 0 for none.
"""

import resource
import sys
import time
from pathlib import Path

from bridge_ros.lab.recording.episode_folder import create_episode
from bridge_ros.lab.recording.recorder import EpisodeRecorder

folder, limit = Path(sys.argv[1]), int(sys.argv[2])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
file = create_episode(folder, compression="none")
channel = file.add_channel("/numbers", "std_msgs/msg/String", "string data")
recorder = EpisodeRecorder(file, commit_s=0.05, queue_mb=16.0)
number = 0
while not recorder.progress.trouble:
    number += 1
    recorder.put(channel, time.time_ns(), number.to_bytes(4, "little") + bytes(20_000))
    print(recorder.progress.saved, flush=True)
    time.sleep(0.002)
print(recorder.progress.trouble, flush=True)
