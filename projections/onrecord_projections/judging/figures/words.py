"""Words: a formula as a sentence, in English and Chinese, made from the clause itself."""

from collections.abc import Iterable
from typing import Literal

from onrecord_projections.judging.clauses import KpiClause
from onrecord_projections.judging.parts import Selector

Lang = Literal["en", "zh"]

_SAID: dict[str, tuple[str, str]] = {
    "clocks": (
        "of the promises under {of} that fell due in the period, those {met}",
        "期内到期的承诺（{of}）中{met}的",
    ),
    "share": ("{above}, of {below}", "{above}，占{below}"),
    "cases": (
        "of the cases counted by their {pick} {below}, those {shown} {above}",
        "按{pick}{below}计入的案件中，{shown}{above}的",
    ),
    "coverage": (
        "of those {below} names ({denominator_field}), how many {above} reached, each once",
        "{below}所列（{denominator_field}）对象中，{above}已覆盖的，各计一次",
    ),
    "count": ("how many {above}", "{above}的数量"),
    "sum": ("{above}, added up", "{above}之和"),
    "mean": ("{values}, added up, by how many there are", "{values}之和除以个数"),
    "median": ("the middle one of {values}", "{values}的中位数"),
    "percentile": (
        "what {percent} in a hundred of {values} do not exceed",
        "{values}的第{percent}百分位数",
    ),
    "ranks": (
        "the mean of the ranks in {of}; the last one is for a person to decide",
        "{of}各项名次的平均；末位由人决定",
    ),
}
_TERMS: dict[str, tuple[str, str]] = {
    "done": ("done, late or not", "已完成（不论是否逾期）"),
    "in-time": ("met in time", "按时完成"),
    "first": ("first", "首次"),
    "last": ("last", "末次"),
    "by-that-event": ("where that event is", "该事件为"),
    "ever": ("which ever had", "曾有"),
    "seconds": ("the seconds counted by {of}", "{of}计入的秒数"),
    "between": ("the seconds from {start} to {stop}", "自{start}至{stop}的秒数"),
    "field": ("{field} of {above}", "{above}的{field}"),
    "different": ("different {field} of {above}", "{above}中不同的{field}"),
    "empty": (" with no {field}", "且{field}为空"),
    "or": (" or ", "或"),
    "and": (", ", "、"),
}


def in_words(clause: KpiClause, lang: Lang) -> str:
    """What is counted, of what."""
    above = _events(clause.numerator, lang) + "".join(
        _term("empty", lang).format(field=field) for field in clause.without
    )
    if clause.distinct:
        above = _term("different", lang).format(field=clause.distinct, above=above)
    elif clause.value_field and clause.formula in ("share", "sum"):
        above = _term("field", lang).format(field=clause.value_field, above=above)
    below = _events(clause.denominator, lang)
    if clause.denominator_field and clause.formula == "share":
        below = _term("field", lang).format(field=clause.denominator_field, above=below)
    return _SAID[clause.formula][lang == "zh"].format(
        of=_term("and", lang).join(clause.of),
        met=_term(clause.counts, lang),
        above=above,
        below=below,
        pick=_term(clause.pick, lang),
        shown=_term(clause.met, lang),
        denominator_field=clause.denominator_field,
        values=_values(clause, lang),
        percent=clause.percent,
    )


def _values(clause: KpiClause, lang: Lang) -> str:
    if clause.of:
        return _term("seconds", lang).format(of=_term("and", lang).join(clause.of))
    if clause.starts_on:
        start, stop = _events(clause.starts_on, lang), _events(clause.stops_on, lang)
        return _term("between", lang).format(start=start, stop=stop)
    return _term("field", lang).format(field=clause.value_field, above=_events(clause.numerator, lang))


def _events(selectors: Iterable[Selector], lang: Lang) -> str:
    return _term("or", lang).join(_event(selector) for selector in selectors)


def _event(selector: Selector) -> str:
    tests = [
        f"{field}{sign}{'/'.join(_code(value) for value in values)}"
        for sign, wanted in (("=", selector.where), ("≠", selector.unless), ("=", selector.facts))
        for field, values in wanted.items()
    ]
    return f"{selector.event} ({', '.join(tests)})" if tests else selector.event


def _code(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _term(name: str, lang: Lang) -> str:
    return _TERMS[name][lang == "zh"]
