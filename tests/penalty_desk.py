"""The penalty desk for tests: a dealer whose files come late, people with roles, and read models."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

import psycopg

from deciding import Desked, desked
from onrecord_events.envelope import New
from onrecord_projections import generation
from onrecord_projections.judging import shipped_rulebook
from onrecord_projections.runner import Runner
from onrecord_services.api.pool import Pool
from onrecord_services.api.reads import Reads
from onrecord_services.desk.answer import Answer
from onrecord_services.engines import Engines
from projecting import adopted, at, calendar, said

ROLES = {"zhao": "customer-director", "gao": "general-manager", "qian": "compliance", "sun": "supervisor"}
TELLING = at("04-01 09:00:00").astimezone(UTC)
"""When the lines of March are told of."""
CONFIRMING = at("04-08 09:00:00").astimezone(UTC)
"""The first instant after the seven days to object."""


class Office:
    """A tenant whose desk knows penalty lines. `desk.at` is the clock of whoever decides."""

    def __init__(self, desk: Desked, writer: psycopg.AsyncConnection[Any], name: str, reads: Reads) -> None:
        self.desk, self._writer, self._name, self.reads = desk, writer, name, reads

    async def hear(self, *events: New) -> None:
        """Events from elsewhere, carried into the read models."""
        for event in events:
            await self.desk.log.append(event)
        await self.catch_up()

    async def catch_up(self) -> None:
        """Carry everything in the log into the rows."""
        runner = Runner(self._writer, self.desk.log, self._name, live=True)
        await runner.begin()
        await runner.run(until=await self.desk.log.last_position(), events_max=500)

    async def lines(self) -> list[tuple[str, str, Any, Any, Any]]:
        """Every line: its id, state, amount, what was decided, and the adjustment; the oldest first."""
        return await self.rows(
            "SELECT id, state, amount, decided_amount, adjustment FROM penalties ORDER BY at, id"
        )

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query over the rows gives."""
        await generation.use(self._writer, self._name)
        return await (await self._writer.execute(query.encode())).fetchall()

    async def ask(self, what: str, by: str, **data: Any) -> Answer:
        """One decision, carried into the read models."""
        answer = await self.desk.ask(what, by, **data)
        await self.catch_up()
        return answer

    async def confirmed(self, line: str, amount: str, month: str = "2026-03") -> None:
        """A line told of on the 1st of April and confirmed on the 8th."""
        seen = {"line": line, "amount": amount, "month": month}
        self.desk.at = TELLING
        assert (await self.ask("penalty.notify", "sun", **seen)).outcome == "decided"
        self.desk.at = CONFIRMING
        assert (await self.ask("penalty.approve", "zhao", **seen)).outcome == "decided"


@asynccontextmanager
async def office(engines: Engines, tmp_path: Path) -> AsyncIterator[Office]:
    """CC02 in force, its director zhao, general manager gao, compliance officer qian, supervisor sun."""
    book, text = shipped_rulebook("cc02-archive")
    async with (
        desked(engines, tmp_path, at=TELLING, read_models=True) as desk,
        await psycopg.AsyncConnection.connect(
            engines.postgres_dsn("onrecord_writer"), autocommit=True
        ) as writer,
    ):
        pool = Pool(engines.postgres_dsn("onrecord_reader"))
        name = await generation.enter(writer, desk.log.tenant)
        made = Office(desk, writer, name, Reads(pool))
        staff = [
            said("role.assigned", f"person/{person}", "01-01 00:00:01", person=person, role=role)
            for person, role in ROLES.items()
        ]
        try:
            await made.hear(calendar(), adopted(text, book.pack, book.edition), *staff)
            yield made
        finally:
            await pool.close()


def late(*cars: str) -> list[New]:
    """Cars of li's, delivered day by day from the 13th of March, whose files are not in by the limit.

    The first costs 50 yuan (CC02-E1), from the second on twice that (CC02-E6a).
    """
    deliveries = [
        said("vehicle.delivered", f"archive/{car}", f"03-{13 + nth} 10:00:00", car=car, consultant="li")
        for nth, car in enumerate(cars)
    ]
    return [*deliveries, said("clock.ticked", "clock/tick", "03-27 00:00:00")]


def setting(name: str, value: str) -> New:
    """What the tenant decided, in force since long ago."""
    return said(
        "reading.set",
        f"setting/{name}",
        "03-31 00:00:00",
        id_=f"{name} {value}",
        reading=name,
        value=value,
        effective_at="2020-01-01T00:00:00+08:00",
    )


def wage(month: str, amount: str, person: str = "li", pay: str = "month-wage") -> New:
    """What payroll has on record."""
    body = {"person": person, "pay": pay, "month": month, "amount": amount}
    return said("pay.set", f"pay/{person}", "03-31 00:00:00", id_=f"{person} {month} {pay}", **body)
