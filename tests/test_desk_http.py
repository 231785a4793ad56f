"""The desk over HTTP: requests, refusals and papers as machines read them."""

import json
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest
from openapi_spec_validator import validate

from deciding import NOON, Desked, desked
from onrecord_services.api.pool import Pool
from onrecord_services.api.reads import Reads
from onrecord_services.desk.http_edge import make_http
from onrecord_services.desk.papers import Papers
from onrecord_services.engines import Engines
from onrecord_services.vault import api_keys
from onrecord_services.vault.keyring import KeyRing, from_postgres

TAKEN = {"complaint": "CP-1", "severity": "minor", "channel": "phone", "customer": "C-1"}


class House(NamedTuple):
    """A desk with its HTTP edge, and a client whose key may decide and read."""

    desk: Desked
    http: httpx.AsyncClient
    owner: psycopg.AsyncConnection[Any]

    async def ask(self, name: str, data: dict[str, Any], key: str = "", **headers: str) -> httpx.Response:
        body = {"by": "chen", "at": NOON.isoformat(), "data": data}
        said = {"Idempotency-Key": key or secrets.token_hex(8), **headers}
        return await self.http.post(f"/v1/commands/{name}", json=body, headers=said)

    async def key(self, *scopes: api_keys.Scope) -> str:
        name = f"k-{secrets.token_hex(4)}"
        return await api_keys.create(self.owner, self.desk.log.tenant, name, sources=["*"], scopes=scopes)


@pytest.fixture
async def house(engines: Engines, tmp_path: Path) -> AsyncIterator[House]:
    dsn = engines.postgres_dsn("onrecord_owner")
    async with (
        desked(engines, tmp_path, read_models=True) as desk,
        await psycopg.AsyncConnection.connect(dsn, autocommit=True) as owner,
    ):
        await api_keys.prepare(owner)
        keyring = KeyRing(from_postgres(engines.postgres_dsn("onrecord_reader")))
        pool = Pool(engines.postgres_dsn("onrecord_reader"))
        papers = Papers(desk.door._rooms, Reads(pool), pool, lambda: desk.at)

        async def why_not_ready() -> str | None:
            return None

        app = make_http(desk.door, papers, keyring, why_not_ready)
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # both mean ASGI
        async with httpx.AsyncClient(transport=transport, base_url="http://desk") as http:
            made = House(desk, http, owner)
            http.headers["Authorization"] = f"Bearer {await made.key('decide', 'read')}"
            yield made
        await pool.close()


async def test_a_request_is_decided_once_and_said_where_it_stands(house: House) -> None:
    first = await house.ask("complaint.register", TAKEN, "one-request")
    assert (first.status_code, first.json()["outcome"], first.json()["position"]) == (200, "decided", 1)
    again = await house.ask("complaint.register", TAKEN, "one-request")
    assert (again.json()["again"], again.json()["position"]) == (True, 1)
    assert await house.desk.types("complaint/CP-1") == ["complaint.registered"]


async def test_a_refusal_is_a_problem_with_its_reason_in_words(house: House) -> None:
    await house.ask("complaint.register", TAKEN)
    refused = await house.ask("complaint.register", TAKEN)
    told = refused.json()
    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
    assert told["type"] == "urn:onrecord:problem:decision-refused"
    assert (told["reason"], told["position"]) == ("registered-already", 2)
    assert told["why"] == {"en": "This number is on record.", "zh": "该编号已登记。"}


async def test_a_key_of_another_request_and_what_is_no_command_are_told_apart(house: House) -> None:
    await house.ask("complaint.register", TAKEN, "one-request")
    other = await house.ask("complaint.register", {**TAKEN, "severity": "major"}, "one-request")
    unknown = await house.ask("complaint.fly", TAKEN)
    unfit = await house.ask("complaint.register", {**TAKEN, "words": 7, "secret": "水管"})
    assert [other.status_code, unknown.status_code, unfit.status_code] == [409, 400, 400]
    assert other.json()["type"] == "urn:onrecord:problem:key-reused"
    assert "水管" not in unfit.text


async def test_a_key_without_the_scope_neither_decides_nor_reads(house: House) -> None:
    writes = {"Authorization": f"Bearer {await house.key('write')}"}
    nobody = {"Authorization": "Bearer onr_none"}
    decided = await house.ask("complaint.register", TAKEN, **writes)
    strange = await house.ask("complaint.register", TAKEN, **nobody)
    paper = await house.http.post("/v1/reports/due-list", json={"by": "chen"}, headers=writes)
    assert [decided.status_code, strange.status_code, paper.status_code] == [403, 401, 403]


async def test_every_command_is_listed_and_the_document_is_valid(house: House) -> None:
    listed = (await house.http.get("/v1/commands")).json()["commands"]
    document = (await house.http.get("/v1/openapi.json")).json()
    validate(document)
    paths = {path.removeprefix("/v1/commands/") for path in document["paths"]}
    assert paths == set(listed) >= {"complaint.register", "handover.offer", "payroll.export"}
    assert all(entry["about"] for entry in listed.values())


async def test_a_report_is_a_file_and_on_record(house: House) -> None:
    names = [report["name"] for report in (await house.http.get("/v1/reports")).json()["reports"]]
    assert "due-list" in names
    body = {"by": "chen", "format": "csv", "lang": "en"}
    made = await house.http.post("/v1/reports/due-list", json=body)
    assert (made.status_code, made.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert made.content.startswith(b"\xef\xbb\xbf")
    (event,) = await house.desk.stream("report/due-list")
    assert (event.type, event.actor, event.data["rows"]) == ("report.produced", "chen", 0)
    unknown = await house.http.post("/v1/reports/nothing", json=body)
    assert (unknown.status_code, "due-list" in unknown.json()["detail"]) == (400, True)


async def test_a_line_nobody_knows_has_no_pack(house: House) -> None:
    answer = await house.http.get("/v1/penalties/none/dispute")
    assert (answer.status_code, json.loads(answer.content)["title"] != "") == (404, True)
