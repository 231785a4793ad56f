"""Surveys: who was asked, who answered. Silence is an answer that the statistics must show."""

from onrecord_services.simulate.chance import Chance
from onrecord_services.simulate.story import Arrival, Story
from onrecord_services.simulate.times import DAY, HOUR, MINUTE, awake

CSAT_SCORES = (5, 5, 5, 5, 4, 4, 4, 3, 2, 1)
NPS_SCORES = (10, 10, 9, 9, 9, 8, 8, 7, 6, 4, 1)
ANSWERED_UP_TO = 0.5
DECLINED_UP_TO = 0.55
"""Of the invitations delivered; the rest is silence."""
COMMENTS = ("师傅很客气", "来得太晚", "希望早点通知", "没有意见")


def ask(
    chance: Chance,
    case: str,
    at: int,
    customer: str,
    by: str,
    building: str,
    about: str,
    arrivals: list[Arrival],
) -> None:
    """One invitation after a case, and what became of it."""
    kind = "csat" if chance.yes(0.7) else "nps"
    story = Story(chance, "survey-tool", f"survey/DC-{case.partition('/')[2]}", arrivals)
    at += chance.about(20 * MINUTE)
    on_what = {"about": about, "staff": by, "building": building}
    story.tell(at, "survey.sent", {"kind": kind, "customer": customer, **on_what}, case=case)
    if chance.yes(0.08):
        return
    story.tell(at + 5, "survey.delivered", {"kind": kind}, case=case)
    share = chance.draw()
    if share > DECLINED_UP_TO:
        return
    at = awake(at + min(chance.about(6 * HOUR), 3 * DAY))
    if share > ANSWERED_UP_TO:
        story.tell(at, "survey.declined", {"kind": kind}, case=case)
        return
    body = {
        "customer": customer,
        "score": chance.pick(CSAT_SCORES if kind == "csat" else NPS_SCORES),
        **on_what,
    }
    if chance.yes(0.1):
        body["asked_by"] = by
    if chance.yes(0.3):
        body["comment"] = chance.pick(COMMENTS)
    story.tell(at, f"survey.{kind}-answered", body, case=case)
