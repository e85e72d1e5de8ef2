"""Changes every tensor of a batch: to take rows of it, or to move it to a device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor

T = TypeVar("T")


def map_tensors(value: T, change: Callable[[Tensor], Tensor]) -> T:
    """A tensor, None, or a (named) tuple of such things, with every tensor changed."""
    if isinstance(value, Tensor):
        return change(value)  # type: ignore[return-value]
    if isinstance(value, tuple):
        parts: list[Any] = [map_tensors(part, change) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return value


def take_rows(rows: slice | Tensor) -> Callable[[Tensor], Tensor]:
    """A change that takes some rows of a tensor."""
    return lambda value: value[rows]


def join_tensors(values: Sequence[T]) -> T:
    """Batches one after the other; all of the same make."""
    first: Any = values[0]
    batches: list[Any] = [*values]
    joined: Any
    if isinstance(first, Tensor):
        joined = torch.cat(batches)
        return joined  # type: ignore[no-any-return]
    if isinstance(first, tuple):
        parts: list[Any] = [join_tensors(part) for part in zip(*batches, strict=True)]
        joined = type(first)(*parts) if hasattr(first, "_fields") else type(first)(parts)
        return joined  # type: ignore[no-any-return]
    return first  # type: ignore[no-any-return]
