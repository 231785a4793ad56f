"""What operators look at: is it alive, can it answer, how far behind is it, what can be asked."""

import re
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import psycopg
import pytest

from asking import A_DAY, House, house, registered
from onrecord_projections import generation
from onrecord_services.api.app import serve
from onrecord_services.engines import Engines
from onrecord_services.settings import SettingMissing, Settings


@pytest.fixture
async def asked(engines: Engines) -> AsyncIterator[House]:
    async with house(engines) as made:
        await made.bench.project(A_DAY, registered("A", "07-11 08:00:00"))
        yield made


def value(metrics: str, name: str, tenant: str) -> float:
    """One sample of one tenant."""
    found = re.search(rf'^{name}{{[^}}]*tenant="{tenant}"}} (\S+)$', metrics, re.MULTILINE)
    assert found, f"{name} of {tenant} is not in the metrics"
    return float(found[1])


async def test_lag_is_what_the_log_has_and_the_rows_lack(asked: House) -> None:
    tenant = asked.bench.log.tenant
    assert value((await asked.http.get("/metrics")).text, "onrecord_projection_lag_events", tenant) == 0
    for name in ("B", "C", "D"):
        await asked.bench.log.append(registered(name, "07-11 09:00:00"))
    answer = await asked.http.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    metrics = answer.text
    assert value(metrics, "onrecord_projection_lag_events", tenant) == 3
    assert value(metrics, "onrecord_projection_position", tenant) == 2
    assert 'onrecord_engine_up{engine="nats"} 1.0' in metrics


async def test_requests_are_counted_by_route_not_by_address(asked: House) -> None:
    await asked.ask("/v1/cases/complaint/A")
    await asked.http.get("/v1/cases/complaint/none")
    metrics = (await asked.http.get("/metrics")).text
    name = 'onrecord_api_request_seconds_count{route="/v1/cases/{case_id}",status="%s"} 1.0'
    assert name % "200" in metrics
    assert name % "404" in metrics
    assert "complaint" not in metrics


async def test_a_projection_that_stopped_makes_us_unready_until_it_has_moved_on(asked: House) -> None:
    tenant = asked.bench.log.tenant
    await asked.bench.rows("INSERT INTO stopped VALUES (3, 'secret words', now()) RETURNING position")
    answer = await asked.http.get("/readyz")
    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert f"{tenant} stopped after position 2\n" in answer.text
    assert "secret" not in answer.text
    assert value((await asked.http.get("/metrics")).text, "onrecord_projection_stopped", tenant) == 1
    await asked.bench.project(registered("B", "07-11 09:00:00"))
    assert tenant not in (await asked.http.get("/readyz")).text


async def test_alive_needs_nobody_else(asked: House) -> None:
    assert (await asked.http.get("/healthz", headers={"authorization": ""})).status_code == httpx.codes.OK


async def test_broken_connections_are_replaced_while_a_question_waits(asked: House, engines: Engines) -> None:
    await asked.ask("/v1/cases")
    async with await psycopg.AsyncConnection.connect(
        engines.postgres_dsn("onrecord_reader"), autocommit=True
    ) as other:
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'onrecord api'"
        )
    assert len((await asked.ask("/v1/cases"))["items"]) == 1


async def test_readers_follow_when_another_generation_goes_live(asked: House) -> None:
    tenant, owner = asked.bench.log.tenant, asked.bench.owner
    assert len((await asked.ask("/v1/cases"))["items"]) == 1
    name = await generation.create(owner, tenant, asked.bench.log.epoch)
    before = await generation.activate(owner, tenant, name)
    assert before is not None
    await generation.drop(owner, before)
    body = await asked.ask("/v1/cases")
    assert (body["position"], body["items"]) == (0, [])


async def test_a_tenant_without_a_read_model_is_told_so(asked: House) -> None:
    await asked.bench.owner.execute("DELETE FROM control.active WHERE tenant = %s", (asked.bench.log.tenant,))
    status, detail = await asked.refused("/v1/cases")
    assert status == httpx.codes.SERVICE_UNAVAILABLE
    assert "has no read model" in detail


async def test_a_taken_port_is_named_instead_of_a_panic() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = {"ONRECORD_POSTGRES_URL": "postgresql://nobody@127.0.0.1:1/x", "ONRECORD_HTTP_PORT": str(port)}
        with pytest.raises(SettingMissing, match=f"port {port} .*ONRECORD_HTTP_PORT"):
            await serve(Settings(told))


async def test_the_openapi_document_is_whole(asked: House) -> None:
    """Structure only, by hand: 3.1, every reference leads somewhere, every operation can be called."""
    document = (await asked.http.get("/schema/openapi.json", headers={"authorization": ""})).json()
    assert document["openapi"].startswith("3.1")
    assert {"/v1/clocks", "/v1/cases/{case_id}", "/healthz", "/metrics"} <= document["paths"].keys()
    for reference in _references(document):
        _lookup(document, reference)
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for path, methods in document["paths"].items():
        (operation,) = methods.values()
        declared = {p["name"] for p in operation["parameters"] if p["in"] == "path"} if "{" in path else set()
        assert declared == set(re.findall(r"{(\w+)}", path))
        assert "200" in operation["responses"]
        for parameter in operation.get("parameters", ()):
            assert parameter["schema"], f"{path} {parameter['name']}"


async def test_the_openapi_document_is_valid_by_the_standard(asked: House) -> None:
    """With the reference validator, where it is installed."""
    validator = pytest.importorskip("openapi_spec_validator", reason="pip install openapi-spec-validator")
    validator.validate((await asked.http.get("/schema/openapi.json")).json())


async def test_the_document_describes_the_answers(asked: House) -> None:
    document = (await asked.http.get("/schema/openapi.json")).json()
    content = document["paths"]["/v1/clocks"]["get"]["responses"]["200"]["content"]["application/json"]
    answer = _lookup(document, content["schema"]["$ref"])
    assert set(answer["properties"]) == {"position", "watermark", "as_of", "known_at", "items", "next"}
    row = _lookup(document, answer["properties"]["items"]["items"]["$ref"])
    body = await asked.ask("/v1/clocks")
    assert set(row["properties"]) == set(body["items"][0])


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)


def _lookup(document: Any, reference: str) -> Any:
    node = document
    for step in reference.removeprefix("#/").split("/"):
        node = node[step.replace("~1", "/").replace("~0", "~")]
    return node
