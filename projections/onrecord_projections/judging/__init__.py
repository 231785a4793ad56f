"""Judging: rulebooks as data, a tenant's settings, and the pure evaluation of a case."""

from onrecord_projections.judging.case import CaseFold, evaluate
from onrecord_projections.judging.faults import Fault, RulebookError
from onrecord_projections.judging.policy import POLICY_TYPES, Problem, Settings
from onrecord_projections.judging.readings import READINGS
from onrecord_projections.judging.rulebook import Rulebook, load
from onrecord_projections.judging.shipped import shipped_rulebook, shipped_rulebooks
from onrecord_projections.judging.verdict import Clock, Finding, Unmeasured, Verdict

__all__ = [
    "POLICY_TYPES",
    "READINGS",
    "CaseFold",
    "Clock",
    "Fault",
    "Finding",
    "Problem",
    "Rulebook",
    "RulebookError",
    "Settings",
    "Unmeasured",
    "Verdict",
    "evaluate",
    "load",
    "shipped_rulebook",
    "shipped_rulebooks",
]
