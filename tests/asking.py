"""Builders for tests of the API: a tenant with rows, a key that reads them, the application over both."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx

from onrecord_events.envelope import New
from onrecord_services.api.app import make_app
from onrecord_services.api.metrics import Metrics
from onrecord_services.api.page.signing_in import OnceLink
from onrecord_services.api.pool import Pool
from onrecord_services.api.reads import Reads
from onrecord_services.engines import Engines
from onrecord_services.vault import api_keys
from onrecord_services.vault.keyring import KeyRing, from_postgres
from projecting import Bench, adopted, bench, said

LINK_WORD = "once-only"
PATIENCE_S = 2.0
A_DAY = adopted(
    """
pack = "one-day"
edition = 1
effective_from = 2026-01-01
calendar = "cn-state-council"
source = "made up for tests"
title = { en = "One day", zh = "一日" }

[[clause]]
id = "DAY"
kind = "clock"
cites = "1"
says_en = "Tell the customer how it stands within 24 hours."
says_zh = "二十四小时内告知进展。"
starts_on = "complaint.registered"
stops_on = "complaint.progress-shared"
measure = "elapsed"
target = "PT24H"
owner = "received_by"

[[clause.pause]]
cause = "customer"
begins_on = "complaint.customer-asked"
ends_on = "complaint.customer-answered"

[[clause.example]]
name = "told at the last second"
log = ["2026-07-11T08:00:00+08:00 complaint.registered severity=minor channel=phone customer=c received_by=l",
       "2026-07-12T08:00:00+08:00 complaint.progress-shared"]
as_of = "2026-07-20T00:00:00+08:00"
expect = "met, due 2026-07-12T08:00:00+08:00"
""",
    "one-day",
)
"""One promise: within a day, by whoever took the complaint; waiting for the customer does not count."""


def registered(case: str, when: str, **over: Any) -> New:
    """A minor complaint taken by Chen, unless said otherwise."""
    body = {"severity": "minor", "channel": "phone", "customer": "c-1", "received_by": "chen"} | over
    return said("complaint.registered", f"complaint/{case}", when, **body)


@dataclass
class House:
    """One tenant, asked over HTTP."""

    bench: Bench
    http: httpx.AsyncClient
    key: str

    async def ask(self, path: str, **query: Any) -> Any:
        """The answer's body; the question must be fine."""
        answer = await self.http.get(path, params=query)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    async def refused(self, path: str, **query: Any) -> tuple[int, str]:
        """Status and detail of the problem."""
        answer = await self.http.get(path, params=query)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        body = answer.json()
        assert body["status"] == answer.status_code
        assert body["type"].startswith("urn:onrecord:problem:")
        return answer.status_code, body["detail"]


@asynccontextmanager
async def house(engines: Engines) -> AsyncIterator[House]:
    """A fresh tenant, its reader's key in every request."""
    async with bench(engines) as made:
        await api_keys.prepare(made.owner)
        key = await api_keys.create(made.owner, made.log.tenant, "dashboard", sources=[], scopes=["read"])
        url = engines.postgres_dsn("onrecord_reader")
        pool = Pool(url)
        app = make_app(
            reads=Reads(pool, patience_s=PATIENCE_S),
            keyring=KeyRing(from_postgres(url)),
            measured=Metrics(pool, lambda: made.log._wire.connection),
            once_link=OnceLink(LINK_WORD, key),
        )
        transport = httpx.ASGITransport(cast("Any", app))
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers) as http:
            yield House(made, http, key)
        await pool.close()
