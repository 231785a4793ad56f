"""The query API over real rows: what is asked, what is answered, at which position."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from asking import A_DAY, House, house, registered
from onrecord_projections.judging import shipped_rulebook
from onrecord_services.engines import Engines
from onrecord_services.vault import api_keys
from projecting import adopted, calendar, said

SEALED = {"key": "a" * 32, "nonce": "bm9uY2U=", "ciphertext": "c2VjcmV0", "index": "b" * 32}


@pytest.fixture(scope="module")
async def asked(engines: Engines) -> AsyncIterator[House]:
    """Until the 13th, 10:00: A was told in time, B half an hour late, C never, D waits for the customer."""
    async with house(engines) as made:
        await made.bench.project(
            A_DAY,
            registered("A", "07-11 08:00:00", building="B1", name=SEALED),
            registered("B", "07-11 09:00:00"),
            registered("C", "07-11 10:00:00", received_by="=1+1", customer="c-2"),
            registered("D", "07-11 11:00:00", received_by="li"),
            said("complaint.progress-shared", "complaint/A", "07-11 12:00:00"),
            said("complaint.customer-asked", "complaint/D", "07-11 12:00:00", question_code="when"),
            said("complaint.progress-shared", "complaint/B", "07-12 09:30:00"),
            said("handover.offered", "complaint/C", "07-12 11:00:00", giver="=1+1", taker="wu"),
            said("handover.accepted", "complaint/C", "07-12 11:05:00", giver="=1+1", taker="wu"),
            said("clock.ticked", "clock/tick", "07-13 10:00:00"),
        )
        yield made


def of(body: Any, *fields: str) -> list[Any]:
    """These fields of every item."""
    return [tuple(item[field] for field in fields) for item in body["items"]]


async def test_a_clock_says_clause_owner_due_and_how_late(asked: House) -> None:
    body = await asked.ask("/v1/clocks", state="breached", open="true")
    assert body["position"] == 11
    assert body["watermark"] == body["as_of"] == "2026-07-13T10:00:00+08:00"
    assert body["next"] is None
    (clock,) = body["items"]
    started_by = clock["started_by"]
    assert clock == {
        "case": "complaint/C",
        "clause": "DAY",
        "instance": started_by,
        "says": "Tell the customer how it stands within 24 hours.",
        "pack": "one-day",
        "edition": 1,
        "kind": "clock",
        "owner": "=1+1",
        "state": "breached",
        "open": True,
        "started_at": "2026-07-11T10:00:00+08:00",
        "due_at": "2026-07-12T10:00:00+08:00",
        "stopped_at": None,
        "used_s": 0,
        "paused_s": 0,
        "late_s": 24 * 3600,
        "provisional": False,
        "justified": False,
        "note": "",
        "findings": [],
        "evidence": [4],
        "started_by": started_by,
        "stopped_by": None,
    }
    assert "complaint/C" in started_by


@pytest.mark.parametrize(
    ("query", "then"),
    [
        pytest.param({}, ["A", "B", "C", "D"], id="all-soonest-due-first-paused-last"),
        pytest.param({"state": "met"}, ["A"], id="kept"),
        pytest.param({"state": "breached"}, ["B", "C"], id="broken-late-or-never"),
        pytest.param({"state": "breached", "open": "false"}, ["B"], id="broken-and-made-good"),
        pytest.param({"state": "paused"}, ["D"], id="paused"),
        pytest.param({"open": "true"}, ["C", "D"], id="open"),
        pytest.param({"owner": "chen"}, ["A", "B"], id="owner"),
        pytest.param({"case": "complaint/D"}, ["D"], id="case"),
        pytest.param({"clause": "NIGHT"}, [], id="no-such-clause"),
        pytest.param({"due_before": "2026-07-12T09:00:00+08:00"}, ["A"], id="due-before-leaves-out-its-end"),
        pytest.param({"due_after": "2026-07-12T01:00:00Z"}, ["B", "C"], id="due-after-takes-in-its-begin"),
    ],
)
async def test_clocks_are_filtered(asked: House, query: dict[str, str], then: list[str]) -> None:
    body = await asked.ask("/v1/clocks", **query)
    assert of(body, "case") == [(f"complaint/{name}",) for name in then]


@pytest.mark.parametrize("as_of", [None, "2026-07-13T10:00:00+08:00"])
async def test_pages_follow_on_one_another_without_a_gap(asked: House, as_of: str | None) -> None:
    cursor: dict[str, Any] = {"as_of": as_of} if as_of else {}
    seen: list[Any] = []
    for _ in range(6):
        body = await asked.ask("/v1/clocks", limit=1, **cursor)
        seen += of(body, "case")
        if body["next"] is None:
            break
        cursor["cursor"] = body["next"]
    assert seen == [("complaint/A",), ("complaint/B",), ("complaint/C",), ("complaint/D",)]


async def test_a_page_as_of_an_instant_may_end_inside_a_case(engines: Engines) -> None:
    async with house(engines) as made:
        rules = adopted(shipped_rulebook("rent-crm")[1], "rent-crm")
        await made.bench.project(calendar(), rules, registered("A", "07-11 08:00:00", severity="major"))
        question = {"as_of": "2026-07-11T09:00:00+08:00"}
        whole = of(await made.ask("/v1/clocks", **question), "clause")
        assert whole == [("RENT-CRM-1.2-5A",), ("RENT-CRM-1.2-5B",), ("RENT-CRM-1.2-5C",)]
        first = await made.ask("/v1/clocks", limit=1, **question)
        second = await made.ask("/v1/clocks", limit=2, cursor=first["next"], **question)
        assert of(first, "clause") + of(second, "clause") == whole


@pytest.mark.parametrize(
    ("as_of", "then"),
    [
        pytest.param("07-11T07:59:59", [], id="before-all"),
        pytest.param("07-11T09:30:00", [("A", "running", None), ("B", "running", None)], id="two-had-begun"),
        pytest.param("07-12T09:00:00", [("B", "running", None)], id="due-now-is-not-late"),
        pytest.param("07-12T09:00:01", [("B", "breached", 1)], id="one-second-late"),
        pytest.param("07-12T09:30:00", [("B", "breached", 1800)], id="told-at-last"),
        pytest.param("07-20T10:00:00", [("C", "breached", 8 * 86400)], id="beyond-the-watermark"),
    ],
)
async def test_as_of_answers_for_the_instant(asked: House, as_of: str, then: list[Any]) -> None:
    body = await asked.ask("/v1/clocks", as_of=f"2026-{as_of}+08:00")
    assert body["as_of"] == f"2026-{as_of}+08:00"
    found = [(case.removeprefix("complaint/"), *rest) for case, *rest in of(body, "case", "state", "late_s")]
    names = {name for name, _, _ in then}
    assert [row for row in found if row[0] in names] == then
    if not then:
        assert found == []


async def test_as_of_the_watermark_rows_and_evaluation_agree(asked: House) -> None:
    rows = await asked.ask("/v1/clocks")
    evaluated = await asked.ask("/v1/clocks", as_of="2026-07-13T10:00:00+08:00")
    assert rows["items"] == evaluated["items"]


async def test_cases_come_latest_first_with_what_is_open(asked: House) -> None:
    fields = ("case", "customer", "building", "events", "open_clocks", "overdue_clocks")
    assert of(await asked.ask("/v1/cases"), *fields) == [
        ("complaint/C", "c-2", None, 3, 1, 1),
        ("complaint/B", "c-1", None, 2, 0, 0),
        ("complaint/D", "c-1", None, 2, 1, 0),
        ("complaint/A", "c-1", "B1", 2, 0, 0),
    ]
    assert of(await asked.ask("/v1/cases", overdue="true"), "case") == [("complaint/C",)]
    assert of(await asked.ask("/v1/cases", open="false"), "case") == [("complaint/B",), ("complaint/A",)]
    assert of(await asked.ask("/v1/cases", building="B1", kind="complaint"), "case") == [("complaint/A",)]


async def test_pages_of_cases_follow_on_one_another(asked: House) -> None:
    first = await asked.ask("/v1/cases", limit=3)
    second = await asked.ask("/v1/cases", limit=3, cursor=first["next"])
    assert of(second, "case") == [("complaint/A",)]
    assert second["next"] is None


async def test_cases_as_of_an_instant_know_nothing_later(asked: House) -> None:
    body = await asked.ask("/v1/cases", as_of="2026-07-11T12:00:00+08:00")
    fields = ("case", "events", "open_clocks", "overdue_clocks")
    assert of(body, *fields) == [
        ("complaint/A", 2, 0, 0),
        ("complaint/B", 1, 1, 0),
        ("complaint/C", 1, 1, 0),
        ("complaint/D", 2, 1, 0),
    ]


async def test_a_case_comes_with_clocks_and_handovers(asked: House) -> None:
    (found,) = (await asked.ask("/v1/cases/complaint/C"))["items"]
    assert [clock["state"] for clock in found["clocks"]] == ["breached"]
    assert found["handovers"] == [
        {
            "case": "complaint/C",
            "position": 9,
            "kind": "offered",
            "state": "accepted",
            "giver": "=1+1",
            "taker": "wu",
            "offered_at": "2026-07-12T11:00:00+08:00",
            "decided_at": "2026-07-12T11:05:00+08:00",
        }
    ]
    then = (await asked.ask("/v1/cases/complaint/C", as_of="2026-07-12T11:00:00+08:00"))["items"][0]
    assert [handover["state"] for handover in then["handovers"]] == ["open"]


async def test_handovers_are_found_by_either_person(asked: House) -> None:
    for person in ("wu", "=1+1"):
        assert of(await asked.ask("/v1/handovers", person=person), "position", "taker") == [(9, "wu")]
    assert (await asked.ask("/v1/handovers", person="li"))["items"] == []


async def test_the_timeline_of_a_case_shows_that_a_field_is_sealed_and_no_more(asked: House) -> None:
    answer = await asked.http.get("/v1/timeline", params={"case": "complaint/A"})
    assert SEALED["ciphertext"] not in answer.text
    assert SEALED["index"] not in answer.text
    body = answer.json()
    assert of(body, "position", "type") == [(2, "complaint.registered"), (6, "complaint.progress-shared")]
    assert body["items"][0]["data"] == {
        "severity": "minor",
        "channel": "phone",
        "customer": "c-1",
        "received_by": "chen",
        "level": "station",
        "building": "B1",
        "name": {"sealed": True},
    }


async def test_the_timeline_of_a_customer_comes_newest_first(asked: House) -> None:
    first = await asked.ask("/v1/timeline", customer="c-1", limit=2)
    assert of(first, "position") == [(5,), (3,)]
    second = await asked.ask("/v1/timeline", customer="c-1", limit=2, cursor=first["next"])
    assert of(second, "position") == [(2,)]


async def test_an_explanation_names_every_interval_and_its_event(asked: House) -> None:
    (found,) = (await asked.ask("/v1/clocks/explain", case="complaint/D", clause="DAY"))["items"]
    assert [
        (part["begin"], part["end"], part["kind"], part["why"], part["position"])
        for part in found["told"]["intervals"]
    ] == [
        ("2026-07-11T11:00:00+08:00", "2026-07-11T12:00:00+08:00", "counted", "elapsed time", 5),
        ("2026-07-11T12:00:00+08:00", "2026-07-13T10:00:00+08:00", "paused", "customer", 7),
    ]
    assert found["told"]["clock"]["state"] == "paused"
    assert found["told"]["arithmetic"][0] == {"op": "start", "of": {}, "gives": "2026-07-11T11:00:00+08:00"}
    assert len(found["digest"]) == 64


async def test_words_come_in_the_language_asked_for(asked: House) -> None:
    for query, header in (({"lang": "zh"}, "en"), ({}, "zh-CN,zh;q=0.9,en;q=0.8")):
        answer = await asked.http.get("/v1/clocks", params=query, headers={"accept-language": header})
        assert answer.json()["items"][0]["says"] == "二十四小时内告知进展。"


async def test_csv_opens_in_excel_and_computes_nothing(asked: House) -> None:
    answer = await asked.http.get("/v1/clocks", params={"format": "csv", "state": "breached", "lang": "zh"})
    assert answer.content.startswith(b"\xef\xbb\xbfcase,clause,says,owner,")
    assert answer.headers["content-disposition"] == 'attachment; filename="clocks-11.csv"'
    lines = answer.text.removeprefix("\ufeff").split("\r\n")
    assert lines[2].startswith(
        "complaint/C,DAY,二十四小时内告知进展。,'=1+1,breached,2026-07-11 10:00:00+08:00,"
    )


@pytest.mark.parametrize(
    ("path", "query", "status", "detail"),
    [
        pytest.param("/v1/clocks", {"cursor": "nonsense"}, 400, "cursor: ", id="cursor"),
        pytest.param("/v1/clocks", {"cursor": "WzFd"}, 400, "cursor: ", id="cursor-of-another-question"),
        pytest.param("/v1/clocks", {"limit": "201"}, 400, "limit: ", id="limit"),
        pytest.param("/v1/clocks", {"limit": "none"}, 400, "limit: ", id="limit-no-number"),
        pytest.param("/v1/clocks", {"state": "late"}, 400, "state: ", id="state"),
        pytest.param("/v1/clocks", {"stat": "breached"}, 400, "stat: ", id="misspelt-filter"),
        pytest.param("/v1/clocks", {"owner": "x" * 201}, 400, "owner: ", id="id-too-long"),
        pytest.param("/v1/clocks", {"owner": "a\0b"}, 400, "owner: ", id="nul"),
        pytest.param("/v1/clocks", {"as_of": "2026-07-11T08:00:00"}, 400, "as_of: ", id="no-offset"),
        pytest.param("/v1/clocks", {"as_of": "yesterday"}, 400, "as_of: ", id="no-instant"),
        pytest.param("/v1/clocks", {"as_of": "0001-01-01T00:00:00+14:00"}, 400, "as_of: ", id="no-such-year"),
        pytest.param("/v1/timeline", {}, 400, "case, person, customer: ", id="of-whom"),
        pytest.param("/v1/timeline", {"case": "a", "person": "b"}, 400, "case, person", id="of-both"),
        pytest.param("/v1/cases/complaint/Z", {}, 404, "case complaint/Z ", id="unknown-case"),
        pytest.param("/v1/cases/%00", {}, 400, "case: ", id="nul-in-a-path"),
        pytest.param("/v1/clocks/explain", {"case": "complaint/C"}, 400, "", id="explain-what"),
        pytest.param(
            "/v1/clocks/explain", {"case": "complaint/C", "clause": "X"}, 404, "a clock of", id="no-clock"
        ),
        pytest.param("/v1/kpi/callbacks", {"month": "2026-13"}, 400, "month: ", id="month"),
        pytest.param("/v1/satisfaction", {"since": "07/11"}, 400, "since: ", id="day"),
        pytest.param("/v1/nothing", {}, 404, "There is nothing", id="no-such-path"),
    ],
)
async def test_a_bad_question_says_what_is_wrong(
    asked: House, path: str, query: dict[str, str], status: int, detail: str
) -> None:
    found, said_so = await asked.refused(path, **query)
    assert found == status
    assert said_so.startswith(detail)


async def test_a_plus_that_came_as_a_space_is_forgiven(asked: House) -> None:
    answer = await asked.http.get("/v1/clocks?as_of=2026-07-12T09:30:00+08:00")
    assert answer.json()["as_of"] == "2026-07-12T09:30:00+08:00"


async def test_who_has_no_key_that_reads_learns_nothing(asked: House) -> None:
    tenant = asked.bench.log.tenant
    writer = await api_keys.create(asked.bench.owner, tenant, "crm", sources=["*"], scopes=["write"])
    for key, status in (("", 401), ("onr_wrong", 401), (writer, 403)):
        answer = await asked.http.get("/v1/clocks", headers={"authorization": f"Bearer {key}"})
        assert answer.status_code == status
        assert ("www-authenticate" in answer.headers) == (status == 401)
        assert "complaint" not in answer.text


async def test_a_key_sees_its_own_tenant_only(asked: House, engines: Engines) -> None:
    async with house(engines) as other:
        await other.bench.project(A_DAY, registered("Z", "07-11 08:00:00"))
        assert of(await other.ask("/v1/cases"), "case") == [("complaint/Z",)]
        mixed = {"authorization": f"Bearer {other.key}"}
        answer = await asked.http.get("/v1/cases", headers=mixed)
        assert of(answer.json(), "case") == [("complaint/Z",)]
        assert len((await asked.ask("/v1/cases"))["items"]) == 4


async def test_waiting_for_a_position_reads_what_was_written(engines: Engines) -> None:
    async with house(engines) as made:
        await made.bench.project(A_DAY)
        question = asyncio.create_task(made.ask("/v1/cases", wait_for=2))
        await made.bench.project(registered("A", "07-11 08:00:00"))
        body = await question
        assert body["position"] == 2
        assert of(body, "case") == [("complaint/A",)]
        status, detail = await made.refused("/v1/cases", wait_for=99)
        assert status == httpx.codes.GATEWAY_TIMEOUT
        assert detail.startswith("The read models stand at position 2, not 99 yet.")


async def test_a_tenant_without_events_has_empty_answers(engines: Engines) -> None:
    async with house(engines) as made:
        for path in ("/v1/clocks", "/v1/cases", "/v1/penalties", "/v1/satisfaction", "/v1/handovers"):
            body = await made.ask(path)
            nothing = {"position": 0, "watermark": None, "as_of": None, "known_at": None}
            assert body == nothing | {"items": [], "next": None}
