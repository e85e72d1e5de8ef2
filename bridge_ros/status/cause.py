"""Reasons for programs, and the sentences that are made of them for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Generic, TypeVar

from bridge_ros.errors import BridgeError

if TYPE_CHECKING:
    from typing_extensions import Self


class Reason(str, Enum):
    """The base of the reasons: a member is `name = value, sentence`.

    The value travels in TaskStatus.reason. The sentence is a format for `because`.
    """

    _value_: str
    sentence: str

    def __new__(cls, value: str, sentence: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    __str__ = str.__str__

    def because(self, **details: object) -> Cause[Self]:
        """This reason in one case; the details are those that its sentence names."""
        return Cause(reason=self, message=self.sentence.format(**details))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The reason of that value; None for a text that is none of them."""
        return next((reason for reason in cls if reason.value == text), None)


R = TypeVar("R", bound=Reason)
R_co = TypeVar("R_co", bound=Reason, covariant=True)


@dataclass(frozen=True, kw_only=True)
class Cause(Generic[R_co]):
    """Why something is as it is; errors may be raised with one in the place of their text.

    Attributes:
        reason: for programs. message: for people.
    """

    reason: R_co
    message: str

    def __str__(self) -> str:
        return self.message


def cause_of(error: BridgeError, otherwise: R) -> Cause[R]:
    """The cause that an error was raised with, where its reason is one of the same vocabulary.

    Args:
        otherwise: the reason for any other error; its sentence is "{why}", the error's text.
    """
    first = error.args[0] if error.args else None
    if isinstance(first, Cause) and isinstance(first.reason, type(otherwise)):
        return first
    return otherwise.because(why=error)
