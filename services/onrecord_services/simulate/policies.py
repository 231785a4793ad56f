"""Policies: what must be on the record before anything can be judged: rulebooks, calendar, staff, duties."""

import tomllib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from onrecord_projections.calendar import shipped, shipped_ids
from onrecord_projections.judging import shipped_rulebooks
from onrecord_services.simulate.chance import Chance
from onrecord_services.simulate.estate import HEAD, Building, name_of, staff
from onrecord_services.simulate.story import Arrival, Story
from onrecord_services.simulate.times import DAY, HOUR, date_of, iso, midnight

REPORTS = (("complaint-analysis", "zc-qr-029"), ("valid-complaints-table", "valid-complaints-table"))
"""What each area manager hands in every month, duty and form: RENT-CRM 2.6 and 1.3-4."""

PACKS = frozenset({"rent-crm", "cc02-archive", "lease-comm"})
"""What this company adopts of the shipped policies."""

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
    known: set[str] = set()
    for pack, edition, effective_at, content in _rulebooks():
        # Years before a policy's own first day are simulated as if it had been in force.
        told = {
            "pack": pack,
            "edition": edition,
            "effective_at": iso(effective_at if pack in known else min(effective_at, start)),
            "content": content,
        }
        tell(f"policy/{edition}", f"rulebook/{pack}", "rulebook.adopted", {**told, "approved_by": HEAD})
        known.add(pack)
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
        for duty, _ in REPORTS:
            owed = {"duty": duty, "person": building.manager, "area": building.id}
            tell("policy", f"duty/{duty}-{building.id}", "duty.assigned", owed)


def _rulebooks() -> Iterator[tuple[str, int, int, str]]:
    """Each edition adopted: its pack, number, first instant and text; the oldest of a pack first."""
    for text in shipped_rulebooks().values():
        edition = tomllib.loads(text)
        if edition["pack"] in PACKS:
            yield edition["pack"], edition["edition"], midnight(edition["effective_from"]), text


def reports(chance: Chance, building: Building, period_start: int, arrivals: list[Arrival]) -> None:
    """The month's papers: mostly in time, sometimes after the month, sometimes never."""
    day = date_of(period_start)
    next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    month_end = midnight(next_month)
    for duty, form in REPORTS:
        share = chance.draw()
        if share < FORGOTTEN_SHARE:
            continue
        at = month_end - DAY + 10 * HOUR if share < IN_TIME_UP_TO else month_end + 9 * HOUR
        story = Story(chance, f"reports/{day:%Y-%m}", f"duty/{duty}-{building.id}", arrivals)
        told = {"form": form, "period": f"{day:%Y-%m}", "by": building.manager}
        story.tell(at + chance.about(3 * HOUR), "report.submitted", told, actor=building.manager)
