"""Clock clauses: a promise with a start, a stop and a limit."""

from typing import Literal, Self

from pydantic import model_validator

from onrecord_projections.judging.clauses.stated import Executable
from onrecord_projections.judging.durations import DurationError, Measure, Target, days_ahead, iso_target
from onrecord_projections.judging.parts import Duration, FormCheck, Name, OnBreach, Owners, Pause, Selectors


class ClockClause(Executable):
    """A promise with a start, a stop and a limit."""

    kind: Literal["clock"]
    starts_on: Selectors
    stops_on: Selectors
    cancels_on: Selectors = ()
    excuses_on: Selectors = ()
    justified_by: Selectors = ()
    pause: tuple[Pause, ...] = ()
    measure: Measure | Literal["until_field", "tenant_number"]
    target: Duration | None = None
    due_field: Name | None = None
    ahead: Duration | Literal["tenant_number"] | None = None
    """Due so many whole days before the day that `due_field` names, by the end of that day: `P1D`."""
    suggested: Duration | None = None
    calendar: str | None = None
    owner: Owners = ()
    instances: Literal["once", "open", "each", "restart"] = "once"
    """once: the first start only; open: again after the last was stopped; each: every start its own;
    restart: a new start ends the running one."""
    keyed_by: Name | None = None
    on_change: Literal["from-original-start", "from-change"] = "from-original-start"
    """When a fact changes midway: measured from when the case first had that fact, or from the change."""
    all_stops: bool = False
    """It stops with the last of `stops_on`, once each of them has happened: both addressees are informed."""
    form: tuple[FormCheck, ...] = ()
    on_breach: OnBreach | None = None
    repeats: Literal["calendar_day", "working_day"] | None = None
    """After the breach every further day it stays open is found again."""
    first_day_reading: str | None = None
    """Under its value `counts` the day it starts on counts too, so it is due that much earlier."""
    value_field: Name | None = None
    """The field of the start that names money, for penalties that speak of its value."""

    @model_validator(mode="after")
    def _measurable(self) -> Self:
        if self.measure in ("until_field", "tenant_number"):
            if self.target is not None:
                raise ValueError(f"{self.measure} takes its limit elsewhere; drop `target`")
            if (self.measure == "until_field") != (self.due_field is not None):
                raise ValueError("until_field needs `due_field`, and nothing else does")
        else:
            _ = self.span
        if self.ahead is not None and self.due_field is None:
            raise ValueError("`ahead` of what? name the `due_field`")
        if self.ahead not in (None, "tenant_number") and days_ahead(self.ahead) is None:
            raise ValueError("`ahead` counts whole days, such as P1D")
        if self.first_day_reading and self.measure in ("elapsed", "working", "started_24h", "until_field"):
            raise ValueError("`first_day_reading` needs a measure in days, months or years")
        if self.all_stops and (len(self.stops_on) == 1 or self._retroactive):
            raise ValueError("`all_stops` needs several of them, and `on_change` from the change")
        if self.pause and self.measure not in ("elapsed", "working"):
            raise ValueError("a pause needs a measure in time, elapsed or working")
        return self

    @property
    def _retroactive(self) -> bool:
        """Whether it may start in the past."""
        from_start = self.on_change == "from-original-start"
        return from_start and any(selector.becomes for selector in self.starts_on)

    @property
    def span(self) -> Target | None:
        """The limit as the clause states it; None where the event or the tenant gives it."""
        if self.measure == "until_field" or self.measure == "tenant_number":  # noqa: PLR1714 - mypy narrows this
            return None
        if self.target is None:
            raise ValueError("target: missing, such as PT24H")
        try:
            return iso_target(self.target, self.measure)
        except DurationError as error:
            raise ValueError(f"target: {error}") from None
