"""What a verb of `bridge-ros` is, and how one is carried out."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn, Protocol, cast

from bridge_ros.errors import BridgeError


class Verb(Protocol):
    """What the module of a verb holds.

    Its help in one line stands in the table that names it. `--help` imports the module, so that
    whatever is slow to import is imported in `run`.

    Attributes:
        DESCRIPTION: what it does and leaves behind, shown by its `--help`.
        EXAMPLES: command lines that its own parser takes, with what needs saying after a `#`; and
            its exit statuses, where they are more than 0 for success and 1 for failure.
    """

    DESCRIPTION: str
    EXAMPLES: str

    def add_arguments(self, parser: argparse.ArgumentParser, /) -> None:
        """Declare the verb's arguments."""

    def run(self, arguments: argparse.Namespace, /) -> int:
        """Carry it out; returns the exit status.

        Raises:
            BridgeError: for what the user can mend; told in one line, and the status is 1.
        """


def parser_of(verb: Verb, prog: str | None = None) -> argparse.ArgumentParser:
    """The parser of a verb's command line."""
    parser = argparse.ArgumentParser(
        prog=prog,
        description=verb.DESCRIPTION,
        epilog=verb.EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_arguments(parser)
    return parser


def exit_with(run: Callable[[], int]) -> NoReturn:
    """End the process with what `run` returns: 1 after a BridgeError, 130 after Ctrl-C."""
    # SIGTERM ends a verb as Ctrl-C does, so that nothing it started is left behind; and Ctrl-C
    # does so in the background of a script, too, where shells have it ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        code = run()
    except BridgeError as error:
        print(f"bridge-ros: {error}", file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        print("bridge-ros: interrupted", file=sys.stderr)
        code = 130
    sys.exit(code)


def run_as_program(module: str, argv: Sequence[str] | None = None) -> NoReturn:
    """Carry out a verb whose module was started with `python -m`."""
    verb = cast(Verb, sys.modules[module])
    exit_with(lambda: verb.run(parser_of(verb).parse_args(argv)))
