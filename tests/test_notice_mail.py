"""Mail: inside its window, a storm as one letter, over TLS, to a real server; nothing personal in it."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from onrecord_events.alert import Window
from onrecord_projections.calendar import Calendar, shipped
from onrecord_services.engines import Engines
from onrecord_services.notices.letter import Line, letter
from onrecord_services.notices.mailer import BadMailServer, Mailer, MailServer, NotSent
from onrecord_services.notices.postman import Postman
from onrecord_services.notices.rows import Rows
from onrecord_services.notices.window import is_open, next_open
from onrecord_services.vault import mail
from onrecord_services.vault.mail import Address
from telling import HOUR, NOW, Office, complaint, office, wanted

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)


class Box:
    """What came in; `refuse`: how many to turn away first."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.refuse = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        if self.refuse:
            self.refuse -= 1
            return "451 later"
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append((envelope.rcpt_tos, message))
        return "250 taken"


class Server(Controller):
    """On any free port; its own probe would look for it at port 0."""

    def __init__(self, box: Box, context: ssl.SSLContext | None = None) -> None:
        super().__init__(box, hostname="127.0.0.1", port=0, ssl_context=context)

    def _trigger_server(self) -> None:
        with socket.create_connection(("127.0.0.1", port_of(self))):
            pass


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def server(box: Box) -> Iterator[Controller]:
    running = Server(box)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def mailer(server: Controller) -> Mailer:
    return Mailer(MailServer.of(f"smtp://127.0.0.1:{port_of(server)}"), "onrecord@example.com")


def port_of(server: Controller) -> int:
    assert isinstance(server.server, asyncio.Server)
    return int(server.server.sockets[0].getsockname()[1])


@pytest.fixture
async def desk(engines: Engines) -> AsyncIterator[Office]:
    async with office(engines) as made:
        await told_at(made, "person/chen", "chen@example.com", "en")
        yield made


async def told_at(desk: Office, recipient: str, address: str, lang: str) -> None:
    await mail.put(desk.owner, desk.log.tenant, Address(recipient=recipient, address=address, lang=lang))


def postman(desk: Office, mailer: Mailer) -> Postman:
    """A worker that has just started, and waits a minute after each failure."""
    rows = Rows(desk.postgres_url, "test")
    desk.rows.append(rows)
    return Postman(desk.log, rows, mailer, lambda: desk.now, wait=lambda _: MINUTE)


async def test_a_storm_is_one_letter_a_recipient_and_nothing_personal_is_in_it(
    desk: Office, mailer: Mailer, box: Box
) -> None:
    writer = postman(desk, mailer)
    await writer.round()
    await desk.project(wanted(), *(complaint(f"A{nth}", 6) for nth in range(30)))
    await desk.teller().round()
    await desk.project()
    assert await writer.round() == 1
    assert await writer.round() == 0
    ((to, message),) = box.mails
    assert to == ["chen@example.com"]
    assert message["Subject"] == "onrecord: 0 overdue, 30 due soon"
    text = message.get_content().replace("\r\n", "\n")
    assert text.count("50 % of the time is used; due ") == 30
    assert "complaint/A7\n  DAY Tell the customer how it stands within 24 hours.\n  notice alert/" in text
    assert "c-1" not in text
    assert "chen" not in text


async def test_what_comes_soon_after_a_letter_waits_for_the_next_one(
    desk: Office, mailer: Mailer, box: Box
) -> None:
    writer, teller = postman(desk, mailer), desk.teller()
    await writer.round()
    await desk.project(wanted(digest_minutes=15), complaint("A", 6))
    await teller.round()
    await desk.project(complaint("B", 6))
    assert await writer.round() == 1
    await teller.round()
    await desk.project()
    desk.now += 14 * MINUTE
    assert await writer.round() == 0
    desk.now += MINUTE
    assert await writer.round() == 1
    assert [message["Subject"] for _, message in box.mails] == ["onrecord: 0 overdue, 1 due soon"] * 2


async def test_outside_the_window_letters_wait_and_after_a_restart_they_go_once(
    desk: Office, mailer: Mailer, box: Box
) -> None:
    now = NOW.astimezone(SHANGHAI)
    shut = {"opens": (now + 2 * HOUR).strftime("%H:%M"), "closes": "23:59"}
    if now.hour >= 21:
        shut = {"opens": "00:30", "closes": now.strftime("%H:%M")}
    writer = postman(desk, mailer)
    await writer.round()
    await desk.project(wanted(window=shut), complaint("A", 6))
    await desk.teller().round()
    await desk.project()
    assert await writer.round() == 0
    opens_at = next_open(Window.model_validate(shut), desk.now)
    assert opens_at is not None
    desk.now = opens_at
    again = postman(desk, mailer)
    assert [await again.round(), await again.round(), await postman(desk, mailer).round()] == [1, 0, 0]
    assert len(box.mails) == 1


async def test_a_mail_server_that_is_away_gets_the_same_letter_later(
    desk: Office, mailer: Mailer, box: Box
) -> None:
    box.refuse = 2
    writer = postman(desk, mailer)
    await writer.round()
    await desk.project(wanted(), complaint("A", 6))
    await desk.teller().round()
    await desk.project()
    sent = []
    for _ in range(5):
        sent.append(await writer.round())
        desk.now += MINUTE
    assert sent == [0, 0, 1, 0, 0]


