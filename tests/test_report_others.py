"""Reports about penalties, promises, figures, repairs and visits, on real engines, with values by hand."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from onrecord_events.envelope import New
from onrecord_projections.judging import shipped_rulebook
from onrecord_projections.queries.errors import BadQuestion
from onrecord_services.engines import Engines
from projecting import adopted, at, calendar, said
from reporting import Desk, book_of, desk, pages_of

SEALED = {"key": "ab" * 16, "nonce": "AAAAAAAAAAAAAAAA", "ciphertext": "AAAA"}


def car(number: str, delivered: str, handed_over: str | None = None) -> list[New]:
    """A sold car and its papers: due at the end of the third working day after."""
    stream = f"archive/{number}"
    told = [said("vehicle.delivered", stream, delivered, car=number, consultant="li")]
    if handed_over:
        told.append(said("archive.handed-over", stream, handed_over, by="li"))
    return told


def march() -> list[New]:
    """Of three cars' papers one came two days late, one in time, and one is due on the first of April."""
    return [
        *car("V1", "03-13 10:00:00", "03-20 10:00:00"),
        *car("V2", "03-16 10:00:00", "03-18 10:00:00"),
        *car("V3", "03-27 10:00:00"),
        said("clock.ticked", "clock/tick", "03-30 09:00:00"),
    ]


