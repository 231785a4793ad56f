"""What the tests of duties share: one recurring clause, and the events that move it."""

from collections.abc import Iterable, Mapping

from judging_builders import ADOPTED, EXAMPLE, HEAD, OFFICE, adopting, at, facts, policy
from onrecord_projections.calendar import Calendar, shipped
from onrecord_projections.judging import Settings, Verdict, evaluate

DUTY = """
[[clause]]
id = "D-1"
cites = "1"
says_en = "Done again and again."
says_zh = "按期完成。"
kind = "recurring"
starts_on = ["duty.assigned"]
ends_on = ["duty.ended"]
stops_on = [{ event = "duty.done", where = { complete = true } }]
owner = "person"
"""


def duty(text: str, readings: Mapping[str, str] | None = None) -> Settings:
    """A tenant with one duty, given by further keys of its clause."""
    return adopting(HEAD + DUTY + text + "\n" + EXAMPLE, readings=readings)


def resting(settings: Settings, off: str, since: str = ADOPTED) -> Settings:
    """The same tenant, whose office also rests on these days, as known from an instant on."""
    text = Calendar.parse(f"{OFFICE}[[exceptions]]\noff = [{off}]\n", shipped).dump()
    return settings.evolve(policy(40, "calendar.adopted", since, calendar="office", content=text))


def reading(settings: Settings, name: str, value: str, since: str, nth: int = 70) -> Settings:
    """The same tenant, who reads something in this way from an instant on."""
    return settings.evolve(policy(nth, "reading.set", since, reading=name, value=value))


def assigned(when: str, person: str = "gao") -> str:
    """Somebody gets the duty."""
    return f"{when} duty.assigned duty=x person={person}"


def done(when: str, more: str = "") -> str:
    """It was done."""
    return f"{when} duty.done duty=x {more}".strip()


def named(verdict: Verdict) -> str:
    """Every clock by its period and state."""
    return " ".join(f"{clock.instance}:{clock.state}" for clock in verdict.clocks)


def seen(settings: Settings, lines: Iterable[str], as_of: str) -> str:
    """What these events of one duty come to."""
    return named(evaluate(settings, facts(*lines, case="duty/1"), at(as_of)))


DAILY = duty('every = "day"')
MONTHLY = duty('every = "month"')
BY_THE_TENTH = duty('every = "month"\ndue_after = "P10D"')
WINDOW = duty('every = "year"\nwindow = { opens = "03-25", closes = "03-30" }')
MONDAYS = duty('every = "week"\nweekday = "mon"')
WORKING = duty('every = "working-day"')
