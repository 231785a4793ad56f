"""Sender: one message to one address, by a deadline, without following anybody anywhere."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import httpx

from onrecord_services.notices import signing, target
from onrecord_services.outward import MEDIA_TYPE

DEADLINE_S = 15.0
"""Of the whole exchange, however slowly the answer drips."""
ANSWER_BYTES_MAX = 65_536
_SECONDS_DIGITS_MAX = 6
GONE = 410


class Answer(NamedTuple):
    """What came of it."""

    words: str
    """The status, or what went wrong; fit for a table others read."""
    taken: bool
    gone: bool = False
    """Whoever answers there wants no more, ever."""
    asked_for: timedelta | None = None
    took_ms: int = 0


class Sender:
    """Keeps connections to those who answer."""

    def __init__(self, *, private: bool = False, deadline_s: float = DEADLINE_S) -> None:
        self._private = private
        self._deadline_s = deadline_s
        self._client = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=deadline_s)

    async def send(self, url: str, secrets: Sequence[str], message_id: str, body: bytes) -> Answer:
        """Post it, signed. Whatever happens is an answer."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._deadline_s):
                answer = await self._send(url, secrets, message_id, body)
        except TimeoutError:
            answer = Answer("no answer in time", taken=False)
        except target.BadTarget as error:
            answer = Answer(str(error), taken=False)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            answer = Answer(type(error).__name__, taken=False)
        return answer._replace(took_ms=int((time.monotonic() - began) * 1e3))

    async def close(self) -> None:
        """Let go of every connection."""
        await self._client.aclose()

    async def _send(self, url: str, secrets: Sequence[str], message_id: str, body: bytes) -> Answer:
        at = await target.resolve(url, private=self._private)
        headers = {
            "host": at.authority,
            "content-type": MEDIA_TYPE,
            "user-agent": "onrecord",
            **signing.headers(secrets, message_id, int(time.time()), body),
        }
        greeted = {"sni_hostname": at.host}
        async with self._client.stream(
            "POST", at.url, content=body, headers=headers, extensions=greeted
        ) as response:
            await _drain(response)
            said = response.headers.get("retry-after", "")
            asked_for = timedelta(seconds=int(said)) if _is_seconds(said) else None
            return Answer(
                str(response.status_code), response.is_success, response.status_code == GONE, asked_for
            )


async def _drain(response: httpx.Response) -> None:
    """What it says is of no interest, but a connection can be used again only once it is read."""
    size = 0
    async for part in response.aiter_raw():
        size += len(part)
        if size > ANSWER_BYTES_MAX:
            return


def _is_seconds(said: str) -> bool:
    return said.isascii() and said.isdigit() and len(said) <= _SECONDS_DIGITS_MAX