def repairs_and_visits() -> list[New]:
    """A repair that did not please, a visit with its report, one without, and a plan."""
    ordered = {"customer": "c-1", "received_by": "chen", "building": "L01", "about": "lift"}
    called: dict[str, Any] = {
        "kind": "repair",
        "channel": "phone",
        "by": "chen",
        "satisfied": False,
        "remarks": SEALED,
    }
    visit: dict[str, Any] = {
        "kind": "visit",
        "direction": "out",
        "customer": "c-2",
        "staff": "wu",
        "summary": SEALED,
    }
    return [
        said("repair.ordered", "repair/R1", "03-02 09:00:00", **ordered),
        said("handover.offered", "repair/R1", "03-02 10:00:00", giver="zhao", taker="qian"),
        said("handover.accepted", "repair/R1", "03-02 10:05:00", giver="zhao", taker="qian"),
        said("repair.done", "repair/R1", "03-02 16:00:00", by="qian"),
        said("callback.made", "repair/R1", "03-03 09:00:00", **called),
        said("repair.defect-found", "repair/R1", "03-03 09:05:00"),
        said("interaction.logged", "visit/1", "03-04 10:00:00", **visit, about="care"),
        said("record.filed", "visit/1", "03-05 18:00:00", form="visit-report", by="wu"),
        said("approval.given", "visit/1", "03-06 09:00:00", kind="visit-report", step="review", by="sun"),
        said("interaction.logged", "visit/2", "03-10 10:00:00", **visit),
        said("record.filed", "plan/wu", "03-30 08:00:00", form="planned-visit", by="wu", customer="c-9",
             period="2026-04"),
        said("duty.done", "duty/vp", "03-30 08:10:00", duty="visit-plan", by="wu", period="2026-04"),
        said("approval.given", "duty/vp", "03-30 08:30:00", kind="visit-plan", step="review", by="sun"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
async def dealer(engines: Engines) -> AsyncIterator[Desk]:
    books = [shipped_rulebook(pack) for pack in ("cc02-archive", "cc17-visits", "rent-crm")]
    events = sorted([*march(), *repairs_and_visits()], key=lambda event: event.occurred_at)
    async with desk(engines) as made:
        rules = [adopted(text, book.pack, book.edition) for book, text in books]
        await made.bench.project(calendar(), *rules, *events)
        yield made


async def test_breaches_say_when_whose_and_how_late(dealer: Desk) -> None:
    rows = await dealer.rows("breaches", "en", period="2026-03")
    columns = ("Due", "Done", "Late by", "Case", "Owner", "Clause")
    assert [tuple(row[name] for name in columns) for row in rows] == [
        ("2026-03-12 23:59:59", "", "417:00:01", "visit/2", "wu", "CC17-3.4-1"),
        ("2026-03-18 23:59:59", "2026-03-20 10:00:00", "34:00:01", "archive/V1", "li", "CC02-D1a"),
        ("2026-03-18 23:59:59", "", "273:00:01", "archive/V2", "", "CC02-B5a"),
        ("2026-03-20 23:59:59", "", "225:00:01", "archive/V1", "", "CC02-B5a"),
    ]


async def test_the_due_list_begins_with_what_is_due_first(dealer: Desk) -> None:
    rows = await dealer.rows("due-list", "en", days=3)
    assert [(row["Due"], row["Left"], row["Case"], row["Clause"], row["State"]) for row in rows] == [
        ("2026-04-01 23:59:59", "62:59:59", "archive/V3", "CC02-D1a", "running"),
    ]
    assert await dealer.rows("due-list", "en", days=2) == []


async def test_another_instant_has_another_due_list(dealer: Desk) -> None:
    rows = await dealer.rows("due-list", "en", days=7, as_of=at("03-17 12:00:00"))
    assert [(row["Due"], row["Case"]) for row in rows if row["Clause"] == "CC02-D1a"] == [
        ("2026-03-18 23:59:59", "archive/V1"),
        ("2026-03-19 23:59:59", "archive/V2"),
    ]


async def test_archive_figures_come_with_their_counts(dealer: Desk) -> None:
    sheet = book_of((await dealer.report("archive-kpis", "xlsx", "en", period="2026-03")).content).worksheets[
        0
    ]
    names, *rows = [[cell.value for cell in row] for row in sheet.rows]
    found = [dict(zip(names, row, strict=True)) for row in rows]
    (sales,) = [
        row for row in found if (row["Figure"], row["Of"]) == ("CC02-E8", "CC02-D1a") and not row["Group"]
    ]
    assert (sales["Numerator"], sales["Denominator"], sales["Share"]) == (1, 2, 0.5)
    assert [row["Share"] for row in found if row["Denominator"] == 0] == [None] * 3
    assert len(await dealer.rows("kpis", period="2026-03")) > len(found)


async def test_the_notice_tells_one_person_what_is_proposed_and_why(dealer: Desk) -> None:
    fields = await dealer.fields("penalty-notice", "en", person="li", period="2026-03")
    told = dict(fields)
    assert {name: told[name] for name in ("Person", "Month", "Lines", "Proposed in all (CNY)")} == {
        "Person": "li",
        "Month": "2026-03",
        "Lines": "1",
        "Proposed in all (CNY)": "50.00",
    }
    assert (told["Clause"], told["Case"], told["State"]) == (
        "CC02-E1 (cc02-archive@2)",
        "archive/V1",
        "proposed",
    )
    by_line = await dealer.fields("penalty-notice", "en", line=told["Line"])
    assert by_line == fields
    (page, *_) = pages_of(
        (await dealer.report("penalty-notice", "pdf", person="li", period="2026-03")).content
    )
    assert "处罚告知单" in page
    assert "50.00" in page


async def test_before_it_was_known_there_is_no_line_to_notify(dealer: Desk) -> None:
    with pytest.raises(BadQuestion, match="person: li had no such penalty line in 2026-03"):
        await dealer.report("penalty-notice", person="li", period="2026-03", known_at=at("03-17 12:00:00"))


async def test_the_list_of_penalties_adds_up(dealer: Desk) -> None:
    made = await dealer.report("penalties", "xlsx", "en", period="2026-03")
    rows = [[cell.value for cell in row] for row in book_of(made.content).worksheets[0].rows]
    assert [(row[0], row[2], row[3], row[8], row[12]) for row in rows[1:]] == [
        ("li", "archive/V1", "CC02-E1", 50, "proposed")
    ]
    assert book_of(made.content)["Summary"]["B2"].value == Decimal(50)


async def test_the_work_order_goes_from_the_order_to_the_call_back(dealer: Desk) -> None:
    assert await dealer.fields("repair-order", "en", case="repair/R1") == [
        ("Work order", "repair/R1"),
        ("Ordered", "2026-03-02 09:00:00"),
        ("Customer", "c-1"),
        ("Building", "L01"),
        ("What is broken", "lift"),
        ("Taken by", "chen"),
        ("Handed on to", "qian"),
        ("Repaired by", "qian"),
        ("Finished", "2026-03-02 16:00:00"),
        ("Called back", "2026-03-03 09:00:00"),
        ("By", "chen"),
        ("Content", "no"),
        ("Remarks", "(sealed)"),
        ("Something unfinished found", "2026-03-03 09:05:00"),
    ]


async def test_a_visit_stands_with_the_report_that_followed_it(dealer: Desk) -> None:
    rows = await dealer.rows("visit-reports", "en", period="2026-03")
    columns = ("Visited", "Person", "Customer", "What was said", "Reported", "Reviewed by", "Broken clauses")
    assert [tuple(row[name] for name in columns) for row in rows] == [
        ("2026-03-04 10:00:00", "wu", "c-2", "(sealed)", "2026-03-05 18:00:00", "sun", ""),
        ("2026-03-10 10:00:00", "wu", "c-2", "(sealed)", "", "", "CC17-3.4-1"),
    ]


async def test_plans_stand_with_who_reviewed_them(dealer: Desk) -> None:
    rows = await dealer.rows("visit-plans", "en", period="2026-03")
    columns = ("What", "Handed in", "Person", "For", "Customer", "Case", "Reviewed", "Reviewed by")
    assert [tuple(row[name] for name in columns) for row in rows] == [
        ("a planned visit", "2026-03-30 08:00:00", "wu", "2026-04", "c-9", "plan/wu", "", ""),
        (
            "the month's plan",
            "2026-03-30 08:10:00",
            "wu",
            "2026-04",
            "",
            "duty/vp",
            "2026-03-30 08:30:00",
            "sun",
        ),
    ]
    assert await dealer.rows("visit-plans", period="2026-04") == []