async def test_two_postmen_write_one_letter(desk: Office, mailer: Mailer, box: Box) -> None:
    first, second = postman(desk, mailer), postman(desk, mailer)
    await first.round()
    await desk.project(wanted(), complaint("A", 6))
    await desk.teller().round()
    await desk.project()
    async with first._rows.of(desk.log.tenant) as rows:
        await first._queue(rows)
        (address,) = await mail.due(rows, desk.log.tenant, desk.now)
        assert await mail.claim(rows, desk.log.tenant, address, desk.now + MINUTE)
        assert not await mail.claim(rows, desk.log.tenant, address, desk.now + MINUTE)
    assert await second.round() == 0
    desk.now += MINUTE
    assert await second.round() == 1
    assert len(box.mails) == 1


async def test_who_has_no_address_and_who_gets_one_later_is_not_told_of_the_past(
    desk: Office, mailer: Mailer, box: Box
) -> None:
    await mail.remove(desk.owner, desk.log.tenant, "person/chen")
    writer = postman(desk, mailer)
    await writer.round()
    await desk.project(wanted(), complaint("A", 6))
    await desk.teller().round()
    await desk.project()
    assert await writer.round() == 0
    await told_at(desk, "person/chen", "chen@example.com", "en")
    assert await writer.round() == 0
    assert box.mails == []


# The letter


def line(**over: Any) -> Line:
    said: dict[str, Any] = {
        "stream": "alert/00",
        "case": "complaint/A",
        "clause": "DAY",
        "says": "二十四小时内告知进展。",
        "step": "breach",
        "due_at": datetime(2026, 7, 12, tzinfo=UTC),
        "late": False,
    }
    return Line(**said | over)


def test_a_letter_is_in_the_language_of_its_reader() -> None:
    written = letter([line(), line(step="soon-80", late=True), line(step="escalation-2")], "zh", SHANGHAI)
    assert written.subject == "留痕:2 项超时,1 项即将到期"
    assert written.text == (
        "已超时,到期时间 2026-07-12 08:00\n  complaint/A\n  DAY 二十四小时内告知进展。\n  通知 alert/00\n\n"
        "已超时且无人确认(第 2 级上报),到期时间 2026-07-12 08:00\n"
        "  complaint/A\n  DAY 二十四小时内告知进展。\n  通知 alert/00\n\n"
        "时限已用 80%,到期时间 2026-07-12 08:00(本通知迟发)\n"
        "  complaint/A\n  DAY 二十四小时内告知进展。\n  通知 alert/00\n\n"
        "由留痕系统发送。详情请登录查看,邮件中不含个人信息。\n"
    )


def test_a_long_letter_counts_the_rest() -> None:
    written = letter([line(case=f"complaint/{nth}") for nth in range(250)], "en", SHANGHAI)
    assert written.text.count("Overdue since") == 200
    assert "and 50 more" in written.text
    assert written.subject == "onrecord: 250 overdue, 0 due soon"


# The window

NINE_TO_FIVE = Window.model_validate({"opens": "09:00", "closes": "17:00", "weekdays": [1, 2, 3, 4, 5]})


def wall(day: int, clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-07-{day:02}T{clock}:00").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("at", "then"),
    [
        pytest.param(wall(10, "08:59"), wall(10, "09:00"), id="friday-before-it-opens"),
        pytest.param(wall(10, "09:00"), wall(10, "09:00"), id="opening-is-open"),
        pytest.param(wall(10, "16:59"), wall(10, "16:59"), id="open"),
        pytest.param(wall(10, "17:00"), wall(13, "09:00"), id="closing-is-closed"),
        pytest.param(wall(11, "12:00"), wall(13, "09:00"), id="saturday"),
    ],
)
def test_the_window_is_on_the_walls_of_its_zone(at: datetime, then: datetime) -> None:
    assert is_open(NINE_TO_FIVE, at) == (at == then)
    assert next_open(NINE_TO_FIVE, at.astimezone(UTC)) == then


def test_a_calendar_closes_holidays() -> None:
    calendar = Calendar.parse(shipped("cn-state-council"))
    new_year = datetime(2026, 1, 1, 10, tzinfo=SHANGHAI)
    assert is_open(Window(), new_year)
    assert not is_open(Window(), new_year, calendar)
    opens_at = next_open(Window(), new_year, calendar)
    assert opens_at is not None
    assert opens_at.astimezone(SHANGHAI).date() == date(2026, 1, 4)


def test_no_window_is_always_open() -> None:
    assert is_open(None, wall(11, "03:00"))


# The way


def certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - HOUR)
        .not_valid_after(now + HOUR)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return folder / "crt", folder / "key"


async def test_over_tls_a_server_without_a_good_certificate_gets_nothing(tmp_path: Path, box: Box) -> None:
    crt, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(crt, key)
    server = Server(box, context)
    server.start()
    try:
        at = MailServer.of(f"smtps://localhost:{port_of(server)}")
        written = letter([line()], "en", SHANGHAI)
        with pytest.raises(NotSent, match="localhost: SSLCertVerificationError"):
            await Mailer(at, "onrecord@example.com").send("chen@example.com", written, "m1")
        assert box.mails == []
        trust = ssl.create_default_context(cafile=str(crt))
        await Mailer(at, "onrecord@example.com", trust).send("chen@example.com", written, "m1")
        assert box.mails[0][1]["Message-ID"] == "<m1@example.com>"
    finally:
        server.stop()


def test_a_mail_server_is_named_by_its_address() -> None:
    found = MailServer.of("smtps://u%40x:p%2Fw@mail.example:2465")
    assert tuple(found) == ("smtps", "mail.example", 2465, "u@x", "p/w")
    assert "p/w" not in repr(found)
    assert MailServer.of("smtp://mail.example").port == 587
    with pytest.raises(BadMailServer):
        MailServer.of("https://mail.example")
