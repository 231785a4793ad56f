"""The feed on real engines and a real port: every event once, in order, from where the reader was."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from onrecord_services.api.app import serve
from onrecord_services.api.reads import Reads
from onrecord_services.api.routes import feed
from onrecord_services.engines import Engines
from onrecord_services.settings import Settings
from onrecord_services.vault import api_keys
from projecting import said
from telling import NOW, Office, complaint, live, office

WAIT_S = 20.0
Messages = AsyncIterator[dict[str, str]]


@dataclass
class House:
    """A tenant, asked over a real port."""

    desk: Office
    url: str
    key: str

    @asynccontextmanager
    async def feed(
        self, last: int | None = None, **query: Any
    ) -> AsyncIterator[AsyncIterator[dict[str, str]]]:
        """The messages of one connection."""
        headers = {"authorization": f"Bearer {self.key}"}
        if last is not None:
            headers["last-event-id"] = str(last)
        async with (
            httpx.AsyncClient(timeout=WAIT_S) as http,
            http.stream("GET", f"{self.url}/v1/feed", headers=headers, params=query) as answer,
        ):
            assert answer.status_code == httpx.codes.OK, await answer.aread()
            assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
            yield messages(answer.aiter_lines())


async def messages(lines: AsyncIterator[str]) -> Messages:
    """Field by field, as a browser reads them; comments are `":"`."""
    message: dict[str, str] = {}
    async for line in lines:
        if not line:
            yield message
            message = {}
            continue
        name, _, value = line.partition(":")
        message[name or ":"] = value.removeprefix(" ")


async def take(feed: Messages, count: int) -> list[tuple[int, str]]:
    """The next events: position and stream."""
    found: list[tuple[int, str]] = []
    async with asyncio.timeout(WAIT_S):
        while len(found) < count:
            message = await anext(feed)
            if "data" in message and "event" not in message:
                found.append((int(message["id"]), json.loads(message["data"])["subject"]))
    return found


@pytest.fixture
async def house(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(Reads.__init__, "__defaults__", (0.3,))  # nobody here waits for what does not come
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said_ = {
        "ONRECORD_POSTGRES_URL": engines.postgres_dsn("onrecord_reader"),
        "ONRECORD_NATS_URL": engines.nats_url("reader"),
        "ONRECORD_HTTP_PORT": str(port),
    }
    async with office(engines) as desk:
        key = await api_keys.create(desk.owner, desk.log.tenant, "reader", sources=[], scopes=["read"])
        serving = asyncio.create_task(serve(Settings(said_)))
        url = f"http://127.0.0.1:{port}"
        try:
            async with httpx.AsyncClient() as http, asyncio.timeout(WAIT_S):
                while True:
                    with suppress(httpx.TransportError):
                        if (await http.get(f"{url}/healthz")).status_code == httpx.codes.OK:
                            break
                    await asyncio.sleep(0.02)
            yield House(desk, url, key)
        finally:
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving


async def test_a_reader_that_comes_again_goes_on_where_it_was(house: House) -> None:
    await house.desk.project(*(complaint(f"A{nth}", 1) for nth in range(5)))
    async with house.feed(after=1) as feed_:
        assert await take(feed_, 3) == [(2, "complaint/A0"), (3, "complaint/A1"), (4, "complaint/A2")]
    await house.desk.project(complaint("B", 1))
    async with house.feed(last=4, after=1) as feed_:
        assert await take(feed_, 3) == [(5, "complaint/A3"), (6, "complaint/A4"), (7, "complaint/B")]
        await house.desk.project(complaint("C", 1))
        assert await take(feed_, 1) == [(8, "complaint/C")]


async def test_only_new_events_unless_told_otherwise_and_only_of_the_own_tenant(
    house: House, engines: Engines
) -> None:
    await house.desk.project(complaint("A", 1))
    async with office(engines) as other, house.feed() as feed_:
        await other.project(complaint("X", 1))
        await house.desk.project(complaint("B", 1))
        assert await take(feed_, 1) == [(3, "complaint/B")]


async def test_a_reader_of_some_types_resumes_behind_what_it_did_not_want(house: House) -> None:
    await house.desk.project(live(said("staff.joined", "person/p", NOW, person="p")), complaint("A", 1))
    await house.desk.project(live(said("staff.joined", "person/q", NOW, person="q")))
    async with house.feed(after=0, type="complaint.*") as feed_:
        assert await take(feed_, 1) == [(3, "complaint/A")]
        async with asyncio.timeout(WAIT_S):
            assert await anext(feed_) == {"id": "4", ":": ""}


async def test_an_idle_feed_beats_and_ends_in_time_with_a_word(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "HEARTBEAT_S", 0.2)
    monkeypatch.setattr(feed, "LIFE_S", 1.0)
    async with house.feed() as feed_, asyncio.timeout(WAIT_S):
        told = [message async for message in feed_]
    assert told[0] == {"retry": "2000"}
    assert {":": ""} in told
    assert told[-1] == {"event": "end", "data": '{"reason":"come-again","after":1}'}


async def test_a_reader_that_does_not_read_is_let_go_and_costs_no_memory(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of thirty megabytes a few are taken into buffers; then nothing more is read for him."""
    made = 0

    def large(*_: Any) -> bytes:
        nonlocal made
        made += 1
        return b'"' + b"x" * 100_000 + b'"'

    monkeypatch.setattr(feed, "SLOW_S", 0.5)
    monkeypatch.setattr(feed, "EVENTS_AT_ONCE", 5)
    monkeypatch.setattr(feed, "as_cloudevent", large)
    await house.desk.log.append_batch([complaint(f"A{nth}", 1) for nth in range(300)])
    await house.desk.project()
    with socket.create_connection(("127.0.0.1", int(house.url.rpartition(":")[2]))) as silent:
        asked = f"GET /v1/feed?after=0 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {house.key}\r\n\r\n"
        silent.sendall(asked.encode())
        await until(lambda: feed._Feed.open == 1)
        await until(lambda: feed._Feed.open == 0)
    assert 0 < made < 250


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not true():  # noqa: ASYNC110 (what it asks of announces nothing)
            await asyncio.sleep(0.02)


async def test_sealed_fields_stay_sealed(house: House) -> None:
    name = {"key": "0" * 32, "nonce": "AAAA", "ciphertext": "AAAA", "index": "1" * 32}
    await house.desk.project(live(said("staff.joined", "person/p", NOW, person="p", name=name)))
    async with house.feed(after=1) as feed_, asyncio.timeout(WAIT_S):
        await anext(feed_)
        message = await anext(feed_)
    assert json.loads(message["data"])["data"] == {"person": "p", "name": {"sealed": True}}


@pytest.mark.parametrize(
    ("query", "headers", "status", "name"),
    [
        ({"type": "complaint.exploded"}, {}, 400, "bad-question"),
        ({"after": -1}, {}, 400, "bad-question"),
        ({}, {"last-event-id": "x"}, 400, "bad-question"),
        ({"after": 10_000}, {}, 504, "not-there-yet"),
        ({}, {"authorization": "Bearer onr_nobody"}, 401, "no-key"),
    ],
)
async def test_what_cannot_be_followed_is_a_problem(
    house: House, query: dict[str, Any], headers: dict[str, str], status: int, name: str
) -> None:
    async with httpx.AsyncClient(timeout=WAIT_S) as http:
        own = {"authorization": f"Bearer {house.key}"} | headers
        answer = await http.get(f"{house.url}/v1/feed", params=query, headers=own)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:onrecord:problem:{name}")
