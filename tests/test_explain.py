"""Explanations over HTTP: worked out again from their JSON alone, refused when anything was changed."""

import copy
import json
import re
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from typing import Any

import httpx
import pytest

from asking import House, house
from check_explanation import WrongError, check, refigure
from kpi_builders import PROMISE, book, kpi
from onrecord_events.envelope import New
from onrecord_events.vocabulary import event_types
from onrecord_projections.judging import shipped_rulebook
from onrecord_services.api.page.event_words import event_word
from onrecord_services.engines import Engines
from projecting import adopted, calendar, said

FIGURES = book(
    PROMISE,
    kpi("TIMELY", of='["ANSWER"]', by='"owner"', together="true", target="1.00"),
    kpi("MEDIAN", formula='"median"', of='["ANSWER"]', together="true"),
    kpi("COMPLETE", formula='"cases"', denominator='"archive.inspected"', numerator='"archive.inspected"',
        without='["defects"]', by='"consultant"'),
    kpi("RANKS", formula='"ranks"', of='["COMPLETE"]', by='"consultant"'),
    kpi("SUM", formula='"sum"', numerator='"figure.recorded"', value_field='"value"'),
)  # fmt: skip


def inspected(car: str, when: str, by: str, papers: int) -> New:
    found = [{"kind": "user-signature-missing", "papers": papers}] * bool(papers)
    return said("archive.inspected", f"archive/{car}", when, consultant=by, defects=found)


def story() -> list[New]:
    """Late files and unsigned papers of two months, a complaint answered late, a client who changed hands."""
    delivered = [("A", "02-12 16:00:00"), ("B", "03-10 10:00:00"), ("C", "03-16 10:00:00")]
    told = [
        *(said("vehicle.delivered", f"archive/{car}", at, car=car, consultant="li") for car, at in delivered),
        said("archive.handed-over", "archive/B", "03-11 10:00:00", by="li"),
        inspected("B", "03-12 15:00:00", "li", 2),
        inspected("D", "03-13 15:00:00", "wang", 0),
        said("complaint.registered", "complaint/K", "03-03 10:00:00", severity="minor", channel="phone",
             customer="c", received_by="li"),
        said("complaint.answered", "complaint/K", "03-09 10:00:00"),
        said("figure.recorded", "figure/1", "03-09 11:00:00", figure="score", value="2.5"),
        said("client.registered", "client/w", "03-05 10:00:00", salesperson="b", full_name=True,
             phone_given=True),
        said("client.registered", "client/h", "03-04 10:00:00", salesperson="c", full_name=True,
             phone_given=True),
        said("client.related", "client/w", "03-10 15:00:00", relative="client/h", relation="spouse"),
        said("clock.ticked", "clock/tick", "03-31 12:00:00"),
    ]  # fmt: skip
    return sorted(told, key=lambda new: new.occurred_at)


@pytest.fixture(scope="module")
async def asked(engines: Engines) -> AsyncIterator[House]:
    async with house(engines) as made:
        ours = [adopted(shipped_rulebook(name)[1], name) for name in ("cc02-archive", "re-reg")]
        figures = adopted(FIGURES, "test", effective="2020-01-01T00:00:00+08:00")
        await made.bench.project(calendar(), *ours, figures, *story())
        yield made


async def everything(asked: House) -> list[dict[str, Any]]:
    """Every explanation there is."""
    found: list[dict[str, Any]] = []
    for clock in (await asked.ask("/v1/clocks", limit=200))["items"]:
        named = {name: clock[name] for name in ("case", "clause", "instance")}
        found += (await asked.ask("/v1/clocks/explain", **named))["items"]
    for line in (await asked.ask("/v1/penalties", limit=200))["items"]:
        found += (await asked.ask(f"/v1/penalties/{line['id']}/explain"))["items"]
    for month in (await asked.ask("/v1/penalties/sums"))["items"]:
        named = {name: month[name] for name in ("person", "month")}
        found += (await asked.ask("/v1/penalties/sums/explain", **named))["items"]
    for name in ("TIMELY", "MEDIAN", "COMPLETE", "RANKS", "SUM"):
        found += (await asked.ask("/v1/kpi/explain", kpi=name, period="2026-03"))["items"]
    for client in ("w", "h"):
        found += (await asked.ask(f"/v1/clients/{client}/owner/explain"))["items"]
    return found


async def test_every_verdict_comes_out_of_its_explanation_alone(asked: House) -> None:
    found = await everything(asked)
    for one in found:
        check(one)
    kinds = {one["kind"] for one in found}
    assert kinds == {"clock", "penalty", "penalty-sum", "kpi", "owner"}
    assert all(event["sha256"] and event["position"] for one in found for event in one["events"])


async def test_a_figure_is_the_one_that_the_tables_give(asked: House) -> None:
    for line in (await asked.ask("/v1/penalties"))["items"]:
        (found,) = (await asked.ask(f"/v1/penalties/{line['id']}/explain"))["items"]
        assert found["told"]["line"]["line"]["amount"] == line["amount"]
    for row in (await asked.ask("/v1/kpi", period="2026-03", kpi="RANKS"))["items"]:
        named = {"period": "2026-03", "kpi": "RANKS", "group": row["group"]}
        (found,) = (await asked.ask("/v1/kpi/explain", **named))["items"]
        assert (found["told"]["numerator"], found["told"]["last"]) == (row["numerator"], row["last"])


