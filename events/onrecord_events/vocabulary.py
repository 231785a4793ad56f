"""Vocabulary: importing this module registers every event there is."""

from onrecord_events import (
    archive,
    callback,
    clock,
    complaint,
    duty,
    handover,
    intake,
    interaction,
    order,
    penalty,
    policy,
    staff,
    survey,
    violation,
)
from onrecord_events.base import event_types

__all__ = [
    "archive",
    "callback",
    "clock",
    "complaint",
    "duty",
    "event_types",
    "handover",
    "intake",
    "interaction",
    "order",
    "penalty",
    "policy",
    "staff",
    "survey",
    "violation",
]
