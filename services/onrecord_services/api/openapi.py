"""OpenAPI: the document at /schema/openapi.json. No page for it: such pages load foreign scripts."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar.openapi import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

_ABOUT = """Questions about what happened and what it means.

Every answer carries the position of the log it was read at. `wait_for=<position>` answers there or later, so
that you can read what you wrote. Pages go on with `cursor`. Times are RFC 3339 in the tenant's own zone.
Refusals are problems as RFC 9457 defines them; `detail` says what to do."""


class ProblemDetails(msgspec.Struct, frozen=True):
    """Why there is no answer (RFC 9457)."""

    type: str
    """`urn:onrecord:problem:<name>`"""
    title: str
    status: int
    detail: str
    """What to do about it."""


_PROBLEMS = {
    400: "The question cannot be asked like this.",
    401: "No valid API key.",
    403: "The key does not read.",
    404: "What was named is not known.",
    503: "Cannot be read now; `Retry-After` says when to ask again.",
    504: "Not read as far as `wait_for` yet.",
}


def answered(form: type[Any], about: str) -> Mapping[int, ResponseSpec]:
    """How a question may end. No examples: made-up ones would be read as real."""
    problems = {
        status: ResponseSpec(
            ProblemDetails, generate_examples=False, description=why, media_type="application/problem+json"
        )
        for status, why in _PROBLEMS.items()
    }
    return {200: ResponseSpec(form, generate_examples=False, description=about), **problems}


def streamed(about: str) -> Mapping[int, ResponseSpec]:
    """How a question may end whose answer goes on for ever."""
    ends = answered(str, about)
    stream = ResponseSpec(str, generate_examples=False, description=about, media_type="text/event-stream")
    return {**ends, 200: stream}


DOCUMENT = OpenAPIConfig(
    title="onrecord",
    version="1",
    description=_ABOUT,
    path="/schema",
    components=Components(
        security_schemes={
            "key": SecurityScheme(
                type="http", scheme="bearer", description="An API key whose scopes hold `read`."
            )
        }
    ),
    security=[{"key": []}],
    render_plugins=[JsonRenderPlugin(path="/openapi.json")],
    use_handler_docstrings=True,
)
