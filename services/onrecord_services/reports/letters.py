"""Work contact letter, form *Z-QR-025: what a case asks of other departments, by when, and their answers.

The first character of its number is lost in our copy of the policy (RENT-CRM 5.4).
"""

from collections.abc import Sequence

from onrecord_events.envelope import Recorded
from onrecord_projections.queries.errors import BadQuestion
from onrecord_services.reports.complaint import complaint_of
from onrecord_services.reports.fields import instant_of, text
from onrecord_services.reports.histories import at, every, instant, last, said, told
from onrecord_services.reports.parameters import Takes
from onrecord_services.reports.report import Asked, Report
from onrecord_services.reports.sheet import Entry, Form, Section, Words


async def make(asked: Asked) -> Form:
    """Every letter of the case in the order they went out, each with its own answer."""
    case = asked.parameters.case
    assert case is not None, "checked before"
    async for histories in told(asked.view, [case], asked.progress):
        history = histories[case]
        letters = every(history, "work-letter.sent")
        if not letters:
            raise BadQuestion(f"case: no work contact letter of {case!r} had gone out by then")
        return Form(
            (_subject(case, history), *_letters(letters, every(history, "work-letter.answered"))),
            (Words("发函部门", "Department that writes"), Words("收函部门", "Department that answers")),
        )
    raise AssertionError("one case is one batch")


def _subject(case: str, history: Sequence[Recorded]) -> Section:
    complaint = complaint_of(case, history)
    bad = last(history, "callback.made", satisfied=False)
    return Section(
        Words("事由", "What it is about"),
        (
            text("case", Words("事件单", "Case"), case),
            text("about", Words("事由", "About"), complaint and complaint.about),
            text("building", Words("楼宇", "Building"), complaint and complaint.building),
            instant_of("registered_at", Words("受理时间", "Received"), complaint and complaint.registered_at),
            instant_of("bad_call_back_at", Words("回访不合格", "Call-back with a bad answer"), at(bad)),
        ),
    )


def _letters(sent: Sequence[Recorded], answers: Sequence[Recorded]) -> list[Section]:
    """An answer belongs to the earliest letter that still waits for one."""
    waiting = list(answers)
    sections = []
    for nth, letter in enumerate(sent, start=1):
        answer = next((each for each in waiting if each.occurred_at >= letter.occurred_at), None)
        if answer is not None:
            waiting.remove(answer)
        sections.append(Section(Words(f"第{nth}函", f"Letter {nth}"), _letter(nth, letter, answer)))
    return sections


def _letter(nth: int, letter: Recorded, answer: Recorded | None) -> tuple[Entry, ...]:
    return (
        text(f"letter_{nth}_to", Words("致", "To"), said(letter, "to")),
        instant_of(f"letter_{nth}_sent_at", Words("发函时间", "Sent"), letter.occurred_at),
        instant_of(f"letter_{nth}_due_at", Words("要求期限", "To be done by"), instant(letter, "due_at")),
        instant_of(f"letter_{nth}_answered_at", Words("回函时间", "Answered"), at(answer)),
    )


REPORT = Report(
    name="work-contact-letter",
    title=Words("工作联系函", "Work contact letter"),
    number="*Z-QR-025",
    takes=Takes(case="complaint"),
    cites=("RENT-CRM-1.2-2", "RENT-CRM-2.5", "RENT-CRM-5.4"),
    make=make,
)
