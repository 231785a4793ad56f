"""Event: the base of the vocabulary, and the registry that turns a stored name back into its type.

An event body says what happened, nothing else. Stream, actor and both times live on the envelope.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from onrecord_events.errors import UnreadableEvent
from onrecord_events.sealed import Sealed

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
"""One word of a closed or tenant-kept list, such as `minor` or `water-leak`."""

Ref = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\s\x00-\x1f\x7f]+$")]
"""The id of somebody or something: a pseudonym, a number plate's id, a form number. Never a name."""

Label = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A short text that names a thing (not a person), such as an activity of an imported log."""

Money = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]
"""An amount in the tenant's currency, unless the event names another."""

Count = Annotated[int, Field(ge=1, le=10_000)]
"""How many of the same at once; what did not happen is no event."""

_TYPES: dict[str, type["Event"]] = {}


class Event(BaseModel):
    """One kind of thing that can have happened. Subclasses name themselves in `TYPE`, once and for ever.

    `VERSION` counts the shapes a body has had; `UPCASTS[n]` turns shape n into shape n + 1.
    `PERSON_FIELD` names the field whose value decides under whose key personal fields are sealed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    TYPE: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1
    UPCASTS: ClassVar[Mapping[int, Any]] = MappingProxyType({})
    PERSON_FIELD: ClassVar[str] = "customer"
    SEALED_FIELDS: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Register the name; a name used twice fails at import."""
        super().__pydantic_init_subclass__(**kwargs)
        if not cls.TYPE:
            return
        if cls.TYPE in _TYPES:
            raise TypeError(f"event type {cls.TYPE!r} is named twice: {_TYPES[cls.TYPE]} and {cls}")
        cls.SEALED_FIELDS = frozenset(
            name
            for name, field in cls.model_fields.items()
            if field.annotation is Sealed or Sealed in get_args(field.annotation)
        )
        if cls.SEALED_FIELDS and cls.PERSON_FIELD not in cls.model_fields:
            raise TypeError(
                f"{cls.TYPE}: sealed fields need {cls.PERSON_FIELD!r} to say whose key seals them"
            )
        _TYPES[cls.TYPE] = cls


def event_types() -> Mapping[str, type[Event]]:
    """Every registered event type by its stored name (import `onrecord_events.vocabulary` to fill it)."""
    return MappingProxyType(_TYPES)


def upcast(type_name: str, version: int, data: dict[str, Any]) -> dict[str, Any]:
    """`data` of an older shape in the shape of today; unknown types pass unchanged.

    Raises UnreadableEvent if the shape is newer than this release, or an upcast is missing.
    """
    known = _TYPES.get(type_name)
    if known is None or version == known.VERSION:
        return data
    if version > known.VERSION:
        raise UnreadableEvent(f"{type_name} has shape {version}; this release reads up to {known.VERSION}")
    for shape in range(version, known.VERSION):
        if shape not in known.UPCASTS:
            raise UnreadableEvent(f"{type_name}: no upcast from shape {shape} to {shape + 1}")
        data = known.UPCASTS[shape](data)
    return data


def read_body(type_name: str, data: Mapping[str, Any], version: int = 1) -> Event:
    """The typed body of a stored event, upcast and validated.

    Raises UnreadableEvent naming the type and the fields at fault, never their values.
    """
    known = _TYPES.get(type_name)
    if known is None:
        raise UnreadableEvent(f"unknown event type {type_name!r}; `onrecord schema` lists the known ones")
    try:
        return known.model_validate(upcast(type_name, version, dict(data)))
    except ValidationError as error:
        raise UnreadableEvent(f"{type_name}: {faults(error)}") from None


def faults(error: ValidationError) -> str:
    """Where and why a body is wrong, without a word of what it said."""
    return "; ".join(
        f"{'.'.join(str(step) for step in fault['loc']) or 'body'}: {fault['type']}"
        for fault in error.errors(include_input=False, include_url=False, include_context=False)[:8]
    )
