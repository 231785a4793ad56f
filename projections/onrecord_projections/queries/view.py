"""View: one tenant's read models as they stand at one position; every question is asked of one.

All in one read-only snapshot, so rows, position and rules agree. Times come out on the walls of the tenant's
own zone. A view may be asked what was true at an instant (`as_of`), as known at another (`known_at`): then it
stands at the last position whose watermark lies there or before, with the rules as they were known there.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from psycopg import AsyncConnection, IsolationLevel

from onrecord_projections import generation, timeline
from onrecord_projections.judging import Settings
from onrecord_projections.judging.case import whole_second
from onrecord_projections.queries.answer import Answer, Page, cursor_of

SETTINGS_HELD_MAX = 256
EMPTY_AT = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for "now" where nothing was ever recorded."""

_STANDING = (
    "SELECT epoch, position, watermark, coalesce((SELECT max(position) FROM policy), 0) FROM checkpoint"
)
_STOOD = (
    "SELECT epoch, known.position, "
    "(SELECT max(watermark) FROM watermarks WHERE watermark <= %(at)s), "
    "coalesce((SELECT max(p.position) FROM policy p WHERE p.position <= known.position), 0) "
    "FROM checkpoint c, LATERAL (SELECT coalesce((SELECT min(w.position) - 1 FROM watermarks w "
    "WHERE w.watermark = (SELECT min(watermark) FROM watermarks WHERE watermark > %(at)s)), c.position) "
    "AS position) AS known"
)
"""The last position before the watermark passed an instant."""
Lang = Literal["en", "zh"]
T = TypeVar("T")


class Times(NamedTuple):
    """What was true at `as_of`, as known at `known_at`; None is now."""

    as_of: datetime | None = None
    known_at: datetime | None = None


NOW = Times()


@dataclass(frozen=True)
class View:
    """What a question sees, and the language its answer is in."""

    rows: AsyncConnection[Any]
    tenant: str
    lang: Lang
    position: int
    watermark: datetime | None
    settings: Settings
    zone: ZoneInfo
    times: Times = NOW
    _said: dict[tuple[str, int], dict[str, str]] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The watermark in whole seconds, as rules see time (R1); long ago while the log is empty."""
        return (self.watermark or EMPTY_AT).replace(microsecond=0)

    @property
    def at(self) -> datetime:
        """The instant the answer holds for, in whole seconds."""
        return self.now if self.times.as_of is None else whole_second(self.times.as_of)

    @property
    def timed(self) -> bool:
        """Whether a time was given: rows only know now, so the events are asked, or the journal."""
        return self.times != NOW

    def says(self, pack: str, edition: int, clause: str) -> str:
        """A clause in our own words; nothing if its edition is not adopted any more."""
        said = self._said.get((pack, edition))
        if said is None:
            book = self.settings.edition(pack, edition)
            said = {c.id: c.says_zh if self.lang == "zh" else c.says_en for c in book.clause} if book else {}
            self._said[pack, edition] = said
        return said.get(clause, "")

    def answer(self, page: Page[T]) -> Answer[T]:
        """These rows, with the position they were read at and the times they hold for."""
        as_of, known_at = (at and at.astimezone(self.zone) for at in self.times)
        return Answer(
            self.position,
            self.watermark,
            as_of or self.watermark,
            known_at,
            page.items,
            cursor_of(page.after),
        )

    async def fetch(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Every row of one statement."""
        cursor = await self.rows.execute(statement.encode(), parameters)
        return await cursor.fetchall()


class Views:
    """Opens views, and remembers the rules it has seen: they are folded once, not once a question."""

    def __init__(self) -> None:
        self._settings: OrderedDict[tuple[str, str, int], Settings] = OrderedDict()

    @asynccontextmanager
    async def open(
        self, connection: AsyncConnection[Any], tenant: str, lang: Lang = "en", times: Times = NOW
    ) -> AsyncIterator[View]:
        """A view, for as long as the block lasts. `connection` is in autocommit mode. Raises NoReadModel."""
        if connection.isolation_level != IsolationLevel.REPEATABLE_READ:
            await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
            await connection.set_read_only(True)
        async with connection.transaction():
            name = await generation.enter(connection, tenant)
            statement = _STANDING if times.known_at is None else _STOOD
            found = await (await connection.execute(statement, {"at": times.known_at})).fetchone()
            assert found is not None, "a generation is made with its checkpoint"
            epoch, position, watermark, ruled_at = found
            settings = await self._settings_at(connection, (name, epoch, ruled_at))
            zone = ZoneInfo(settings.reading("r1.zone", watermark or EMPTY_AT))
            if connection.info.timezone != zone:
                await connection.execute("SELECT set_config('TimeZone', %s, false)", (zone.key,))
            seen_at = watermark and watermark.astimezone(zone)
            yield View(connection, tenant, lang, position, seen_at, settings, zone, times)

    async def _settings_at(self, connection: AsyncConnection[Any], key: tuple[str, str, int]) -> Settings:
        held = self._settings.get(key)
        if held is None:
            held = Settings()
            for event in await timeline.of_policies(connection, until=key[2]):
                held = held.evolve(event)
            self._settings[key] = held
            while len(self._settings) > SETTINGS_HELD_MAX:
                self._settings.popitem(last=False)
        self._settings.move_to_end(key)
        return held
