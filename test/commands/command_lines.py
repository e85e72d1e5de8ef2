"""Finds the command lines of bridge-ros in a text for people."""

import re
import shlex


def command_lines(text):
    """What follows `bridge-ros` in each; `accelerate launch -m` of a stage is that stage, too."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(re.sub(r"\$\w+|\bN\b", "1", line), comments=True)
        for start in starts(words):
            end = words.index("&", start) if "&" in words[start:] else len(words)
            yield words[start:end]
        if "accelerate" in words[:1]:
            module = words.index("-m") + 1
            yield ["train", words[module].rpartition(".")[2], *words[module + 1 :]]


def starts(words):
    """Where a command begins: at the line's begin, or after another one in the background."""
    for place, word in enumerate(words):
        first = place == 0 or words[place - 1] == "&"
        if first and word.rpartition("/")[2] == "bridge-ros":
            yield place + 1
