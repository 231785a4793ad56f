"""Penalties, satisfaction and rates as the API gives them: figures by hand, with n and interval."""

from collections.abc import AsyncIterator

import pytest

from asking import House, house
from onrecord_projections.judging import shipped_rulebook
from onrecord_services.engines import Engines
from projecting import adopted, calendar, said, shown_from

UNCOMPARED = {"year_before": None, "period_before": None}


@pytest.fixture(scope="module")
async def asked(engines: Engines) -> AsyncIterator[House]:
    """Ten content or not about B1, three repairs done of which one was called back in time and one late."""
    async with house(engines) as made:
        scores = [5, 5, 5, 4, 4, 4, 4, 4, 5, 3]
        await made.bench.project(
            calendar(),
            adopted(shipped_rulebook("rent-crm")[1], "rent-crm"),
            shown_from(3),
            *(
                said(
                    "survey.sent", f"survey/S{n}", "07-01 09:00:00", kind="csat", customer="c", building="B1"
                )
                for n in range(20)
            ),
            *(
                said(
                    "survey.csat-answered",
                    f"survey/S{n}",
                    "07-02 09:00:00",
                    customer="c",
                    building="B1",
                    score=score,
                    staff="wu",
                    asked_by="wu" if n == 0 else None,
                )
                for n, score in enumerate(scores)
            ),
            said("survey.nps-answered", "survey/N1", "07-03 09:00:00", customer="c", score=10),
            said("survey.nps-answered", "survey/N2", "07-03 09:00:00", customer="c", score=9),
            said("survey.nps-answered", "survey/N3", "07-03 09:00:00", customer="c", score=9),
            *(said("repair.done", f"repair/R{n}", "07-11 17:00:00", received_by="chen") for n in range(3)),
            said("callback.made", "repair/R0", "07-12 10:00:00", kind="repair", channel="phone", by="chen"),
            said("callback.made", "repair/R1", "07-12 18:00:00", kind="repair", channel="phone", by="chen"),
            said("clock.ticked", "clock/tick", "07-20 10:00:00"),
        )
        yield made


async def test_csat_is_a_share_with_interval_and_response_rate(asked: House) -> None:
    (row,) = (await asked.ask("/v1/satisfaction", kind="csat"))["items"]
    assert row == {
        "kind": "csat",
        "group": None,
        "sent": 20,
        "delivered": 0,
        "declined": 0,
        "n": 10,
        "score": {"value": 0.9, "low": 0.5958, "high": 0.9821, **UNCOMPARED},
        "absent": None,
        "mean": 4.3,
        "response_rate": {"value": 0.5, "low": 0.2993, "high": 0.7007, **UNCOMPARED},
        "self_asked": 1,
        "few": True,
    }


async def test_nps_is_clipped_and_has_no_response_rate_where_nobody_was_sent_one(asked: House) -> None:
    (row,) = (await asked.ask("/v1/satisfaction", kind="nps"))["items"]
    assert (row["n"], row["score"]) == (3, {"value": 100.0, "low": -6.5793, "high": 100.0, **UNCOMPARED})
    assert row["response_rate"] is None


@pytest.mark.parametrize(
    ("group", "then"),
    [
        ("building", [("csat", "B1", 20, 10), ("nps", None, 0, 3)]),
        ("staff", [("csat", None, 20, 0), ("csat", "wu", 0, 10), ("nps", None, 0, 3)]),
        ("month", [("csat", "2026-07", 20, 10), ("nps", "2026-07", 0, 3)]),
    ],
)
async def test_satisfaction_is_grouped(asked: House, group: str, then: list[tuple[object, ...]]) -> None:
    rows = (await asked.ask("/v1/satisfaction", group=group))["items"]
    assert [(row["kind"], row["group"], row["sent"], row["n"]) for row in rows] == then


async def test_satisfaction_counts_the_days_asked_for(asked: House) -> None:
    rows = (await asked.ask("/v1/satisfaction", since="2026-07-02", until="2026-07-03"))["items"]
    assert [(row["kind"], row["sent"], row["n"]) for row in rows] == [("csat", 0, 10)]
    first = await asked.ask("/v1/satisfaction", group="staff", limit=2)
    second = await asked.ask("/v1/satisfaction", group="staff", limit=2, cursor=first["next"])
    assert [(row["kind"], row["group"]) for row in second["items"]] == [("nps", None)]


