"""The door: what both edges ask before a body is read.

Who is turned away is answered and counted; nothing of it is stored.
"""

import logging
from collections.abc import Mapping

from onrecord_events.errors import LogMismatch, LogUnavailable, OutcomeUnknown
from onrecord_services.intake import problems
from onrecord_services.intake.accept import Busy
from onrecord_services.intake.cloudevents import mode_of
from onrecord_services.intake.identities import SeenUnavailable
from onrecord_services.intake.quotas import Quotas
from onrecord_services.keystore import KeyStoreError
from onrecord_services.problem import Problem, TurnedAway
from onrecord_services.vault.api_keys import ApiKey
from onrecord_services.vault.keyring import VaultUnavailable

_log = logging.getLogger(__name__)

OUR_TROUBLE = (
    LogUnavailable,
    OutcomeUnknown,
    LogMismatch,
    SeenUnavailable,
    VaultUnavailable,
    KeyStoreError,
    OSError,
)
"""What the sender cannot mend."""


def admit(key: ApiKey | None, quotas: Quotas, content_type: str, headers: Mapping[str, str]) -> ApiKey:
    """The writer who may come in now. Raises TurnedAway."""
    if key is None:
        raise TurnedAway(problems.NO_KEY)
    if "write" not in key.scopes:
        raise TurnedAway(problems.NOT_A_WRITER)
    if wait_s := quotas.wait_s(key.tenant, key.name):
        raise TurnedAway(problems.over_quota(wait_s))
    if headers.get("content-encoding", "identity") != "identity" or not mode_of(content_type, headers):
        raise TurnedAway(problems.UNKNOWN_FORM)
    return key


def problem_of(error: Exception) -> Problem:
    """What the sender is told. Why a trouble of ours happened goes to our own log, without contents."""
    if isinstance(error, TurnedAway):
        return error.problem
    if isinstance(error, Busy):
        return problems.BUSY
    _log.warning("not stored: %s: %s", type(error).__name__, error)
    return problems.UNAVAILABLE