async def test_the_ladder_names_the_other_cases_of_the_month(asked: House) -> None:
    lines = (await asked.ask("/v1/penalties", person="li", month="2026-03"))["items"]
    doubled = next(line for line in lines if line["factor"] == 2)
    (found,) = (await asked.ask(f"/v1/penalties/{doubled['id']}/explain"))["items"]
    counted = [(one["case"], one["nth"]) for one in found["told"]["line"]["counted"]]
    assert counted[0][1] == 1
    assert counted[-1] == (doubled["case"], doubled["counted_as"])
    assert [step["op"] for step in found["told"]["line"]["arithmetic"]][-2:] == ["ladder", "amount"]


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the numbers and instants are."""
    if isinstance(value, dict | list):
        for name, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(each, (*path, name))
    elif isinstance(value, int | bool) or (isinstance(value, str) and re.search(r"\d", value)):
        yield path


def changed(found: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    """The same with another number there."""
    made = copy.deepcopy(found)
    place: Any = made
    for name in path[:-1]:
        place = place[name]
    old = place[path[-1]]
    if isinstance(old, bool):
        place[path[-1]] = not old
    elif isinstance(old, int):
        place[path[-1]] = old + 1
    else:
        place[path[-1]] = re.sub(r"\d", lambda digit: str((int(digit[0]) + 1) % 10), old, count=1)
    return made


async def test_an_explanation_in_which_anything_was_changed_is_refused(asked: House) -> None:
    for found in await everything(asked):
        for path in leaves(found):
            with pytest.raises(WrongError):
                check(changed(found, path))


FIGURED: dict[str, list[tuple[str, ...]]] = {
    "clock": [("limit", "seconds"), ("limit", "count"), ("clock", "used")],
    "penalty": [("line", "line", "amount"), ("line", "line", "base"), ("line", "line", "factor")],
    "penalty-sum": [("proposed",), ("lines",)],
    "kpi": [("numerator",), ("denominator",)],
}


async def test_a_changed_figure_is_refused_even_under_a_new_digest(asked: House) -> None:
    tried = set()
    for found in await everything(asked):
        for path in FIGURED.get(found["kind"], ()):
            try:
                tampered = changed(found, ("told", *path))
            except TypeError:
                continue  # nothing stands there in this one
            if tampered == found:
                continue
            content = {name: tampered[name] for name in ("kind", "told", "editions", "events")}
            text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            with pytest.raises((WrongError, ArithmeticError), match=r"."):
                check({**content, "digest": sha256(text.encode()).hexdigest()})
            tried.add((found["kind"], path))
    assert len(tried) >= 8


async def test_an_owner_who_never_claimed_is_refused(asked: House) -> None:
    (found,) = (await asked.ask("/v1/clients/w/owner/explain"))["items"]
    for claim in found["told"]["claims"]:
        claim["holder"] = "d"
    with pytest.raises(WrongError):
        refigure(found)


async def test_it_is_explained_as_of_a_time_and_as_known_at_another(asked: House) -> None:
    then = {"as_of": "2026-03-04T10:00:00+08:00"}
    (found,) = (await asked.ask("/v1/clocks/explain", case="complaint/K", clause="ANSWER", **then))["items"]
    check(found)
    assert found["told"]["clock"]["state"] == "running"
    (owned,) = (await asked.ask("/v1/clients/w/owner/explain", as_of="2026-03-09T00:00:00+08:00"))["items"]
    check(owned)
    assert owned["told"]["spans"][-1]["owner"] == "b"


PATHS = {
    "clock": "/explain?case=archive/A&clause=CC02-D1a",
    "month": "/explain?person=li&month=2026-03",
    "owner": "/explain?client=client/w",
    "figure": "/explain?kpi=RANKS&period=2026-03",
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
async def test_the_chinese_page_has_no_english_words(asked: House, path: str) -> None:
    answer = await asked.http.get(path, headers={"accept-language": "zh-CN"})
    assert answer.status_code == httpx.codes.OK
    main = re.search(r"<main.*?</main>", answer.text, re.DOTALL)
    assert main is not None
    text = re.sub(r'<(span|a|h1|p)[^>]*class="id[^"]*"[^>]*>.*?</\1>', " ", main[0])
    words = set(re.findall(r"[A-Za-z][a-z]+", re.sub(r"<[^>]*>", " ", text)))
    assert words <= {"li", "wang", "b", "c"}, words


async def test_lines_have_a_page_in_both_languages(asked: House) -> None:
    line = (await asked.ask("/v1/penalties", person="li"))["items"][0]["id"]
    for language, word in (("en", "How the due date came about"), ("zh-CN", "到期时间的算法")):
        answer = await asked.http.get(f"/explain?line={line}", headers={"accept-language": language})
        assert answer.status_code == httpx.codes.OK
        assert word in answer.text


async def test_what_is_not_there_is_not_explained(asked: House) -> None:
    for path in ("/v1/penalties/none/explain", "/v1/clients/none/owner/explain"):
        status, detail = await asked.refused(path)
        assert (status, "none" in detail) == (404, True)


def test_every_event_has_a_chinese_name() -> None:
    assert [name for name in event_types() if re.search("[A-Za-z]", event_word("zh", name))] == []
