"""Failures: every exception a question can end in, and the problem it is told as."""

import logging
from collections.abc import Callable
from typing import Any

from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from psycopg import DataError, InterfaceError, OperationalError
from psycopg.errors import QueryCanceled, UndefinedTable

from onrecord_projections.errors import NoReadModel
from onrecord_projections.queries.errors import BadQuestion
from onrecord_services.api import problems
from onrecord_services.problem import MEDIA_TYPE, Problem, TurnedAway
from onrecord_services.vault.keyring import VaultUnavailable

_Request = Request[Any, Any, Any]
_log = logging.getLogger(__name__)
_UNAUTHORIZED = 401
_OUR_TROUBLE = 500
_CALLED = {"in_state": "state", "is_open": "open", "is_overdue": "overdue", "form": "format", "by": "group"}
"""What a parameter is called in the address, where the handler has another word for it."""


def as_problem(_: _Request, problem: Problem) -> Response[bytes]:
    """A problem as machines read it."""
    headers = {"Cache-Control": "no-store"}
    if problem.retry_after_s is not None:
        headers["Retry-After"] = str(problem.retry_after_s)
    if problem.status == _UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="onrecord"'
    return Response(problem.as_json(), media_type=MEDIA_TYPE, status_code=problem.status, headers=headers)


def _turned_away(_: _Request, error: TurnedAway) -> Problem:
    return error.problem


def _bad_question(_: _Request, error: BadQuestion) -> Problem:
    return problems.bad_question(str(error))


def _no_read_model(_: _Request, error: NoReadModel) -> Problem:
    return problems.no_read_model(str(error))


def _data_error(_: _Request, __: DataError) -> Problem:
    return problems.bad_question("a value is out of bounds, or holds a character that no id has")


def _too_long(_: _Request, __: QueryCanceled) -> Problem:
    return problems.TOO_LONG


def _unavailable(request: _Request, error: Exception) -> Problem:
    _log.warning("%s not answered: %s", request.url.path, type(error).__name__)
    return problems.UNAVAILABLE


def _our_fault(request: _Request, error: Exception) -> Problem:
    _log.error("%s failed", request.url.path, exc_info=error)
    return problems.OUR_FAULT


def _validation(_: _Request, error: ValidationException) -> Problem:
    said = error.extra if isinstance(error.extra, list) else []
    faults = "; ".join(
        f"{_CALLED.get(fault.get('key'), fault.get('key'))}: {fault['message']}" for fault in said[:8]
    )
    return problems.bad_question(faults or error.detail)


def _no_path(_: _Request, __: NotFoundException) -> Problem:
    return problems.NO_PATH


def _http(_: _Request, error: HTTPException) -> Problem:
    detail = (
        "Ask with GET."
        if isinstance(error, MethodNotAllowedException)
        else "The request is not as HTTP asks for."
    )
    if error.status_code >= _OUR_TROUBLE:
        return problems.UNAVAILABLE
    return Problem(name="http", status=error.status_code, title="Not answered", detail=detail)


PROBLEMS: dict[int | type[Exception], Callable[..., Problem]] = {
    TurnedAway: _turned_away,
    BadQuestion: _bad_question,
    NoReadModel: _no_read_model,
    DataError: _data_error,
    QueryCanceled: _too_long,
    OperationalError: _unavailable,
    InterfaceError: _unavailable,
    UndefinedTable: _unavailable,
    OSError: _unavailable,
    VaultUnavailable: _unavailable,
    ValidationException: _validation,
    NotFoundException: _no_path,
    HTTPException: _http,
    _OUR_TROUBLE: _our_fault,
}


def handlers(tell: Callable[[_Request, Problem], Response[Any]]) -> dict[int | type[Exception], Any]:
    """For each exception an answer in the form the visitor reads."""

    def telling(found: Callable[..., Problem]) -> Callable[[_Request, Exception], Response[Any]]:
        return lambda request, error: tell(request, found(request, error))

    return {exception: telling(found) for exception, found in PROBLEMS.items()}
