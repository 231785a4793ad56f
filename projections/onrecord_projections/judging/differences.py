"""Differences: what two editions say differently, in plain words."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from onrecord_projections.judging.clauses import Clause
from onrecord_projections.judging.rulebook import Rulebook

Lang = Literal["en", "zh"]


class Difference(NamedTuple):
    """One clause that came, went or says something else."""

    clause: str
    cites: str
    what: Literal["added", "removed", "changed"]
    words: tuple[str, ...]


_SILENT = frozenset({"example", "note", "part_of"})
"""Differences of these change no verdict."""

_WORDS: dict[str, tuple[str, str]] = {
    "target": ("the limit", "期限"),
    "measure": ("what the limit counts", "期限的计算方式"),
    "amount": ("the amount", "金额"),
    "factor": ("the multiple", "倍数"),
    "from_nth": ("the case it holds from", "起算次数"),
    "times": ("how many times", "次数"),
    "every": ("the rhythm", "周期"),
    "due_after": ("how long after the period", "期后宽限"),
    "keep": ("how long it is kept", "保存期限"),
    "after": ("how long until it lapses", "失效期限"),
    "cap": ("the cap", "上限"),
    "floor": ("the least", "下限"),
    "band": ("the bands", "分档"),
    "step": ("the steps", "分级"),
    "time_of_day": ("the time of day", "时刻"),
    "starts_on": ("what starts it", "起算事件"),
    "stops_on": ("what ends it", "终止事件"),
    "cancels_on": ("what cancels it", "取消事件"),
    "pause": ("when it pauses", "暂停"),
    "owner": ("who owes it", "责任人"),
    "person": ("who is charged", "被处罚人"),
    "sanction": ("the sanction", "处分"),
    "calendar": ("the calendar", "日历"),
    "kind": ("what it is", "类型"),
    "cites": ("its article", "条款号"),
    "says_en": ("its wording", "英文表述"),
    "says_zh": ("its Chinese wording", "表述"),
    "switch": ("when it holds at all", "适用条件"),
    "target_rate": ("the target", "目标"),
}
_UNITS = {
    "en": {"Y": "year", "M": "month", "D": "day", "TH": "hour", "TM": "minute", "TS": "second"},
    "zh": {"Y": "年", "M": "个月", "D": "天", "TH": "小时", "TM": "分钟", "TS": "秒"},
}
_INSTEAD = {"en": "{what}: {new} instead of {old}", "zh": "{what}：由{old}改为{new}"}
_EMPTY: tuple[object, ...] = (None, "", {}, [])
_NOTHING = {"en": "nothing", "zh": "无"}
_DURATION = re.compile(r"-?P(?=.)(\d+Y)?(\d+M)?(\d+D)?(?:T(\d+H)?(\d+M)?(\d+S)?)?")


def differences(old: Rulebook, new: Rulebook, lang: Lang = "en") -> list[Difference]:
    """Clauses of `new` against those of `old`, in the order of the policy; those gone come last."""
    before = {clause.id: clause for clause in old.clause}
    after = {clause.id: clause for clause in new.clause}
    found = []
    for name, clause in after.items():
        if name not in before:
            found.append(Difference(name, clause.cites, "added", (_says(clause, lang),)))
        elif words := tuple(_changes(before[name], clause, lang)):
            found.append(Difference(name, clause.cites, "changed", words))
    gone = (clause for name, clause in before.items() if name not in after)
    return [
        *found,
        *(Difference(clause.id, clause.cites, "removed", (_says(clause, lang),)) for clause in gone),
    ]


def _says(clause: Clause, lang: Lang) -> str:
    return clause.says_zh if lang == "zh" else clause.says_en


def _changes(old: Clause, new: Clause, lang: Lang) -> Iterator[str]:
    before, after = (
        clause.model_dump(mode="json", by_alias=True, exclude_unset=True) for clause in (old, new)
    )
    for key in dict.fromkeys((*after, *before)):
        if key in _SILENT or before.get(key) == after.get(key):
            continue
        what = _WORDS.get(key, (f"`{key}`", f"`{key}`"))[lang == "zh"]
        values = {"old": _value(before.get(key), lang), "new": _value(after.get(key), lang)}
        yield _INSTEAD[lang].format(what=what, **values)


def _value(value: Any, lang: Lang) -> str:
    match value:
        case _ if value in _EMPTY:  # the pattern {} would match every mapping
            return _NOTHING[lang]
        case str() if _DURATION.fullmatch(value):
            return _duration(value, lang)
        case list():
            return ", ".join(_value(item, lang) for item in value)
        case Mapping():
            return " ".join(_pair(key, item, lang) for key, item in value.items() if item not in _EMPTY)
        case _:
            return str(value)


def _pair(key: str, value: Any, lang: Lang) -> str:
    if key in ("event", "field"):
        return _value(value, lang)
    return f"{key}{' ' if isinstance(value, Mapping) else '='}{_value(value, lang)}"


def _duration(text: str, lang: Lang) -> str:
    found = _DURATION.fullmatch(text)
    assert found is not None
    parts = zip(("Y", "M", "D", "TH", "TM", "TS"), found.groups(), strict=True)
    said = [_counted(int(part[:-1]), _UNITS[lang][unit], lang) for unit, part in parts if part]
    return ("-" if text.startswith("-") else "") + " ".join(said)


def _counted(number: int, unit: str, lang: Lang) -> str:
    if lang == "zh":
        return f"{number}{unit}"
    return f"{number} {unit}" + ("s" if number != 1 else "")
