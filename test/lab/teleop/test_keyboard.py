"""Keyboard on a real pseudo terminal."""

import os
import pty
import termios

import numpy as np
import pytest

from bridge_ros.errors import ConfigError, HardwareError
from bridge_ros.lab.teleop.device import Command
from bridge_ros.lab.teleop.keyboard import Keyboard


@pytest.fixture
def terminal():
    ours, theirs = pty.openpty()
    yield ours, theirs
    os.close(theirs)
    os.close(ours)


@pytest.fixture
def keyboard(terminal):
    keyboard = Keyboard(terminal[1], hold_s=0.15)
    yield keyboard
    keyboard.close()


def test_without_a_key_nothing_is_asked_for(keyboard):
    assert keyboard.read(10.0) is None


@pytest.mark.parametrize(
    ("key", "axis", "sign"),
    [("w", 0, 1), ("s", 0, -1), ("a", 1, 1), ("d", 1, -1), ("r", 2, 1), ("f", 2, -1)]
    + [("o", 3, 1), ("u", 3, -1), ("k", 4, 1), ("i", 4, -1), ("j", 5, 1), ("l", 5, -1)],
)
def test_each_key_moves_along_its_axis(terminal, keyboard, key, axis, sign):
    os.write(terminal[0], key.encode())
    found = keyboard.read(10.0)
    expected = np.zeros(6)
    expected[axis] = sign
    assert np.concatenate([found.linear, found.angular]).tolist() == expected.tolist()
    assert found.gripper == 0.0


def test_a_key_acts_while_it_is_repeated_and_little_longer(terminal, keyboard):
    os.write(terminal[0], b"w")
    assert keyboard.read(10.00) is not None
    assert keyboard.read(10.14) is not None
    os.write(terminal[0], b"w")
    assert keyboard.read(10.15) is not None
    assert keyboard.read(10.29) is not None
    assert keyboard.read(10.31) is None


def test_keys_that_are_pressed_together_add_up_and_opposite_ones_cancel(terminal, keyboard):
    os.write(terminal[0], b"wdv")
    found = keyboard.read(10.0)
    assert found.linear.tolist() == [1.0, -1.0, 0.0] and found.gripper == 1.0
    os.write(terminal[0], b"s")
    assert keyboard.read(10.1).linear.tolist() == [0.0, -1.0, 0.0]


def test_speed_goes_down_and_up_to_full_but_never_above(terminal, keyboard):
    os.write(terminal[0], b"---w")
    assert keyboard.read(10.0).linear[0] == pytest.approx(0.8**3)
    os.write(terminal[0], b"+++++++++w")
    assert keyboard.read(10.0).linear[0] == 1.0


def test_stop_and_end_let_go_at_once_and_are_told_once(terminal, keyboard):
    os.write(terminal[0], b"w x")
    assert keyboard.read(10.0) is None
    assert keyboard.commands() == [Command.STOP, Command.QUIT]
    assert keyboard.commands() == []


def test_unknown_keys_and_escape_sequences_of_arrows_do_not_move(terminal, keyboard):
    os.write(terminal[0], b"\x1b[5~q7\xff")
    assert keyboard.read(10.0) is None


def test_the_terminal_is_given_back_as_it_was(terminal):
    before = termios.tcgetattr(terminal[1])
    keyboard = Keyboard(terminal[1], hold_s=0.15)
    assert termios.tcgetattr(terminal[1])[3] != before[3], "keys come without Enter, unechoed"
    keyboard.close()
    assert termios.tcgetattr(terminal[1]) == before


def test_a_terminal_that_goes_away_is_a_lost_device():
    ours, theirs = pty.openpty()
    keyboard = Keyboard(theirs, hold_s=0.15)
    os.close(ours)
    with pytest.raises(HardwareError, match="terminal is gone"):
        keyboard.read(10.0)
    os.close(theirs)


def test_what_is_no_terminal_is_refused(tmp_path):
    with (tmp_path / "file").open("w") as file, pytest.raises(ConfigError, match="a terminal"):
        Keyboard(file.fileno(), hold_s=0.15)
