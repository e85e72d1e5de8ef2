"""Writes an episode as the recorder would have heard it."""

from rclpy.serialization import serialize_message

from bridge_ros.lab.recording.episode_file import EpisodeFile
from bridge_ros.lab.recording.message_definitions import message_definition


def write_messages(path, said, *, finish=True):
    """`said` is (time at which it was heard [s], topic, message), in any order."""
    file = EpisodeFile(path)
    channels = {}
    for time_s, topic, message in sorted(said, key=lambda entry: entry[0]):
        if topic not in channels:
            kind = type(message)
            name = f"{kind.__module__.split('.')[0]}/msg/{kind.__name__}"
            channels[topic] = file.add_channel(topic, name, message_definition(name))
        file.write(channels[topic], round(time_s * 1e9), serialize_message(message))
    file.commit()
    if finish:
        file.finish()
    file.close()
    return path
