"""What the tests of duties share: one recurring clause, and the events that move it."""

from collections.abc import Mapping

from judging_builders import EXAMPLE, HEAD, adopting
from onrecord_projections.judging import Settings

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


def assigned(when: str, person: str = "gao") -> str:
    """Somebody gets the duty."""
    return f"{when} duty.assigned duty=x person={person}"


def done(when: str, more: str = "") -> str:
    """It was done."""
    return f"{when} duty.done duty=x {more}".strip()
