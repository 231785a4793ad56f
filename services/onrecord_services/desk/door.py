"""Door: what both edges ask before a request is decided, and what they say when it was not."""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import msgspec
from psycopg import Error

from onrecord_events.errors import LogMismatch, LogUnavailable, OutcomeUnknown
from onrecord_projections.errors import ProjectionError
from onrecord_projections.queries.errors import BadQuestion
from onrecord_services.api.problems import NOT_A_READER, bad_question
from onrecord_services.api.reads import Reads
from onrecord_services.desk import problems
from onrecord_services.desk.answer import Answer
from onrecord_services.desk.decision import Command
from onrecord_services.desk.desk import Contended, Desk, KeyReused
from onrecord_services.desk.envelope import Unfit, understood
from onrecord_services.desk.room import Rooms
from onrecord_services.intake.problems import NO_KEY, over_quota
from onrecord_services.intake.quotas import Quotas
from onrecord_services.keystore import KeyStoreError
from onrecord_services.problem import Problem, TurnedAway
from onrecord_services.vault.api_keys import ApiKey
from onrecord_services.vault.keyring import VaultUnavailable

_log = logging.getLogger(__name__)

TROUBLE = (
    TurnedAway,
    BadQuestion,
    Unfit,
    Contended,
    KeyReused,
    LogUnavailable,
    OutcomeUnknown,
    LogMismatch,
    VaultUnavailable,
    KeyStoreError,
    ProjectionError,
    Error,
    OSError,
)
"""Why there may be no answer."""


class Door:
    """Who may come in, and the desk behind it."""

    def __init__(
        self,
        rooms: Rooms,
        reads: Reads,
        quotas: Quotas,
        known: Mapping[str, type[Command]],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._rooms, self._reads, self._quotas = rooms, reads, quotas
        self.known, self._now = known, now

    def reader(self, key: ApiKey | None) -> ApiKey:
        """Whoever may have papers. Raises TurnedAway."""
        if key is None:
            raise TurnedAway(NO_KEY)
        if "read" not in key.scopes:
            raise TurnedAway(NOT_A_READER)
        return key

    async def ask(self, key: ApiKey | None, name: str, raw: bytes, request_key: str | None = None) -> Answer:
        """From bytes to the answer. Raises what `TROUBLE` lists."""
        if key is None:
            raise TurnedAway(NO_KEY)
        if "decide" not in key.scopes:
            raise TurnedAway(problems.NOT_A_DECIDER)
        if wait_s := self._quotas.wait_s(key.tenant, key.name):
            raise TurnedAway(over_quota(wait_s))
        asked = understood(raw, name=name, known=self.known, publisher=key.name, key=request_key)
        if key.person not in {None, asked.request.by}:
            raise TurnedAway(problems.NOT_THIS_PERSON)
        answer = await Desk(await self._rooms.of(key.tenant), self._now).ask(asked)
        self._quotas.take(key.tenant, key.name, events=max(1, len(answer.events)), size_bytes=len(raw))
        return await self._waited(key.tenant, answer, asked.request.wait_s)

    async def _waited(self, tenant: str, answer: Answer, wait_s: float) -> Answer:
        if not wait_s or not answer.position:
            return answer
        held = await self._reads.reach(tenant, answer.position, wait_s)
        return msgspec.structs.replace(answer, projected=held >= answer.position)


def problem_of(error: Exception) -> Problem:
    """What is told. Why a trouble of ours happened goes to our own log, without contents."""
    match error:
        case TurnedAway():
            return error.problem
        case BadQuestion():
            return bad_question(str(error))
        case Unfit():
            return problems.bad_request(str(error))
        case Contended():
            return problems.CONTENDED
        case KeyReused():
            return problems.KEY_REUSED
    _log.warning("not decided: %s: %s", type(error).__name__, error)
    return problems.UNAVAILABLE
