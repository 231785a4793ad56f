"""Mailer: a letter on its way over SMTP, encrypted. Blocking, so it runs in a thread of its own."""

import asyncio
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from onrecord_services.notices.letter import Letter

TIMEOUT_S = 20.0
_PORTS = {"smtps": 465, "smtp": 587}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class BadMailServer(ValueError):
    """The mail server is named in a way we cannot use; the words say why."""


class NotSent(Exception):
    """The mail did not go out. The words name no address."""


class MailServer(NamedTuple):
    """Where mail is handed in. `smtps` is encrypted from the start, `smtp` after STARTTLS."""

    scheme: str
    host: str
    port: int
    user: str
    password: str

    def __repr__(self) -> str:
        return f"MailServer({self.scheme}://{self.host}:{self.port})"

    @classmethod
    def of(cls, url: str) -> "MailServer":
        """`smtps://user:password@host:465`. Raises BadMailServer."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise BadMailServer(
                "ONRECORD_SMTP_URL is smtps://user:password@host:465 or smtp://... with STARTTLS"
            )
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme], user, password)


class Mailer:
    """Hands letters in, one connection each."""

    def __init__(self, server: MailServer, sender: str, trust: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._sender = sender
        self._trust = trust or ssl.create_default_context()

    async def send(self, to: str, letter: Letter, message_id: str) -> None:
        """It was taken by the server when this returns. Raises NotSent."""
        try:
            message = self._message(to, letter, message_id)
            await asyncio.to_thread(self._send, to, message)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise NotSent(f"{self._server.host}: {type(error).__name__}") from None

    def _message(self, to: str, letter: Letter, message_id: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["Subject"] = letter.subject
        message["From"] = self._sender
        message["To"] = Address(addr_spec=to)
        message["Message-ID"] = f"<{message_id}@{self._sender.rpartition('@')[2].rstrip('>')}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        return message

    def _send(self, to: str, message: EmailMessage) -> None:
        server = self._server
        if server.scheme == "smtps":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=TIMEOUT_S, context=self._trust
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
        with connection:
            if server.scheme == "smtp" and server.host not in _LOOPBACK:
                connection.starttls(context=self._trust)
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(message, to_addrs=[to])
