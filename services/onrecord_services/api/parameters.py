"""Parameters: what the questions have in common, bounded, and said once for the OpenAPI document."""

from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any

from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter, SkipValidation

from onrecord_projections.queries.answer import CURSOR_CHARS_MAX, ROWS_MAX
from onrecord_projections.queries.errors import BadQuestion
from onrecord_projections.queries.view import Times
from onrecord_services.api.access import Visitor
from onrecord_services.api.reads import Reads

ID_CHARS_MAX = 200
INSTANCE_CHARS_MAX = 600
"""An instance is named by the source and id of the event that started it."""
YEARS = range(1900, 2201)
"""Instants outside are slips of the keyboard, and some have no equal in every zone."""
_NO_CONTROL = r"^[^\x00-\x1f\x7f]*$"

TheReads = NamedDependency[SkipValidation[Reads]]
TheVisitor = NamedDependency[SkipValidation[Visitor]]

Id = Annotated[str | None, QueryParameter(max_length=ID_CHARS_MAX, pattern=_NO_CONTROL)]
Limit = Annotated[int, QueryParameter(ge=1, le=ROWS_MAX, description="How many rows at most.")]
Cursor = Annotated[
    str | None, QueryParameter(max_length=CURSOR_CHARS_MAX, description="`next` of the answer before.")
]
WaitFor = Annotated[
    int | None,
    QueryParameter(
        ge=0,
        le=2**62,
        description="A position, as intake answers with: the answer is read there or later, or is a 504.",
    ),
]
Lang = Annotated[
    str | None, QueryParameter(max_length=35, description="`zh` or `en`; else `Accept-Language` decides.")
]
MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"
Instant = Annotated[
    str | None,
    QueryParameter(
        max_length=40, schema_extra={"format": "date-time"}, description="RFC 3339, with its offset."
    ),
]


AsOf = Annotated[
    str | None,
    QueryParameter(
        max_length=40,
        schema_extra={"format": "date-time"},
        description="What was true then, RFC 3339 with its offset; later than all that is known: if nothing "
        "more happens.",
    ),
]
KnownAt = Annotated[
    str | None,
    QueryParameter(
        max_length=40,
        schema_extra={"format": "date-time"},
        description="As it was known then, RFC 3339 with its offset: events recorded later do not count.",
    ),
]


def refuse_unknown(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard: a filter that is misspelt must not look like one that found everything. Raises BadQuestion."""
    known = _names_of(handler)
    for name in connection.query_params:
        if name not in known:
            raise BadQuestion(
                f"{name[:50]}: nothing this question knows; it takes {', '.join(sorted(known))}"
            )


@lru_cache
def _names_of(handler: BaseRouteHandler) -> frozenset[str]:
    parameters = handler.parsed_fn_signature.parameters
    return frozenset({"lang"}) | frozenset(
        getattr(field.kwarg_definition, "name", None) or name
        for name, field in parameters.items()
        if isinstance(field.kwarg_definition, QueryParameter)
    )


def check_id(name: str, what: str) -> None:
    """An id that came in the path is bounded as one in the query is. Raises BadQuestion."""
    if len(name) > ID_CHARS_MAX or "\0" in name:
        raise BadQuestion(f"{what}: an id takes at most {ID_CHARS_MAX} characters")


def times(as_of: str | None, known_at: str | None) -> Times:
    """What was true when, as known when. Raises BadQuestion."""
    return Times(instant(as_of, "as_of"), instant(known_at, "known_at"))


def instant(said: str | None, name: str) -> datetime | None:
    """The instant that was meant; a `+` that came as a space is forgiven. Raises BadQuestion."""
    if said is None:
        return None
    try:
        at = datetime.fromisoformat(said.strip().replace(" ", "+") if "T" in said else said)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or at.year not in YEARS:
        raise BadQuestion(f"{name}: not an instant with its offset, such as 2026-07-11T08:00:00+08:00")
    return at
