"""Letter: what a mail says: which clauses, which cases, when; never who the customer is. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

LINES_MAX = 200
"""A storm is counted, not recited."""


class Line(NamedTuple):
    """One notice, as a recipient reads it."""

    stream: str
    case: str
    clause: str
    says: str
    step: str
    due_at: datetime
    late: bool


class Letter(NamedTuple):
    """Subject and text."""

    subject: str
    text: str


def letter(lines: Sequence[Line], lang: str, zone: ZoneInfo) -> Letter:
    """One mail for everything one recipient is to be told; soonest due first."""
    ordered = sorted(lines, key=lambda line: (line.due_at, line.case, line.clause, line.step))
    words = _ZH if lang == "zh" else _EN
    broken = sum(not line.step.startswith("soon-") for line in lines)
    told = [_told(line, words, zone) for line in ordered[:LINES_MAX]]
    if len(ordered) > LINES_MAX:
        told.append(words["more"].format(count=len(ordered) - LINES_MAX))
    subject = words["subject"].format(broken=broken, soon=len(lines) - broken)
    return Letter(subject, "\n\n".join([*told, words["end"]]) + "\n")


def _told(line: Line, words: dict[str, str], zone: ZoneInfo) -> str:
    kind, _, number = line.step.partition("-")
    due_on = line.due_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    said = words[kind].format(number=number, due=due_on)
    late = words["late"] if line.late else ""
    return f"{said}{late}\n  {line.case}\n  {line.clause} {line.says}\n  {words['notice']} {line.stream}"


_EN = {
    "subject": "onrecord: {broken} overdue, {soon} due soon",
    "soon": "{number} % of the time is used; due {due}",
    "breach": "Overdue since {due}",
    "escalation": "Overdue since {due} and not acknowledged (escalation {number})",
    "late": " (this notice is late)",
    "notice": "notice",
    "more": "and {count} more; the open list has them all.",
    "end": "Sent by onrecord. Details are behind your sign-in, not in this mail.",
}
_ZH = {
    "subject": "留痕:{broken} 项超时,{soon} 项即将到期",
    "soon": "时限已用 {number}%,到期时间 {due}",
    "breach": "已超时,到期时间 {due}",
    "escalation": "已超时且无人确认(第 {number} 级上报),到期时间 {due}",
    "late": "(本通知迟发)",
    "notice": "通知",
    "more": "另有 {count} 项,请在待办列表中查看。",
    "end": "由留痕系统发送。详情请登录查看,邮件中不含个人信息。",
}
