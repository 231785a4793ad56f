"""Judging: rulebooks as data, a tenant's settings, and the pure evaluation of a case."""

from onrecord_projections.judging.case import CaseFold, evaluate
from onrecord_projections.judging.check import check
from onrecord_projections.judging.explaining import ClockTold, Interval, Step, explain
from onrecord_projections.judging.faults import Fault, RulebookError
from onrecord_projections.judging.penalty_rules import (
    PenaltyLine,
    assess,
    line_id,
    line_said,
    pays_of,
    penalty_month,
    unit_of,
)
from onrecord_projections.judging.policy import POLICY_TYPES, SHADOW_TYPES, Draft, Problem, Settings
from onrecord_projections.judging.rates import Rate, rates
from onrecord_projections.judging.readings import READINGS
from onrecord_projections.judging.rulebook import Rulebook, load
from onrecord_projections.judging.shipped import shipped_rulebook, shipped_rulebooks
from onrecord_projections.judging.verdict import Clock, Finding, Unmeasured, Verdict

__all__ = [
    "POLICY_TYPES",
    "READINGS",
    "SHADOW_TYPES",
    "CaseFold",
    "Clock",
    "ClockTold",
    "Draft",
    "Fault",
    "Finding",
    "Interval",
    "PenaltyLine",
    "Problem",
    "Rate",
    "Rulebook",
    "RulebookError",
    "Settings",
    "Step",
    "Unmeasured",
    "Verdict",
    "assess",
    "check",
    "evaluate",
    "explain",
    "line_id",
    "line_said",
    "load",
    "pays_of",
    "penalty_month",
    "rates",
    "shipped_rulebook",
    "shipped_rulebooks",
    "unit_of",
]
