"""Random histories for tests of time: late facts, corrections, policy changes, decisions about penalties."""

import random
from datetime import datetime, timedelta
from typing import Any

from onrecord_events.envelope import New
from onrecord_projections.judging import shipped_rulebook
from projecting import adopted, at, calendar, said

START = at("03-02 08:00:00")
DAYS = 12
PEOPLE = ("chen", "li", "wu")


class History:
    """A log in the order of recording, out of a seed."""

    def __init__(self, seed: int, cases: int = 6) -> None:
        self.chance = random.Random(seed)
        self.events: list[New] = []
        self.count = 0
        for nth in range(cases):
            (self.complaint, self.archive, self.repair)[nth % 3](nth)
        for _ in range(cases):
            self.survey()
        self.duty()
        self.policies()

    def recorded(self) -> list[New]:
        """Policies of long ago first, then as it was recorded."""
        shipped = (shipped_rulebook(pack) for pack in ("rent-crm", "cc02-archive"))
        base = [calendar(), *(adopted(text, book.pack, book.edition) for book, text in shipped)]
        return [*base, *sorted(self.events, key=lambda event: event.recorded_at or START)]

    def some_time(self, after: datetime = START, hours: float = DAYS * 24) -> datetime:
        return after + timedelta(seconds=self.chance.randrange(int(hours * 3600)))

    def add(self, type_name: str, stream: str, when: datetime, **data: Any) -> None:
        """Recorded at once, within the hour, or days later."""
        self.count += 1
        late = self.chance.choice([0, 0, 0, 60, 1200, 3000, 40_000, 200_000])
        recorded = when + timedelta(seconds=late)
        self.events.append(said(type_name, stream, when, recorded=recorded, id_=f"{self.count}", **data))

    def person(self) -> str:
        return self.chance.choice(PEOPLE)

    def complaint(self, nth: int) -> None:
        case, when = f"complaint/{nth}", self.some_time()
        self.add(
            "complaint.registered", case, when,
            severity=self.chance.choice(["minor", "major"]), channel="phone",
            customer=f"c{nth}", received_by=self.person(),
        )  # fmt: skip
        if self.chance.random() < 0.5:
            asked = self.some_time(when, 30)
            self.add("complaint.customer-asked", case, asked, question_code="when")
            self.add("complaint.customer-answered", case, self.some_time(asked, 50))
        for type_name in ("complaint.progress-shared", "complaint.obstacle-reported", "complaint.resolved"):
            if self.chance.random() < 0.6:
                self.add(type_name, case, self.some_time(when, 120))
        if self.chance.random() < 0.2:
            self.add("complaint.withdrawn", case, self.some_time(when, 120))
        giver, taker = self.person(), self.person()
        offered = self.some_time(when, 48)
        self.add("handover.offered", case, offered, giver=giver, taker=taker)
        self.add("handover.accepted", case, self.some_time(offered, 24), giver=giver, taker=taker)
        for _ in range(3):
            self.add("case.activity-done", case, self.some_time(when, 90), activity="look", by=self.person())

    def archive(self, nth: int) -> None:
        case, when, who = f"archive/{nth}", self.some_time(), self.person()
        self.add("vehicle.delivered", case, when, car=f"V{nth}", consultant=who)
        if self.chance.random() < 0.7:
            signed = self.chance.random() < 0.8
            self.add("archive.handed-over", case, self.some_time(when, 150), by=who, both_signed=signed)
        if self.chance.random() < 0.5:
            defects = [{"kind": "user-signature-missing", "papers": self.chance.randrange(1, 4)}]
            self.add("archive.inspected", case, self.some_time(when, 150), consultant=who, defects=defects)

    def repair(self, nth: int) -> None:
        case, when, who = f"repair/{nth}", self.some_time(), self.person()
        self.add("repair.done", case, when, received_by=who)
        if self.chance.random() < 0.7:
            called = self.some_time(when, 60)
            self.add("callback.made", case, called, kind="repair", channel="phone", by=who)

    def survey(self) -> None:
        when, stream = self.some_time(), f"survey/{self.count}"
        building = self.chance.choice(["B1", "B2"])
        self.add("survey.sent", stream, when, kind="csat", customer="c", building=building)
        if self.chance.random() < 0.7:
            score = self.chance.randrange(1, 6)
            answered = self.some_time(when, 48)
            self.add("survey.csat-answered", stream, answered, customer="c", building=building, score=score)

    def duty(self) -> None:
        when = self.some_time(hours=48)
        self.add("duty.assigned", "duty/1", when, duty="valid-complaints-table", person=self.person())

    def policies(self) -> None:
        """The tenant changes its mind, sometimes about the past."""
        for _ in range(2):
            when = self.some_time()
            effective = when + timedelta(hours=self.chance.choice([-100, -20, 0, 30]))
            name, value = self.chance.choice(
                [("r4.roll-over", "off"), ("r9.tolerance-minutes", "30"), ("cc02.count-unit", "line")]
            )
            self.count += 1
            self.events.append(
                said(
                    "reading.set", f"setting/{name}", when,
                    id_=f"{self.count}", reading=name, value=value, effective_at=effective.isoformat(),
                )
            )  # fmt: skip
