"""What the tests of figures share: KPI clauses in a rulebook of their own, cases out of one-line texts."""

from collections.abc import Iterable, Sequence

from judging_builders import EXAMPLE, HEAD, ZONE, adopting, at
from onrecord_events.envelope import Recorded
from onrecord_projections.judging import Settings, evaluate
from onrecord_projections.judging.facts import read_fact
from onrecord_projections.judging.figures import Figure, figures_at
from onrecord_projections.judging.figures.story import plain

KPI_EXAMPLE = EXAMPLE.replace("no clock", "no figure")
ANSWER = """
[[clause]]
id = "ANSWER"
cites = "1"
says_en = "An answer within a day."
says_zh = "一日内答复。"
kind = "clock"
starts_on = ["complaint.registered"]
stops_on = ["complaint.answered"]
measure = "elapsed"
target = "PT24H"
owner = "received_by"
"""
PROMISE = ANSWER + EXAMPLE


def kpi(id_: str, **keys: str) -> str:
    """A KPI clause; each keyword is a key, given as TOML."""
    stated = {"id": f'"{id_}"', "cites": '"9"', "says_en": '"A figure."', "says_zh": '"一个指标。"'}
    lines = [f"{key} = {value}" for key, value in {**stated, "kind": '"kpi"', **keys}.items()]
    return "\n".join(("[[clause]]", *lines)) + "\n" + KPI_EXAMPLE


def book(*clauses: str) -> str:
    """A rulebook of these clauses."""
    return HEAD + "\n".join(clauses)


def asking(*clauses: str) -> Settings:
    """A tenant that adopted a rulebook of these clauses."""
    return adopting(book(*clauses))


def events(lines: Iterable[str], stream: str = "case/1") -> list[Recorded]:
    """Facts, each on the stream it names; positions in the order given."""
    return [read_fact(line, nth, ZONE, stream) for nth, line in enumerate(lines, 1)]


def by_case(found: Iterable[Recorded]) -> dict[str, list[Recorded]]:
    """The events of each case."""
    cases: dict[str, list[Recorded]] = {}
    for event in found:
        cases.setdefault(event.case, []).append(event)
    return cases


def counted(settings: Settings, found: Sequence[Recorded], as_of: str) -> list[Figure]:
    """Every figure, from scratch."""
    instant = at(as_of)
    cases = [(each, evaluate(settings, each, instant).clocks) for each in by_case(found).values()]
    return figures_at(settings, cases, instant)


def told(figures: Iterable[Figure]) -> list[str]:
    """Figures in a line each: `F 2026-06 li: 3/4 reached`; all together has no name."""
    return [_line(figure) for figure in figures]


def _line(figure: Figure) -> str:
    where = " ".join(word for word in (figure.kpi, figure.part, figure.period, figure.group) if word)
    below = "" if figure.denominator is None else f"/{plain(figure.denominator)}"
    reached = {None: "", True: " reached", False: " missed"}[figure.reached]
    return f"{where}: {plain(figure.numerator)}{below}{reached}"
