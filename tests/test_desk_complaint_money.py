"""Compensation: who may promise how much, and under which clause; nobody gives what nobody promised."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from deciding import Desked, desked
from desk_ruled import NO, YES, hired, local, ruled, why
from onrecord_services.engines import Engines

TABLE = {"CC05-2.9-table": "general-manager>=5000, service-manager>=200, receiver>=0"}
DEALER, CHAIN = "cc05-dealer-complaints", "cc03-complaints"


@pytest.fixture
async def desk(engines: Engines, tmp_path: Path) -> AsyncIterator[Desked]:
    async with desked(engines, tmp_path, at=local("05-18 09:00:00")) as made:
        said: dict[str, Any] = {
            "complaint": "CP-1",
            "severity": "minor",
            "channel": "phone",
            "customer": "C-7",
        }
        await made.ask("complaint.register", "sun", **said)
        await hired(made, gm="general_manager", head="service_manager", sun="receiver")
        yield made


async def money(desk: Desked, name: str, by: str, amount: str) -> tuple[str, str | None, str | None]:
    return why(await desk.ask(f"complaint.{name}", by, complaint="CP-1", amount=amount))


async def test_the_sum_promised_decides_whose_word_is_needed(desk: Desked) -> None:
    await ruled(desk, DEALER, numbers=TABLE)
    over = (NO, "over-authority", "CC05-2.9-table")
    assert await money(desk, "promise-compensation", "sun", "100.00") == (
        NO,
        "compensation-not-approved",
        "CC05-2.9",
    )
    assert await money(desk, "ask-compensation", "sun", "100.00") == YES
    assert await money(desk, "promise-compensation", "sun", "199.99") == YES
    assert await money(desk, "promise-compensation", "sun", "0.01") == over
    assert await money(desk, "promise-compensation", "head", "4800.00") == YES
    assert await money(desk, "promise-compensation", "head", "0.01") == over
    assert await money(desk, "promise-compensation", "gm", "0.01") == YES
    promised = [event for event in await desk.stream("complaint/CP-1") if event.type.endswith("-promised")]
    assert [event.data for event in promised] == [
        {"amount": "199.99", "role": "receiver", "clause": "CC05-2.9-table", "edition": 1},
        {"amount": "4800.00", "role": "service-manager", "clause": "CC05-2.9-table", "edition": 1},
        {"amount": "0.01", "role": "general-manager", "clause": "CC05-2.9-table", "edition": 1},
    ]
    assert await money(desk, "compensate", "sun", "5000.00") == YES
    assert await money(desk, "compensate", "sun", "0.01") == (NO, "not-promised", "CC05-2.9-table")


async def test_who_may_promise_more_may_promise_less(desk: Desked) -> None:
    await ruled(desk, DEALER, numbers=TABLE)
    await money(desk, "ask-compensation", "sun", "1.00")
    assert await money(desk, "promise-compensation", "gm", "1.00") == YES
    assert await money(desk, "promise-compensation", "chen", "1.00") == (
        NO,
        "over-authority",
        "CC05-2.9-table",
    )


async def test_without_a_table_nobody_promises(desk: Desked) -> None:
    await ruled(desk, DEALER)
    assert await money(desk, "promise-compensation", "gm", "1.00") == (
        NO,
        "no-authority-table",
        "CC05-2.9-table",
    )


async def test_the_sales_rules_cap_what_anybody_may_promise(desk: Desked) -> None:
    await ruled(desk, CHAIN, numbers={"CC03-18": "500"})
    assert await money(desk, "promise-compensation", "gm", "500.01") == (NO, "over-the-limit", "CC03-18")
    assert await money(desk, "promise-compensation", "gm", "400.00") == YES
    assert await money(desk, "promise-compensation", "gm", "100.01") == (NO, "over-the-limit", "CC03-18")
    assert await money(desk, "compensate", "sun", "400.01") == (NO, "not-promised", "CC03-18-approved")
    assert await money(desk, "compensate", "sun", "400.00") == YES


async def test_where_no_policy_speaks_of_money_a_promise_is_still_one(desk: Desked) -> None:
    assert await money(desk, "compensate", "sun", "1.00") == (NO, "not-promised", None)
    answer = await desk.ask("complaint.promise-compensation", "sun", complaint="CP-1", amount="1.00")
    assert answer.events[0].data == {"amount": "1.00"}
    assert await money(desk, "compensate", "sun", "1.00") == YES
