"""A table of verbs; only the one that is asked for is imported."""

from __future__ import annotations

import argparse
import difflib
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, cast

from bridge_ros.commands.verb import Verb, parser_of


@dataclass(frozen=True, kw_only=True)
class VerbTable:
    """Verbs by their names.

    Attributes:
        prog: what is typed before the name of a verb.
        kind: what the verbs are called, such as "verb" or "stage".
        help: one line, where the table is itself an entry of a table.
        description, examples: of its `--help`.
        package: where the modules lie; each is named as its verb.
        verbs: the help of each in one line, or the table that the word opens.
    """

    prog: str
    kind: str
    help: str = ""
    description: str
    examples: str
    package: str
    verbs: Mapping[str, str | VerbTable]

    def load(self, name: str) -> Verb:
        """Import the module of a verb."""
        return cast(Verb, importlib.import_module(f"{self.package}.{name}"))

    def parse(self, argv: Sequence[str]) -> tuple[Verb, argparse.Namespace]:
        """The verb of a command line, and its arguments.

        Raises:
            SystemExit: after `--help` with 0, for an unusable command line with 2.
        """
        name = argv[0] if argv else ""
        entry = self.verbs.get(name)
        if isinstance(entry, VerbTable):
            return entry.parse(argv[1:])
        if entry is None:
            self._help_or_refuse(argv)
        verb = self.load(name)
        return verb, parser_of(verb, f"{self.prog} {name}").parse_args(argv[1:])

    def _help_or_refuse(self, argv: Sequence[str]) -> NoReturn:
        parser = self.parser()
        if argv and not argv[0].startswith("-"):
            near = difflib.get_close_matches(argv[0], self.verbs, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(self.verbs)}"
            parser.error(f"expected a {self.kind}, got {argv[0]!r}; {hint}")
        parser.parse_args(argv)
        raise AssertionError("a command line without a verb ends with its help or an error")

    def parser(self) -> argparse.ArgumentParser:
        """Knows the verbs, but none of their arguments; for the table's own `--help`."""
        parser = argparse.ArgumentParser(
            prog=self.prog,
            description=self.description,
            epilog=self.examples,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        verbs = parser.add_subparsers(
            title=f"{self.kind}s", required=True, metavar=self.kind.upper()
        )
        for name, entry in self.verbs.items():
            verbs.add_parser(name, help=entry if isinstance(entry, str) else entry.help)
        return parser
