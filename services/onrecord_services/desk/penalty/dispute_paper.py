"""Dispute paper: a dispute pack as PDF: the line, its clauses, the sum, what happened, the proofs."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

from onrecord_services.desk.penalty.dispute import Pack
from onrecord_services.reports import as_pdf, words
from onrecord_services.reports.fields import code, text
from onrecord_services.reports.heading import Heading
from onrecord_services.reports.sheet import Column, Entry, Form, Lang, Section, Words

TITLE = Words("处罚争议卷宗", "Dispute pack of a penalty")
_SIGN = (Words("当事人", "The person"), Words("复核人", "Who reviews it"))
_LINE = (
    ("person", Words("当事人", "Person")),
    ("month", Words("所属月份", "Month")),
    ("clause", Words("依据条款", "Clause")),
    ("pack", Words("制度", "Policy")),
    ("edition", Words("版本", "Edition")),
    ("case", Words("事件单", "Case")),
    ("at", Words("发生时间", "When")),
    ("amount", Words("现拟金额", "Proposed now")),
    ("decided_amount", Words("决定金额", "Decided")),
    ("adjustment", Words("调整", "Adjustment")),
    ("currency", Words("币种", "Currency")),
    ("sanction", Words("处分", "Sanction")),
)
_WHAT = {
    "penalty.notified": Words("告知", "told"),
    "penalty.appealed": Words("申诉", "objected"),
    "penalty.appeal-decided": Words("申诉裁决", "objection decided"),
    "penalty.split": Words("分摊", "split"),
    "penalty.approved": Words("确认", "confirmed"),
    "penalty.waived": Words("豁免", "waived"),
    "penalty.reversed": Words("撤销", "taken back"),
    "penalty.exported": Words("进入工资扣款", "through payroll"),
    "penalty.settled": Words("退回", "set right by payroll"),
    "decision.refused": Words("被拒绝", "refused"),
}
_FIELD = {
    "by": Words("人员", "by"),
    "at": Words("时间", "at"),
    "role": Words("角色", "as"),
    "amount": Words("金额", "amount"),
    "month": Words("工资月份", "month of pay"),
    "appeal_until": Words("申诉截止", "objections until"),
    "upheld": Words("申诉成立", "upheld"),
    "shares": Words("分摊", "shares"),
    "bearer": Words("承担人", "borne by"),
    "taken": Words("本月扣款", "taken"),
    "carried": Words("结转", "carried over"),
    "lapsed": Words("不再扣", "lapsed"),
    "reason_code": Words("理由", "because"),
    "reason": Words("拒绝原因", "reason"),
    "command": Words("请求", "asked for"),
}
_STEP = {
    "price": Words("单价", "price"),
    "items": Words("数量", "items"),
    "hand": Words("超期分担", "share of the overrun"),
    "borne": Words("承担人", "borne by"),
    "part": Words("按超期分摊", "part"),
    "ladder": Words("累进", "ladder"),
    "amount": Words("金额", "amount"),
}
_STEPS = Words("计算", "How it was reckoned")
_SAYS = Words("条款内容", "What the clause says")
_NOTHING = Words("事实已不成立", "nothing bears it any more")


def as_pdf_bytes(pack: Pack, zone: ZoneInfo, at: datetime, lang: Lang = "zh") -> bytes:
    """The pack on A4; `at` is the watermark it was read at."""
    return as_pdf.write(_heading(pack, zone, at, lang), form_of(pack, lang))


def form_of(pack: Pack, lang: Lang = "zh") -> Form:
    """Its parts, in the order they are read in."""
    parts = (
        Section(Words("处罚条目", "The line"), tuple(_line(pack))),
        Section(_SAYS, tuple(_rules(pack, lang))),
        Section(_STEPS, tuple(_sums(pack))),
        Section(Words("决定经过", "What was decided"), tuple(_decisions(pack, lang))),
        Section(Words("事件与校验值", "Events and their proofs"), tuple(_events(pack))),
    )
    return Form(tuple(part for part in parts if part.entries), _SIGN)


def _line(pack: Pack) -> Iterator[Entry]:
    yield text("id", Words("条目编号", "Line"), pack.line["id"])
    for name, said in _LINE:
        if pack.line.get(name) is not None:
            yield text(name, said, str(pack.line[name]))
    if "state" in pack.line:
        yield code("state", Words("状态", "State"), pack.line["state"], words.PENALTY)
    if pack.explanation is None:
        yield Entry(Column("facts", Words("说明", "Note"), "code", {"gone": _NOTHING}), "gone")


def _rules(pack: Pack, lang: Lang) -> Iterator[Entry]:
    """Each clause once: of the line, and of the clock behind it."""
    seen = set()
    for part in _parts(pack):
        for rule in part["rules"]:
            if rule["clause"] not in seen:
                seen.add(rule["clause"])
                said = rule["says_zh"] if lang == "zh" else rule["says_en"]
                name = f"{rule['clause']} {rule['cites']}"
                yield text(rule["clause"], Words(name, name), f"{said} ({rule['pack']}@{rule['edition']})")


def _sums(pack: Pack) -> Iterator[Entry]:
    for nth, step in enumerate(_steps(pack), start=1):
        of = ", ".join(f"{name} {value}" for name, value in step["of"].items())
        name = _STEP.get(step["op"], Words(step["op"], step["op"]))
        yield text(f"step_{nth}", name, f"{of} → {step['gives']}".lstrip())


def _steps(pack: Pack) -> Iterator[Mapping[str, Any]]:
    for part in reversed(_parts(pack)):
        yield from part["arithmetic"]


def _parts(pack: Pack) -> list[Mapping[str, Any]]:
    if pack.explanation is None:
        return []
    told = pack.explanation["told"]
    return [told["line"], *([told["clock"]] if told["clock"] else [])]


def _decisions(pack: Pack, lang: Lang) -> Iterator[Entry]:
    """In words; what is for programs only stands in the JSON."""
    for decided in pack.decisions:
        what = _WHAT.get(decided["what"], Words(decided["what"], decided["what"]))
        name = Words(*(f"#{decided['position']} {said}" for said in what))
        said = (f"{_FIELD[key].of(lang)} {_said(value)}" for key, value in decided.items() if key in _FIELD)
        yield text(f"decision_{decided['position']}", name, "; ".join(said))


def _said(value: Any) -> str:
    """Shares by name; everything else as it is."""
    if isinstance(value, list):
        return ", ".join(f"{share['person']} {share['amount']}" for share in value)
    return str(value)


def _events(pack: Pack) -> Iterator[Entry]:
    for event in pack.timeline:
        name = f"#{event['position']} {event['type']}"
        said = f"{event['occurred_at']} {event['stream']} {event['actor'] or ''}".rstrip()
        yield text(name, Words(name, name), f"{said} sha256 {event['sha256']}")


def _heading(pack: Pack, zone: ZoneInfo, at: datetime, lang: Lang) -> Heading:
    seen = at.astimezone(zone).replace(microsecond=0)
    return Heading(
        report="dispute",
        report_id=f"dispute-{pack.digest[:12]}",
        title=TITLE,
        number=None,
        cites=(pack.line["clause"],) if "clause" in pack.line else (),
        tenant=pack.tenant,
        of=pack.line["id"],
        at=seen,
        known_at=seen,
        position=pack.position,
        editions=tuple(f"{one['pack']}@{one['edition']}" for one in pack.editions),
        release=version("onrecord"),
        zone=zone,
        lang=lang,
    )
