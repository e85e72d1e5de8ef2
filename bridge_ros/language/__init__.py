"""Reads sentences: words, things, and what is asked for."""

from bridge_ros.language.instructions import (
    Instruction,
    Opening,
    PickPlace,
    Ranking,
    Relation,
    Size,
    Stacking,
)
from bridge_ros.language.lexicon import COLOURS, HOLLOW, SHAPES
from bridge_ros.language.object_query import ObjectQuery
from bridge_ros.language.parser import read_instruction
from bridge_ros.language.quoting import quote

__all__ = [
    "COLOURS",
    "HOLLOW",
    "SHAPES",
    "Instruction",
    "ObjectQuery",
    "Opening",
    "PickPlace",
    "Ranking",
    "Relation",
    "Size",
    "Stacking",
    "quote",
    "read_instruction",
]
