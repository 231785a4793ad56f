"""Mapping: which record of a file becomes which events, as data (TOML).

A condition is equality of a field with a text, nothing more; a new format's odd case is a code table, not an
expression. Everything about the vocabulary is checked when the map is read, before the first record.
"""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from onrecord_events.vocabulary import event_types
from onrecord_services.importing.errors import MapError
from onrecord_services.importing.readers import Format, ReaderOptions
from onrecord_services.importing.records import Place

_SHIPPED = files("onrecord_services.importing") / "maps"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("no such time zone; use a name such as Asia/Shanghai") from None
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]
Template = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TimeFrom(_Part):
    """A time out of one field."""

    field: str
    format: str = "iso"
    """`iso`, `unix`, `unix-milliseconds`, or a pattern of strptime."""
    zone: Zone | None = None
    """For times without an offset; the map's zone if not given."""
    not_before: str | None = None
    """A field that this time cannot precede: for sources that keep only the day of an end."""
    missing: Literal["refuse", "skip"] = "refuse"
    """What a record without this field means: a fault, or simply no such event."""


class ValueFrom(_Part):
    """A value out of one field, a template or a constant."""

    field: str | None = None
    template: Template | None = None
    constant: str | int | bool | list[str] | None = None
    as_: Literal["text", "ref", "code", "integer", "time"] = Field(default="text", alias="as")
    codes: str | None = None
    """A table of `[codes]` that says what each text means; a text it lacks is refused."""
    otherwise: str | int | bool | None = None
    """What a text means that the table lacks."""
    format: str = "iso"
    zone: Zone | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum(origin is not None for origin in (self.field, self.template, self.constant)) != 1:
            raise ValueError("exactly one of field, template, constant")
        if self.otherwise is not None and self.codes is None:
            raise ValueError("otherwise needs codes")
        return self


class EventRule(_Part):
    """One event that a record makes."""

    on: Place = "record"
    type: str
    subject: Template
    id: Template | Literal["content"]
    """`content`: a digest of the whole record, for sources that number nothing."""
    time: TimeFrom
    recorded: TimeFrom | None = None
    """When the source itself wrote it down; the event's time if not given."""
    when: Mapping[str, str] = {}
    actor: Template | None = None
    correlationid: Template | None = None
    sequence: Literal["file"] | None = "file"
    body: Mapping[str, ValueFrom] = {}

    @model_validator(mode="after")
    def _speaks_the_vocabulary(self) -> Self:
        known = event_types().get(self.type)
        if known is None:
            raise ValueError(f"type {self.type!r} is not in the vocabulary; `onrecord schema` lists it")
        if strangers := sorted(set(self.body) - set(known.model_fields)):
            raise ValueError(
                f"{self.type} has no field {', '.join(strangers)}; it has {sorted(known.model_fields)}"
            )
        required = {name for name, about in known.model_fields.items() if about.is_required()}
        if lacking := sorted(required - set(self.body)):
            raise ValueError(f"{self.type} needs {', '.join(lacking)} in its body")
        return self


class Map(_Part):
    """How one kind of file becomes events."""

    source: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\S+$")]
    """The CloudEvents source. With an event's id it is the identity: change it and everything is new."""
    format: Format | None = None
    order: Literal["time", "file"] = "time"
    """How events arrive in the log: sorted by their time, or as the file has them."""
    zone: Zone | None = None
    reader: ReaderOptions = ReaderOptions()
    codes: Mapping[str, Mapping[str, str | int | bool]] = {}
    event: Annotated[tuple[EventRule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _tables_exist(self) -> Self:
        for rule in self.event:
            for name, value in rule.body.items():
                if value.codes is not None and value.codes not in self.codes:
                    raise ValueError(f"{rule.type}, body.{name}: no table [codes.{value.codes}]")
        return self


def shipped_maps() -> list[str]:
    """The names of the maps that come with the product."""
    return sorted(
        item.name.removesuffix(".toml") for item in _SHIPPED.iterdir() if item.name.endswith(".toml")
    )


def load_map(name: str) -> Map:
    """The map in a file, or the shipped one of that name. Raises MapError naming file and key."""
    path = Path(name)
    if path.is_file():
        return read_map(path.read_text(encoding="utf-8"), path.name)
    if name in shipped_maps():
        return read_map((_SHIPPED / f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml")
    raise MapError(f"{name}: no such file, and no shipped map; shipped are {', '.join(shipped_maps())}")


def read_map(text: str, file: str) -> Map:
    """The map in a text. Raises MapError naming file and key."""
    try:
        return Map.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise MapError(f"{file}: {error}") from None
    except ValidationError as error:
        raise MapError(
            "\n".join(f"{file}: {_place(fault)}: {fault['msg']}" for fault in error.errors())
        ) from None


def _place(fault: Any) -> str:
    """`event[2].body.severity`: as a reader of the file counts, from 1."""
    place = ""
    for step in fault["loc"]:
        place += f"[{step + 1}]" if isinstance(step, int) else f".{step}"
    return place.lstrip(".") or "map"
