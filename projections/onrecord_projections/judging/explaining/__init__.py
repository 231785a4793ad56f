"""Explaining: why a verdict is what it is, so that anybody can work it out again by hand.

Every explanation holds the clauses, settings and numbers it rests on, the stretches of time and days that
were counted, and the arithmetic step by step. Plain values in no language: whoever shows them has the words.
"""

from onrecord_projections.judging.explaining.clock import ClockTold, Done, Step, Turn, explain
from onrecord_projections.judging.explaining.days import Day, LimitTold, Repeat
from onrecord_projections.judging.explaining.figure import (
    FigureTold,
    ItemTold,
    Ranked,
    explain_figure,
    explain_standing,
)
from onrecord_projections.judging.explaining.intervals import Interval
from onrecord_projections.judging.explaining.line import Counted, LineTold, explain_line
from onrecord_projections.judging.explaining.owner import ClaimTold, OwnerTold, PeriodTold, explain_owner
from onrecord_projections.judging.explaining.parts import RuleTold, SettingTold, Sum

__all__ = [
    "ClaimTold",
    "ClockTold",
    "Counted",
    "Day",
    "Done",
    "FigureTold",
    "Interval",
    "ItemTold",
    "LimitTold",
    "LineTold",
    "OwnerTold",
    "PeriodTold",
    "Ranked",
    "Repeat",
    "RuleTold",
    "SettingTold",
    "Step",
    "Sum",
    "Turn",
    "explain",
    "explain_figure",
    "explain_line",
    "explain_owner",
    "explain_standing",
]
