"""Policies: what must be on the record before anything can be judged: rulebooks, calendar, staff, duties."""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from onrecord_projections.calendar import shipped, shipped_ids
from onrecord_services.simulate.chance import Chance
from onrecord_services.simulate.estate import HEAD, Building, name_of, staff
from onrecord_services.simulate.story import Arrival, Story
from onrecord_services.simulate.times import DAY, HOUR, date_of, iso, midnight

REPORT_DUTY = "complaint-analysis"
REPORT_FORM = "zc-qr-029"
"""The Complaint Analysis Report Form (RENT-CRM 2.6)."""

FORGOTTEN_SHARE = 0.05
IN_TIME_UP_TO = 0.85
"""Of all reports; the rest comes after the month."""


def opening(start: int, buildings: tuple[Building, ...], arrivals: list[Arrival]) -> None:
    """Everything that is adopted, hired and assigned as the first day begins."""
    chance = Chance(0)

    def tell(source: str, subject: str, type_name: str, data: dict[str, Any]) -> None:
        story = Story(chance, source, subject, arrivals)
        story.tell(start, type_name, data, actor=HEAD, entered_at=start)

    for calendar in shipped_ids():
        adopted = {"calendar": calendar, "effective_at": iso(start), "content": shipped(calendar)}
        tell("policy", f"calendar/{calendar}", "calendar.adopted", adopted)
    for pack, edition, effective_at, content in _rulebooks():
        told = {"pack": pack, "edition": edition, "effective_at": effective_at, "content": content}
        tell(f"policy/{edition}", f"rulebook/{pack}", "rulebook.adopted", {**told, "approved_by": HEAD})
    for number, (person, team, role, area) in enumerate(staff(buildings)):
        tell("hr", f"person/{person}", "staff.joined", {"person": person, "name": name_of(number * 7 + 3)})
        tell(
            "hr/roles",
            f"person/{person}",
            "role.assigned",
            {"person": person, "role": role} | ({"area": area} if area else {}),
        )
        tell(f"hr/{person}", f"team/{team}", "team.joined", {"person": person, "team": team})
    for building in buildings:
        duty = {"duty": REPORT_DUTY, "person": building.manager, "area": building.id}
        tell("policy", f"duty/{REPORT_DUTY}-{building.id}", "duty.assigned", duty)


def _rulebooks() -> Iterator[tuple[str, int, str, str]]:
    """Each shipped edition: its pack, number, first instant and text."""
    folder = files("onrecord_projections") / "rulebooks"
    if not folder.is_dir():
        return
    for pack in sorted((one for one in folder.iterdir() if one.is_dir()), key=lambda one: one.name):
        for file in sorted(
            (one for one in pack.iterdir() if one.name.endswith(".toml")), key=lambda one: one.name
        ):
            text = file.read_text(encoding="utf-8")
            edition = tomllib.loads(text)
            yield edition["pack"], edition["edition"], iso(midnight(edition["effective_from"])), text


def report(chance: Chance, building: Building, period_start: int, arrivals: list[Arrival]) -> None:
    """The month's analysis form: mostly in time, sometimes after the month, sometimes never."""
    day = date_of(period_start)
    last_day = midnight(day.replace(day=28)) + 4 * DAY  # surely in the next month
    month_end = midnight(date_of(last_day).replace(day=1))
    share = chance.draw()
    if share < FORGOTTEN_SHARE:
        return
    at = month_end - DAY + 10 * HOUR if share < IN_TIME_UP_TO else month_end + 9 * HOUR
    subject = f"duty/{REPORT_DUTY}-{building.id}"
    story = Story(chance, f"reports/{day:%Y-%m}", subject, arrivals)
    told = {"form": REPORT_FORM, "period": f"{day:%Y-%m}", "by": building.manager}
    story.tell(at + chance.about(3 * HOUR), "report.submitted", told, actor=building.manager)
