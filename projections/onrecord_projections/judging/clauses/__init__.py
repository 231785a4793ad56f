"""Clauses: what a rulebook can say, as data. Numbers, names, dates and equality; never conditions."""

from typing import Annotated

from pydantic import Field

from onrecord_projections.judging.clauses.approval import AccessClause, ApprovalClause
from onrecord_projections.judging.clauses.clock import ClockClause
from onrecord_projections.judging.clauses.duty import RecurringClause
from onrecord_projections.judging.clauses.escalation import EscalationClause
from onrecord_projections.judging.clauses.grade import GradeClause
from onrecord_projections.judging.clauses.kpi import KpiClause
from onrecord_projections.judging.clauses.limit import CountClause, LimitClause, TimingClause
from onrecord_projections.judging.clauses.ownership import OwnershipClause
from onrecord_projections.judging.clauses.penalty import LadderClause, PenaltyClause
from onrecord_projections.judging.clauses.plain import ProseClause, RefersClause, SupportedClause
from onrecord_projections.judging.clauses.record import ChecklistClause, FormClause, RequiredClause
from onrecord_projections.judging.clauses.retention import RetentionClause
from onrecord_projections.judging.clauses.stated import Executable, Stated

Clause = Annotated[
    ClockClause
    | RecurringClause
    | RetentionClause
    | RequiredClause
    | FormClause
    | ChecklistClause
    | LimitClause
    | CountClause
    | TimingClause
    | ApprovalClause
    | AccessClause
    | GradeClause
    | OwnershipClause
    | EscalationClause
    | PenaltyClause
    | LadderClause
    | KpiClause
    | ProseClause
    | RefersClause
    | SupportedClause,
    Field(discriminator="kind"),
]

__all__ = [
    "AccessClause",
    "ApprovalClause",
    "ChecklistClause",
    "Clause",
    "ClockClause",
    "CountClause",
    "EscalationClause",
    "Executable",
    "FormClause",
    "GradeClause",
    "KpiClause",
    "LadderClause",
    "LimitClause",
    "OwnershipClause",
    "PenaltyClause",
    "ProseClause",
    "RecurringClause",
    "RefersClause",
    "RequiredClause",
    "RetentionClause",
    "Stated",
    "SupportedClause",
    "TimingClause",
]