async def test_the_callback_rate_counts_late_ones_and_the_in_time_rate_does_not(asked: House) -> None:
    rows = (await asked.ask("/v1/kpi/callbacks", month="2026-07"))["items"]
    by_clause = {row["clause"]: row for row in rows}
    assert set(by_clause) == {"RENT-CRM-2.1-1", "RENT-CRM-2.1-2", "RENT-CRM-2.2-1-paid-service"}
    repairs = by_clause["RENT-CRM-2.1-2"]
    assert repairs == {
        "kpi": "RENT-CRM-2.2-1",
        "says": "Every complaint, repair and paid service is called back: the rate must be 100 percent.",
        "pack": "rent-crm",
        "edition": 2,
        "clause": "RENT-CRM-2.1-2",
        "kind": "repair",
        "month": "2026-07",
        "rate": {"count": 2, "of": 3, "share": 0.6667},
        "in_time": {"count": 1, "of": 3, "share": 0.3333},
        "target": "1",
        "reached": False,
    }
    nothing = by_clause["RENT-CRM-2.1-1"]
    assert (nothing["kind"], nothing["rate"], nothing["reached"]) == (
        None,
        {"count": 0, "of": 0, "share": None},
        None,
    )


async def test_a_month_in_which_nothing_fell_due_has_no_rate(asked: House) -> None:
    rows = (await asked.ask("/v1/kpi/callbacks", month="2026-12"))["items"]
    assert {row["rate"]["of"] for row in rows} == {0}


PENALTY = (
    "INSERT INTO penalties VALUES (%s, %s, %s, 'cc02-archive', 1, 'CC02-E1', '{CC02-E1,CC02-E6a}', "
    "'archive/X', '2026-06-10 00:00:01+08', 3, 1, 50, 2, 100.00, 'CNY', 'CC02-D1a', 'breach', 'i', '{7,9}', "
    "%s, %s, %s)"
)


async def test_penalties_come_latest_month_first_and_name_their_cause(asked: House) -> None:
    await asked.bench.rows("DELETE FROM penalties RETURNING id")
    for line in (
        ("l1", "wu", "2026-06", "proposed", None, None),
        ("l2", "li", "2026-06", "approved", 100, -50),
        ("l3", "wu", "2026-07", "proposed", None, None),
    ):
        await asked.bench.rows(f"{PENALTY} RETURNING id", *line)
    everything = await asked.ask("/v1/penalties")
    assert [row["id"] for row in everything["items"]] == ["l3", "l2", "l1"]
    first = await asked.ask("/v1/penalties", limit=2)
    rest = await asked.ask("/v1/penalties", limit=2, cursor=first["next"])
    assert [row["id"] for row in rest["items"]] == ["l1"]
    (approved,) = (await asked.ask("/v1/penalties", state="approved", person="li", month="2026-06"))["items"]
    assert approved == {
        "id": "l2",
        "person": "li",
        "month": "2026-06",
        "pack": "cc02-archive",
        "edition": 1,
        "clause": "CC02-E1",
        "says": "",
        "clauses": ["CC02-E1", "CC02-E6a"],
        "case": "archive/X",
        "at": "2026-06-10T00:00:01+08:00",
        "counted_as": 3,
        "quantity": 1,
        "base": "50",
        "factor": 2,
        "amount": "100.00",
        "currency": "CNY",
        "cause_clause": "CC02-D1a",
        "cause_code": "breach",
        "cause_instance": "i",
        "evidence": [7, 9],
        "state": "approved",
        "decided_amount": "100",
        "adjustment": "-50",
        "line": "fine",
        "sanction": None,
        "days": None,
        "value": None,
        "low": None,
        "high": None,
        "shares": 1,
        "lacks": "",
        "bearers": [],
    }


async def test_penalties_as_csv_keep_money_as_it_is(asked: House) -> None:
    answer = await asked.http.get("/v1/penalties", params={"format": "csv", "state": "approved"})
    assert answer.text.split("\r\n")[1] == (
        "l2,li,2026-06,CC02-E1,,archive/X,2026-06-10 00:00:01+08:00,1,50,2,100.00,CNY,approved,100,-50,"
        "CC02-D1a,breach,i,CC02-E1 CC02-E6a,3,cc02-archive,1,7 9,fine,,,,,,1,,"
    )
