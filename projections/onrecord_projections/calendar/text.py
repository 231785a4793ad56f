"""Text: a calendar written back as TOML, always in the same way, so that equal content is equal text."""

import json
from datetime import date
from typing import Any

from onrecord_projections.calendar.source import Source


def dump(source: Source) -> str:
    """TOML that reads back as the same calendar; keys in the model's order, one exception a line."""
    content = source.model_dump(exclude_none=True, exclude_defaults=True, by_alias=True)
    tables = {key: content.pop(key) for key in ("weekly", "off_every_year", "exceptions") if key in content}
    lines = [f"{key} = {_value(value)}" for key, value in content.items()]
    if "weekly" in tables:
        lines += ["", "[weekly]", *(f"{key} = {_value(value)}" for key, value in tables["weekly"].items())]
    for key in ("off_every_year", "exceptions"):
        for block in tables.get(key, ()):
            lines += ["", f"[[{key}]]", *(f"{name} = {_value(value)}" for name, value in block.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    match value:
        case date():
            return value.isoformat()
        case dict():
            return "{ " + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + " }"
        case list() | tuple() if value and isinstance(value[0], dict):
            return "[\n" + "".join(f"  {_value(item)},\n" for item in value) + "]"
        case list() | tuple():
            return "[" + ", ".join(_value(item) for item in value) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)
