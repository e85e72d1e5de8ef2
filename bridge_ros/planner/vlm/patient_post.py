"""One HTTP request with a hard time limit; what may be over in a moment is tried again."""

from __future__ import annotations

import asyncio
import importlib
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from bridge_ros.errors import ConfigError, PlanError
from bridge_ros.planner.vlm.reply_json import shorten

_PASSING = (408, 425, 429, 500, 502, 503, 504)
_MAX_BYTES = 4_000_000
_SHOWN_CHARS = 200


def load_httpx() -> ModuleType:
    """The HTTP library. Raises ConfigError if it is not installed."""
    try:
        return importlib.import_module("httpx2")
    except ImportError as error:
        raise ConfigError(
            "the openai backend needs httpx2, a part of the extra `vlm`: "
            "make setup EXTRAS=ros,sim,realsense,vlm,test"
        ) from error


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to wait and how often to try.

    Attributes:
        timeout_s: for one answer, all attempts and the waits between them included.
        attempts: at most.
        backoff_s: wait after the first failure; it doubles with each further one.
    """

    timeout_s: float
    attempts: int
    backoff_s: float


class PassingTroubleError(PlanError):
    """What the next attempt may not meet.

    Attributes:
        wait_s: how long the server asks to wait; 0 where it does not say.
    """

    def __init__(self, message: str, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class HttpStatusError(PlanError):
    """An answer with another status than 200 that the next attempt would meet again.

    Attributes:
        status: of the answer. text: its body.
    """

    def __init__(self, message: str, status: int, text: str) -> None:
        super().__init__(message)
        self.status, self.text = status, text


def post(url: str, body: Mapping[str, Any], headers: Mapping[str, str], patience: Patience) -> str:
    """The text that a server answers to a JSON body with status 200.

    The limit holds whatever the server does: one that sends a byte a second is slow, too.

    Raises:
        PlanError: if there is no such answer in time; says what the last trouble was.
    """
    deadline = time.monotonic() + patience.timeout_s
    trouble = ""
    for attempt in range(patience.attempts):
        left_s = deadline - time.monotonic()
        try:
            return asyncio.run(_limited(url, body, headers, left_s))
        except asyncio.TimeoutError:
            slow = f"{url}: no answer within {patience.timeout_s:g} s"
            raise PlanError(f"{slow}; before that: {trouble}" if trouble else slow) from None
        except PassingTroubleError as error:
            trouble = str(error)
            wait_s = max(error.wait_s, patience.backoff_s * 2.0**attempt)
            is_last = attempt + 1 == patience.attempts
            if is_last or time.monotonic() + wait_s >= deadline:
                raise PlanError(f"{trouble} (attempt {attempt + 1})") from error
            time.sleep(wait_s)
    raise AssertionError("unreachable")


async def _limited(
    url: str, body: Mapping[str, Any], headers: Mapping[str, str], timeout_s: float
) -> str:
    return await asyncio.wait_for(_post_once(url, body, headers), max(0.0, timeout_s))


async def _post_once(url: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    httpx = load_httpx()
    received = bytearray()
    try:
        async with (
            httpx.AsyncClient(timeout=None) as client,
            client.stream("POST", url, json=dict(body), headers=dict(headers)) as response,
        ):
            async for chunk in response.aiter_bytes():
                received += chunk
                if len(received) > _MAX_BYTES:
                    raise PlanError(f"{url}: expected at most {_MAX_BYTES} bytes, got more")
            status, retry_after = response.status_code, response.headers.get("retry-after", "")
    except httpx.TransportError as error:
        what = shorten(str(error)) or "the connection was lost"
        raise PassingTroubleError(f"{url}: {type(error).__name__}: {what}") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PlanError(f"{url}: {type(error).__name__}: {shorten(str(error))}") from error
    text = received.decode("utf-8", errors="replace")
    if status == 200:
        return text
    message = f"{url}: HTTP {status}: {shorten(text, _SHOWN_CHARS)}"
    if status in _PASSING:
        raise PassingTroubleError(message, _seconds(retry_after))
    raise HttpStatusError(message, status, text)


def _seconds(retry_after: str) -> float:
    """The header's seconds; 0 where it is a date or nonsense."""
    try:
        seconds = float(retry_after)
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) and seconds > 0.0 else 0.0
