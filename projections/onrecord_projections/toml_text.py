"""TOML text: read with a bound on nesting.

Rules and calendars come as events, and what an event means may not depend on how deep our own stack happens
to be: the reader of the library recurses, and would fail on some depth here and on another in a rebuild.
"""

import re
import tomllib
from collections.abc import Callable
from typing import Any

NESTED_MAX = 32

_MARKS = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[\[{]|[\]}]",
    re.DOTALL,
)
"""Texts and comments whole, so that brackets in them do not count."""


def read_toml(text: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """What the text says. Raises tomllib.TOMLDecodeError, also when it is nested deeper than `NESTED_MAX`."""
    if _brackets_deep(text) > NESTED_MAX:
        raise _too_deep()
    content = tomllib.loads(text, parse_float=parse_float)
    if _is_deeper(content, NESTED_MAX):
        raise _too_deep()
    return content


def _brackets_deep(text: str) -> int:
    depth = deepest = 0
    for mark in _MARKS.finditer(text):
        first = mark[0][0]
        depth += (first in "[{") - (first in "]}")
        deepest = max(deepest, depth)
    return deepest


def _is_deeper(content: object, depth_max: int) -> bool:
    """Dotted keys nest without brackets."""
    level = [content]
    for _ in range(depth_max + 1):
        level = [inner for outer in level for inner in _inside(outer)]
    return bool(level)


def _inside(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _too_deep() -> tomllib.TOMLDecodeError:
    return tomllib.TOMLDecodeError(f"Nested deeper than {NESTED_MAX} (at line 1, column 1)")
