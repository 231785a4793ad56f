"""Postman: mails a tenant's notices: inside the delivery window, a storm as one letter.

What somebody is to be told is queued from the log, by position; a letter takes everything that waits for him,
and after it nothing goes out for as long as the policy's digest says. Whoever dies between the mail server's
answer and our note of it sends the same letter again under the same Message-ID.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import AsyncConnection

from onrecord_events.alert import PolicySet, Raised
from onrecord_events.envelope import from_bytes
from onrecord_events.log import EventLog
from onrecord_projections import generation
from onrecord_projections.judging import Settings
from onrecord_services.notices import promises
from onrecord_services.notices.backoff import wait_after
from onrecord_services.notices.letter import Line, letter
from onrecord_services.notices.mailer import Mailer, NotSent
from onrecord_services.notices.metrics import Metrics
from onrecord_services.notices.rows import Rows
from onrecord_services.notices.window import is_open
from onrecord_services.vault import cursors, mail
from onrecord_services.vault.mail import Address

CLAIM = timedelta(minutes=2)
NOTICES_IN_A_LETTER_MAX = 5000
POSITIONS_AT_ONCE = 5000
READER = "mail"
_RAISED = (
    "SELECT position, recorded_at, raw FROM timeline WHERE position > %s AND position <= %s AND type = %s "
    "ORDER BY position"
)
_AT = "SELECT position, recorded_at, raw FROM timeline WHERE position = ANY(%s) ORDER BY position"

_log = logging.getLogger(__name__)


class Postman:
    """One tenant's letters."""

    def __init__(
        self,
        log: EventLog,
        rows: Rows,
        mailer: Mailer,
        clock: Callable[[], datetime],
        *,
        counted: Metrics | None = None,
        wait: Callable[[int], timedelta] = wait_after,
    ) -> None:
        self._log, self._rows, self._mailer, self._clock, self._wait = log, rows, mailer, clock, wait
        self._counted = counted or Metrics()
        self._position: int | None = None
        self._rules: tuple[int, Settings] = (0, Settings())
        """The rules, and the position of the newest decision in them."""

    async def round(self) -> int:
        """Queue what is new, send what may go out; how many letters went. Safe to repeat."""
        tenant, now = self._log.tenant, self._clock()
        async with self._rows.of(tenant) as rows:
            await self._queue(rows)
            waiting = await mail.due(rows, tenant, now)
            if not waiting:
                return 0
            policy = (await promises.regimes(rows))[-1].policy
            rules = await self._rules_in(rows)
        calendar = policy.window and policy.window.calendar and rules.calendar(policy.window.calendar, now)
        if "mail" not in policy.channels or not is_open(policy.window, now, calendar or None):
            return 0
        return sum([await self._write_to(address, policy, rules) for address in waiting])

    async def _rules_in(self, rows: AsyncConnection[Any]) -> Settings:
        cursor = await rows.execute("SELECT coalesce(max(position), 0) FROM policy")
        row = await cursor.fetchone()
        newest = row[0] if row else 0
        if newest != self._rules[0]:
            self._rules = (newest, await promises.settings(rows))
        return self._rules[1]

    async def _queue(self, rows: AsyncConnection[Any]) -> None:
        """Once a notice and recipient, however often this is done: the place moves with the rows."""
        tenant, epoch = self._log.tenant, self._log.epoch
        until = (await generation.held(rows)).checkpoint.position
        if self._position is None:
            after = await cursors.read(rows, tenant, READER, epoch)
            self._position = until if after is None else after
            await cursors.move(rows, tenant, READER, epoch, self._position)
        while self._position < until:
            end = min(until, self._position + POSITIONS_AT_ONCE)
            cursor = await rows.execute(_RAISED, (self._position, end, Raised.TYPE))
            raised = [from_bytes(raw, position, at) for position, at, raw in await cursor.fetchall()]
            async with rows.transaction():
                wanted = [(to, event.position) for event in raised for to in event.data["recipients"]]
                await mail.queue(rows, tenant, wanted)
                await cursors.move(rows, tenant, READER, epoch, end)
            self._position = end

    async def _write_to(self, address: Address, policy: PolicySet, rules: Settings) -> bool:
        """One letter with everything that waits for him; whether it went out."""
        now, tenant = self._clock(), self._log.tenant
        pause = timedelta(minutes=policy.digest_minutes)
        if address.last_sent_at is not None and now < address.last_sent_at + pause:
            return False
        async with self._rows.of(tenant) as rows:
            if not await mail.claim(rows, tenant, address, now + CLAIM):
                return False
            positions = await mail.waiting(rows, tenant, address.recipient, NOTICES_IN_A_LETTER_MAX)
            lines = await _lines(rows, positions, rules, address.lang)
        zone = ZoneInfo(rules.reading("r1.zone", now))
        try:
            await self._mailer.send(
                address.address, letter(lines, address.lang, zone), self._name(address, positions)
            )
        except NotSent as error:
            self._counted.mail(sent=False)
            _log.warning("tenant %s: a letter did not go out: %s", tenant, error)
            async with self._rows.vault() as rows:
                next_try_at = now + self._wait(address.failures + 1)
                await mail.failed(rows, tenant, address.recipient, next_try_at)
            return False
        self._counted.mail(sent=True)
        async with self._rows.vault() as rows:
            await mail.sent(rows, tenant, address.recipient, positions, now)
        return True

    def _name(self, address: Address, positions: Sequence[int]) -> str:
        """The same for the same letter."""
        said = f"{self._log.epoch}\0{address.recipient}\0{positions[0]}\0{positions[-1]}"
        return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


async def _lines(
    rows: AsyncConnection[Any], positions: Sequence[int], rules: Settings, lang: str
) -> list[Line]:
    cursor = await rows.execute(_AT, (list(positions),))
    lines = []
    for position, at, raw in await cursor.fetchall():
        event = from_bytes(raw, position, at)
        body = event.body()
        if isinstance(body, Raised):
            says = _says(rules, body, lang)
            line = Line(event.stream, body.case, body.clause, says, body.step, body.due_at, body.late)
            lines.append(line)
    return lines


def _says(rules: Settings, body: Raised, lang: str) -> str:
    """The clause in our own words."""
    book = rules.edition(body.pack, body.edition)
    clause = next((one for one in book.clause if one.id == body.clause), None) if book else None
    if clause is None:
        return ""
    return clause.says_zh if lang == "zh" else clause.says_en
