"""Scripted stories of June 2026 whose verdicts a reader can check by hand: seconds, a holiday, a late entry.

Names of the stories hold an `H` for hand (`TSH`, `CLH`, `WGH`); nothing in them is drawn.
"""

from typing import Any

from onrecord_services.simulate.chance import Chance
from onrecord_services.simulate.estate import ARCHIVIST, HEAD, Building
from onrecord_services.simulate.story import Arrival, Story
from onrecord_services.simulate.times import local


def scripted(chance: Chance, estate: tuple[Building, ...], arrivals: list[Arrival]) -> None:
    """Every scripted story."""
    to_the_second(Hand(chance, "crm", "complaint/TSH-001", arrivals), estate[0])
    one_second_late(Hand(chance, "crm", "complaint/TSH-002", arrivals), estate[1])
    ten_days(Hand(chance, "crm", "complaint/TSH-003", arrivals), estate[2])
    over_the_holiday(Hand(chance, "dealer", "archive/CLH-001", arrivals), "2026-06-23T23:59:59")
    over_the_holiday(Hand(chance, "dealer", "archive/CLH-002", arrivals), "2026-06-24T00:00:00")
    taken_back(Hand(chance, "quality", "violation/WGH-001", arrivals), estate[0])


class Hand(Story):
    """A story whose every instant is written out."""

    def at(self, when: str, type_name: str, entered: str | None = None, /, **data: Any) -> None:
        """One event at a local time of June 2026, entered at once unless said otherwise."""
        instant = local(when)
        self.tell(instant, type_name, data, entered_at=local(entered) if entered else instant)


def to_the_second(story: Hand, building: Building) -> None:
    """Minor, on the holiday: the hour for the plan, the days for word and call-back used up."""
    receiver = building.receivers[0]
    story.at("2026-06-19T08:00:00", "complaint.registered", **_complaint("minor", building))
    story.at("2026-06-19T08:10:00", "complaint.disposal-form-received", department="engineering")
    story.at("2026-06-19T09:10:00", "complaint.disposal-plan-signed", department="engineering")
    story.at("2026-06-20T08:00:00", "complaint.progress-shared", channel="phone")
    story.at("2026-06-20T15:00:00", "complaint.resolved", accepted_by_customer=True)
    # The call was made in time and written up the next afternoon: which time counts is for reading R9 to say.
    story.at(
        "2026-06-21T15:00:00",
        "callback.made",
        "2026-06-22T16:30:00",
        kind="complaint",
        channel="wechat",
        by=receiver,
        reached=True,
        satisfied=True,
    )


def one_second_late(story: Hand, building: Building) -> None:
    """Major: reported to the head after ten minutes and one second, closed in time, visited in time."""
    manager = building.manager
    story.at("2026-06-12T14:00:00", "complaint.registered", **_complaint("major", building))
    story.at("2026-06-12T14:00:00", "complaint.classified", severity="major", ground="1.1-2b")
    story.at("2026-06-12T14:10:01", "complaint.major-reported", to=HEAD)
    story.at("2026-06-13T02:00:00", "complaint.resolved", accepted_by_customer=True)
    story.at("2026-06-13T02:00:00", "complaint.closed", agreed=True)
    story.at(
        "2026-06-14T02:00:00",
        "callback.made",
        kind="complaint",
        channel="visit",
        by=manager,
        reached=True,
        satisfied=False,
    )


def ten_days(story: Hand, building: Building) -> None:
    """Minor and never solved: after ten days it is a major one, and nobody reports it."""
    story.at("2026-06-02T10:00:00", "complaint.registered", **_complaint("minor", building))
    story.at("2026-06-02T10:20:00", "complaint.disposal-form-received", department="security")
    story.at("2026-06-02T11:00:00", "complaint.disposal-plan-signed", department="security")
    story.at("2026-06-03T09:00:00", "complaint.progress-shared", channel="phone")
    story.at("2026-06-08T18:00:00", "complaint.repeated")


def over_the_holiday(story: Hand, handed_over: str) -> None:
    """Delivered on Wednesday 17 June; 18, 22 and 23 are the three working days, 19 to 21 is the festival."""
    consultant = "YG-401"
    name = story.subject.partition("/")[2]
    story.at("2026-06-17T10:00:00", "vehicle.delivered", car=name, consultant=consultant)
    story.at(handed_over, "archive.handed-over", by=consultant, received_by=ARCHIVIST, both_signed=True)
    story.at("2026-06-24T10:00:00", "archive.inspected", consultant=consultant, defects=[])


def taken_back(story: Hand, building: Building) -> None:
    """Seen, and a day later found to have been somebody else."""
    story.at("2026-06-10T11:00:00", "violation.observed", code="not-polite", person=building.receivers[1])
    story.at("2026-06-11T09:00:00", "violation.retracted", reason_code="wrong-person")


def _complaint(severity: str, building: Building) -> dict[str, Any]:
    customer, name, phone = building.customer(0)
    return {
        "severity": severity,
        "channel": "phone",
        "customer": customer,
        "received_by": building.receivers[0],
        "area_manager": building.manager,
        "about": "lift",
        "building": building.id,
        "name": name,
        "phone": phone,
        "words": "电梯又停了",
    }
