"""State: what became of one complaint, folded from its stream. Pure and total."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from onrecord_events.envelope import Recorded

Stage = Literal["unknown", "open", "settled", "closed", "withdrawn", "archived"]
Data = Mapping[str, Any]
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Case:
    """One complaint as its events have made it."""

    stage: Stage = "unknown"
    severity: str | None = None
    customer: str | None = None
    received_by: str | None = None
    area_manager: str | None = None
    accused: str | None = None
    ground: str | None = None
    judged: bool = False
    """Whether somebody judged its severity after it was taken down."""
    valid: bool | None = None
    answered: bool = False
    asked: bool = False
    """Whether we wait for the customer."""
    agreed: bool = False
    """Whether the customer agreed to the solution, or accepted what was done."""
    verified: bool = False
    opinion: bool = False
    collected: bool = False
    forms: Mapping[str, str] = field(default_factory=dict)
    """How far each department's disposal form is: issued, received, signed, returned."""
    group: str | None = None
    members: frozenset[str] = frozenset()
    compensation_promised: Decimal = NOTHING
    compensation_given: Decimal = NOTHING
    reopened: int = 0
    repeats: int = 0

    @property
    def settled(self) -> bool:
        """Whether it is solved, and not closed yet."""
        return self.stage == "settled"

    @property
    def ended(self) -> bool:
        """Whether it is over, as far as we know."""
        return self.stage in ("closed", "withdrawn", "archived")


def fold(events: Iterable[Recorded]) -> Case:
    """The complaint of a stream; its events in the order of the log."""
    case = Case()
    for event in events:
        step = _STEPS.get(event.type)
        if step is not None:
            case = step(case, event.data)
    return case


def _registered(case: Case, data: Data) -> Case:
    if case.stage != "unknown":
        return case
    return replace(
        case,
        stage="open",
        severity=data["severity"],
        customer=data["customer"],
        received_by=data["received_by"],
        area_manager=data.get("area_manager"),
        accused=data.get("accused"),
        repeats=data.get("raised_before", 0),
    )


def _classified(case: Case, data: Data) -> Case:
    manager = data.get("area_manager") or case.area_manager
    return replace(
        case, severity=data["severity"], ground=data.get("ground"), area_manager=manager, judged=True
    )


def _resolved(case: Case, data: Data) -> Case:
    accepted = data.get("accepted_by_customer")
    stage: Stage = "settled" if case.stage == "open" and accepted is not False else case.stage
    return replace(case, stage=stage, answered=True, agreed=case.agreed or accepted is True)


def _called_back(case: Case, data: Data) -> Case:
    return replace(case, agreed=case.agreed or (data.get("reached", True) and data.get("satisfied") is True))


def _reopened(case: Case, data: Data) -> Case:
    """Of a new episode the old complaint stays as it ended."""
    if data["mode"] == "new-episode":
        return replace(case, reopened=case.reopened + 1)
    return replace(
        case,
        stage="open",
        reopened=case.reopened + 1,
        answered=False,
        asked=False,
        agreed=False,
        verified=False,
        opinion=False,
    )


def _form(stage: str) -> Callable[[Case, Data], Case]:
    return lambda case, data: replace(case, forms={**case.forms, data["department"]: stage})


def _promised(case: Case, data: Data) -> Case:
    return replace(case, compensation_promised=case.compensation_promised + Decimal(str(data["amount"])))


def _done(case: Case, data: Data) -> Case:
    if data["act"] != "compensate":
        return case
    given = Decimal(str(data.get("value") or 0))
    return replace(case, compensation_given=case.compensation_given + given)


_STEPS: dict[str, Callable[[Case, Data], Case]] = {
    "complaint.registered": _registered,
    "complaint.classified": _classified,
    "complaint.repeated": lambda case, _: replace(case, repeats=case.repeats + 1),
    "complaint.validity-judged": lambda case, data: replace(case, valid=data["valid"]),
    "complaint.disposal-form-issued": _form("issued"),
    "complaint.disposal-form-received": _form("received"),
    "complaint.disposal-plan-signed": _form("signed"),
    "complaint.disposal-form-returned": _form("returned"),
    "complaint.customer-asked": lambda case, _: replace(case, asked=True),
    "complaint.customer-answered": lambda case, _: replace(case, asked=False),
    "complaint.answered": lambda case, _: replace(case, answered=True),
    "complaint.customer-agreed": lambda case, _: replace(case, agreed=True),
    "complaint.resolved": _resolved,
    "callback.made": _called_back,
    "complaint.result-verified": lambda case, _: replace(case, verified=True),
    "complaint.opinion-attached": lambda case, _: replace(case, opinion=True),
    "complaint.closed": lambda case, _: replace(case, stage="closed"),
    "complaint.withdrawn": lambda case, _: replace(case, stage="withdrawn"),
    "complaint.archived": lambda case, _: replace(case, stage="archived"),
    "complaint.collected-as-case": lambda case, _: replace(case, collected=True),
    "complaint.reopened": _reopened,
    "complaint.linked": lambda case, data: replace(case, group=data["group_complaint"]),
    "complaint.member-added": lambda case, data: replace(case, members=case.members | {data["member"]}),
    "complaint.compensation-promised": _promised,
    "act.done": _done,
}
