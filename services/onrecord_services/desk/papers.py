"""Papers: reports and dispute packs as files. A report goes on record before anybody has it."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from onrecord_events.envelope import New
from onrecord_events.report import Produced as ProducedEvent
from onrecord_projections.queries.view import View
from onrecord_services.api.pool import Pool
from onrecord_services.api.problems import unknown
from onrecord_services.api.reads import Reads
from onrecord_services.desk.envelope import SOURCE, Unfit
from onrecord_services.desk.penalty import dispute, dispute_paper
from onrecord_services.desk.room import Room, Rooms
from onrecord_services.problem import TurnedAway
from onrecord_services.reports.parameters import Parameters
from onrecord_services.reports.produce import produce
from onrecord_services.reports.sheet import Given, Lang, Mark, Personal
from onrecord_services.reports.shelf import REPORTS
from onrecord_services.vault.api_keys import ApiKey

Format = Literal["xlsx", "csv", "pdf"]
_Person = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\s\x00-\x1f\x7f]+$")]


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A report as it is asked for."""

    by: _Person
    """Who asks: it is on record."""
    format: Format = "xlsx"
    lang: Lang = "zh"
    asked: Parameters = Parameters()


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it is handed out."""

    name: str
    media_type: str
    content: bytes


class Papers:
    """Makes papers for whoever holds a key that reads."""

    def __init__(self, rooms: Rooms, reads: Reads, pool: Pool, now: Callable[[], datetime]) -> None:
        self._rooms, self._reads, self._pool, self._now = rooms, reads, pool, now

    def listed(self) -> list[Mapping[str, object]]:
        """Every report there is, and what it takes."""
        return [
            {
                "name": report.name,
                "title": {"en": report.title.en, "zh": report.title.zh},
                "form": report.number,
                "takes": report.takes.said(),
                "clauses": list(report.cites),
            }
            for report in REPORTS.values()
        ]

    async def report(self, key: ApiKey, name: str, raw: bytes) -> File:
        """One report. Raises Unfit, BadQuestion, and what the log and the rows raise."""
        try:
            wanted = msgspec.json.decode(raw, type=Wanted)
        except msgspec.MsgspecError as error:
            raise Unfit(str(error)) from None
        room = await self._rooms.of(key.tenant)

        async def append(stream: str, body: ProducedEvent) -> None:
            at = await room.now(self._now())
            await room.log.append(
                New.of(
                    body,
                    id=secrets.token_hex(16),
                    source=SOURCE + key.name,
                    stream=stream,
                    occurred_at=at,
                    recorded_at=room.recorded_at(at),
                    actor=wanted.by,
                )
            )

        async with self._pool.connection() as connection:
            made = await produce(
                connection,
                append,
                key.tenant,
                name,
                wanted.asked,
                wanted.format,
                wanted.lang,
                given=_marks(room),
            )
        return File(name=made.file_name, media_type=made.media_type, content=made.content)

    async def dispute(self, key: ApiKey, line: str, form: str, lang: Lang) -> File:
        """All that bears on one penalty line. Raises TurnedAway."""

        async def question(view: View) -> File:
            found = await dispute.pack(view, line)
            if found is None:
                raise TurnedAway(unknown(f"penalty line {line}"))
            if form == "json":
                return File(
                    name=f"dispute-{line}.json",
                    media_type="application/json",
                    content=dispute.as_json(found),
                )
            content = dispute_paper.as_pdf_bytes(found, view.zone, view.now, lang)
            return File(name=f"dispute-{line}.pdf", media_type="application/pdf", content=content)

        return await self._reads.ask(key.tenant, question, lang=lang)


def _marks(room: Room) -> Given:
    """Nothing is opened here; of whom the key is destroyed, the paper says so."""

    def mark(field: Personal) -> Mark:
        return Mark.SEALED if room.keys.key_if_any(str(field.sealed["key"])) else Mark.ERASED

    return mark
