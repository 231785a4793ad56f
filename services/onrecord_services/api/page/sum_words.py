"""Sum words: the arithmetic of an explanation as sentences, in English and in simplified Chinese."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from onrecord_projections.queries.view import Lang
from onrecord_services.api.page.words import moment, say, span

_SENTENCES: dict[str, tuple[str, str]] = {
    "start": ("It starts at {gives}.", "{gives} 开始计时。"),
    "limit": ("The limit is {gives} {measure}.", "时限为 {gives} {measure}。"),
    "paused": ("It stood still for {gives}, which moves the limit on.", "暂停 {gives}，时限相应顺延。"),
    "not-before": (
        "Since {gives} another edition measures it; nobody is late before that.",
        "{gives} 起按新版计时，此前不算超期。",
    ),
    "due": ("So it is due at {gives}.", "到期时间为 {gives}。"),
    "stop": ("It was stopped at {gives}.", "{gives} 结束。"),
    "look": ("Looked at {gives}, it is still open.", "截至 {gives} 尚未结束。"),
    "late": ("That is {gives} late.", "超期 {gives}。"),
    "state": ("It is {gives}.", "状态：{gives}。"),
    "hand": (
        "For {gives} of it {person} answers, by the tenant's reading ({policy}).",
        "其中 {gives} 由 {person} 承担（按本单位解释：{policy}）。",
    ),
    "time": ("It is time {gives} of this clause's.", "属本条款第 {gives} 次。"),
    "price": ("One costs {gives}.", "单价 {gives}。"),
    "tenant-price": ("The tenant set the amount: {gives}.", "金额由本单位设定：{gives}。"),
    "of-value": (
        "{times} times {percent} % of {value} is {gives}.",
        "{value} 的 {percent}% 乘 {times} 等于 {gives}。",
    ),
    "of-pay": (
        "{percent} % of {of} ({pay} of {month}) is {gives}.",
        "{month} {pay} {of} 的 {percent}% 等于 {gives}。",
    ),
    "at-least": (
        "At least {percent} % of {of} ({pay} of {month}): {gives}.",
        "至少为 {month} {pay} {of} 的 {percent}%：{gives}。",
    ),
    "at-most": (
        "At most {percent} % of {of} ({pay} of {month}): {gives}.",
        "至多为 {month} {pay} {of} 的 {percent}%：{gives}。",
    ),
    "lacks": ("What makes the amount is not on record.", "缺少确定金额的记录。"),
    "sanction": ("The sanction: {gives}.", "处分：{gives}。"),
    "items": ("For {quantity}, that is {gives}.", "共 {quantity} 项，合计 {gives}。"),
    "share": (
        "Shared among {among}; for number {rank} that is {gives}.",
        "由 {among} 人分担，第 {rank} 人为 {gives}。",
    ),
    "borne": (
        "{gives} bears it, by the tenant's reading ({policy}).",
        "由 {gives} 承担（按本单位解释：{policy}）。",
    ),
    "part": (
        "For {seconds} of the {overrun} seconds it was late, that is {gives}.",
        "超期共 {overrun} 秒，按其中 {seconds} 秒分摊，为 {gives}。",
    ),
    "ladder": (
        "Ladder {clause}: time {nth}, times {factor} from time {from_nth} on: {gives}.",
        "累计条款 {clause}：第 {nth} 次，自第 {from_nth} 次起乘相应倍数，本次乘 {factor}，得 {gives}。",
    ),
    "brings": (
        "It is time {gives}; from time {from_nth} on this follows.",
        "属第 {gives} 次；自第 {from_nth} 次起适用。",
    ),
    "amount": ("The line comes to {gives}.", "本项金额 {gives}。"),
    "items-counted": ("{gives} items count.", "计入 {gives} 项。"),
    "above": ("Above the line they come to {gives}.", "分子合计 {gives}。"),
    "below": ("Below the line they come to {gives}.", "分母合计 {gives}。"),
    "different": ("{gives} of their values differ.", "不同的值有 {gives} 个。"),
    "values": ("{gives} values, at {percent} %.", "共 {gives} 个值，取第 {percent} 百分位。"),
    "out-of": ("There should be {gives}.", "应有 {gives}。"),
    "figure": ("The figure is {numerator} / {gives}.", "结果为 {numerator} / {gives}。"),
    "target": ("The target, {is} {target}: {gives}.", "目标{is} {target}：{gives}。"),
    "rank": ("In {kpi} {group} ranks {gives}.", "{group} 在 {kpi} 中排第 {gives}。"),
    "ranks": ("The {places} ranks add up to {gives}.", "{places} 个名次之和为 {gives}。"),
    "last": ("Last of all: {gives}.", "是否末位：{gives}。"),
    "ended": (
        "The claim of {holder} ended at {gives} by {clause}.",
        "{holder} 的登记于 {gives} 依 {clause} 失效。",
    ),
    "owner": ("From {since} to {until}: {gives}.", "{since} 至 {until}：{gives}。"),
}


def sentence(lang: Lang, step: Mapping[str, Any]) -> str:
    """One step of the arithmetic."""
    op, of = step["op"], step["of"]
    words = {name: _said(lang, op, name, value) for name, value in of.items()}
    words["gives"] = _said(lang, op, "gives", step["gives"], of.get("measure", ""))
    text = _SENTENCES[op][lang == "zh"]
    return text.format_map(_Blank(words))


class _Blank(dict[str, str]):
    """Names a step does not have are a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def _said(lang: Lang, op: str, name: str, value: Any, measure: str = "") -> str:
    if value is None:
        return say(lang, "nobody" if (op, name) == ("owner", "gives") else "none-yet")
    if isinstance(value, bool):
        return say(lang, "yes" if value else "no")
    timed = op in ("paused", "late", "hand") or (
        op == "limit" and measure in ("elapsed", "working", "started_24h")
    )
    if timed and name == "gives":
        return span(lang, value)
    if name in ("measure", "pay", "is", "policy") or (op in ("state", "sanction") and name == "gives"):
        return say(lang, value)
    try:
        return (
            moment(datetime.fromisoformat(value)) if isinstance(value, str) and "T" in value else str(value)
        )
    except ValueError:
        return str(value)
