"""Words: what a what-if says, in English and in simplified Chinese."""

from typing import Literal

Lang = Literal["en", "zh"]

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("What if, {} to {}", "试算：{} 至 {}"),
    "seen-from": ("{}, position {}, as of {}", "{}，序号 {}，截至 {}"),
    "same": ("No difference: not a clock, not a line.", "没有差异：时限与处罚均不变。"),
    "overall": ("All of it", "合计"),
    "clocks": ("Clocks", "时限"),
    "broken": ("Broken", "超期"),
    "lines": ("Penalty lines", "处罚条目"),
    "owed": ("Owed", "金额"),
    "before": ("as it is", "现行"),
    "after": ("as it would be", "试算"),
    "added": ("added", "新增"),
    "removed": ("gone", "取消"),
    "changed": ("changed", "变更"),
    "what": ("What", "变化"),
    "kind": ("Kind", "类别"),
    "clock": ("clock", "时限"),
    "line": ("penalty", "处罚"),
    "case": ("Case", "事件单"),
    "clause": ("Clause", "条款"),
    "person": ("Person", "人员"),
    "month": ("Month", "月份"),
    "currency": ("Currency", "币种"),
    "state-before": ("State as it is", "现行状态"),
    "state-after": ("State as it would be", "试算状态"),
    "due-before": ("Due as it is", "现行到期"),
    "due-after": ("Due as it would be", "试算到期"),
    "stopped-before": ("Stopped as it is", "现行结束"),
    "stopped-after": ("Stopped as it would be", "试算结束"),
    "owed-before": ("Owed as it is", "现行金额"),
    "owed-after": ("Owed as it would be", "试算金额"),
    "by-clause": ("By clause", "按条款"),
    "by-person": ("By person", "按人员"),
    "cases": ("Cases", "事件单明细"),
    "more": ("… and {} more; --json or --csv has all", "……另有 {} 条，见 --json 或 --csv"),
    "none": ("–", "–"),
    "events": ("events", "事件"),
    "running": ("running", "进行中"),
    "paused": ("paused", "暂停"),
    "met": ("kept", "按期"),
    "breached": ("broken", "超期"),
    "cancelled": ("cancelled", "取消"),
    "excused": ("excused", "免责"),
    "proposed": ("proposed", "拟处罚"),
    "notified": ("notified", "已告知"),
    "appealed": ("appealed", "已申诉"),
    "appeal-upheld": ("appeal upheld", "申诉成立"),
    "appeal-rejected": ("appeal rejected", "申诉不成立"),
    "approved": ("approved", "已批准"),
    "waived": ("waived", "已豁免"),
    "reversed": ("reversed", "已撤销"),
    "exported": ("exported", "已导出"),
}


def say(lang: Lang, word: str, *parts: str) -> str:
    """A word of ours in the reader's language; one we do not know is said as it is."""
    found = _WORDS.get(word)
    text = word if found is None else found[lang == "zh"]
    return text.format(*parts) if parts else text
