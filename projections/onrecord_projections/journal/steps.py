"""Steps: what a case means from an instant on, change by change."""

from datetime import datetime
from typing import NamedTuple

from onrecord_projections.judging import CaseFold, Verdict
from onrecord_projections.judging.case import whole_second
from onrecord_projections.judging.run import SECOND


class Step(NamedTuple):
    """What holds from `at` until the next step."""

    at: datetime
    verdict: Verdict


def steps(fold: CaseFold, since: datetime, until: datetime) -> list[Step]:
    """Every verdict that holds at some instant of `[since, until]`, in whole seconds."""
    found: list[Step] = []
    at = whole_second(since)
    while at <= until:
        found.append(Step(at, fold.at(at)))
        due = fold.next_due
        if due is None:
            break
        at = max(whole_second(due), at + SECOND)  # a limit that keeps its fraction is passed a second later
    return found
