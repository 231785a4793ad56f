"""Who: which roles may decide what about a line: the rulebook's where it says so, else the tenant's."""

from collections.abc import Iterator
from datetime import datetime

from onrecord_projections.judging import Settings
from onrecord_projections.judging.clauses import ApprovalClause
from onrecord_projections.judging.parts import Selector
from onrecord_services.desk.decision import Held, Refused

STATED = {"CC02-E9": "customer-director"}
"""Clauses whose words name who confirms, though not as data; they hold while such an edition is in force."""


def check(held: Held, reading: str) -> str:
    """The role of whoever decides, by a setting. Raises Refused."""
    return _one_of(held, frozenset(held.settings.reading(reading, held.at).split()), None)


def check_confirms(held: Held, pack: str, clause: str) -> str:
    """The role in which somebody confirms lines of a clause. Raises Refused."""
    named, by = confirming(held.settings, pack, clause, held.at)
    return _one_of(held, named, by) if named else check(held, "penalty.confirmed-by")


def confirming(settings: Settings, pack: str, clause: str, at: datetime) -> tuple[frozenset[str], str | None]:
    """The roles that a policy wants, and its clause that says so; none if no clause does."""
    book = settings.in_force(pack, at)
    for known in book.clause if book else ():
        if isinstance(known, ApprovalClause) and any(_sends(act, clause) for act in known.act):
            stated = STATED.get(known.id)
            roles = frozenset(_roles(known)) | ({stated} if stated else set())
            if roles:
                return roles, known.id
    return frozenset(), None


def _sends(act: Selector, clause: str) -> bool:
    """Whether the act is that lines of this clause go to payroll."""
    named = act.where.get("clause")
    return act.event == "penalty.exported" and (named is None or clause in named)


def _roles(clause: ApprovalClause) -> Iterator[str]:
    for needs in clause.any_of:
        for need in needs:
            for on in need.on:
                if on.event == "penalty.approved":
                    yield from map(str, on.where.get("role", ()))


def _one_of(held: Held, named: frozenset[str], clause: str | None) -> str:
    fitting = sorted(held.roles & named)
    if not fitting:
        raise Refused("role-missing", clause=clause, roles=" ".join(sorted(named)))
    return fitting[0]
