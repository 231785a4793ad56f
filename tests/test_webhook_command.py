"""`onrecord webhook` and `onrecord mail` on a running site: the secret is shown once, and nothing else is."""

import asyncio
import re
import secrets
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from onrecord_services import tenants
from onrecord_services.cli import app
from onrecord_services.engines import Engines
from onrecord_services.site import Site

RUN = CliRunner()


@pytest.fixture
def tenant(engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A tenant of a site that the commands find by their data folder."""
    name = f"t{secrets.token_hex(5)}"

    async def make() -> None:
        async with await psycopg.AsyncConnection.connect(
            engines.postgres_dsn("onrecord_owner"), autocommit=True
        ) as owner:
            await tenants.prepare(owner)
            await tenants.create(engines.nats_url("operator"), owner, name, "server")

    asyncio.run(make())
    Site.of(engines, intake_port=1, api_port=1, desk_port=1).write(tmp_path)
    monkeypatch.setenv("ONRECORD_DATA", str(tmp_path))
    return name


def said(*words: str, fails: bool = False) -> str:
    result = RUN.invoke(app, list(words))
    assert (result.exit_code != 0) == fails, result.output
    return result.output


def test_a_webhook_is_added_listed_replayed_and_removed(tenant: str) -> None:
    added = said("webhook", "add", tenant, "https://example.com/hook", "--type", "complaint.*")
    found = re.search(r"id +(wh-[0-9a-f]{12})\nsecret +(whsec_\S+)", added)
    assert found is not None
    id_, secret = found.groups()
    listed = said("webhook", "list", tenant)
    assert listed == f"{id_}  0  complaint.*  https://example.com/hook  takes events\n"
    assert secret not in listed
    assert said("webhook", "log", tenant, id_) == ""
    assert said("webhook", "replay", tenant, id_, "--after", "0") == "it goes on\n"
    rotated = said("webhook", "rotate", tenant, id_)
    assert re.fullmatch(
        r"secret  whsec_\S+\nthe one before counts until 20\d\d-\d\d-\d\d \d\d:\d\d UTC\n", rotated
    )
    assert secret not in rotated
    assert said("webhook", "rotate", tenant, id_, "--overlap-hours", "0").endswith("counts no more\n")
    said("webhook", "remove", tenant, id_)
    assert "has no webhook" in said("webhook", "rotate", tenant, id_, fails=True)
    assert said("webhook", "list", tenant) == ""
    assert "has no webhook" in said("webhook", "replay", tenant, id_, fails=True)
    assert "has no webhook" in said("webhook", "log", tenant, id_, fails=True)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("http://example.com/",), "only https"),
        (("https://example.com/", "--type", "complaint.exploded"), "no event type"),
    ],
)
def test_what_cannot_be_added_is_told_why(tenant: str, words: tuple[str, ...], why: str) -> None:
    assert why in said("webhook", "add", tenant, *words, fails=True)


def test_a_damaged_key_is_told_in_a_line(tenant: str, engines: Engines, tmp_path: Path) -> None:
    here = Site.of(engines, intake_port=1, api_port=1, desk_port=1)
    keys = tmp_path / "damaged"
    keys.mkdir()
    (keys / "webhooks.key").write_bytes(b"short")
    replace(here, keys_dir=str(keys)).write(tmp_path)
    told = said("webhook", "add", tenant, "https://example.com/", fails=True)
    assert "webhooks.keyisdamaged" in "".join(told.split())


def test_another_tenant_cannot_touch_it(tenant: str) -> None:
    added = said("webhook", "add", tenant, "https://example.com/hook")
    id_ = re.search(r"wh-[0-9a-f]{12}", added)
    assert id_ is not None
    assert "has no webhook" in said("webhook", "remove", "another", id_[0], fails=True)


def test_an_address_is_set_listed_and_removed(tenant: str) -> None:
    said("mail", "set", tenant, "role/supervisor", "desk@example.com", "--lang", "en")
    said("mail", "set", tenant, "role/supervisor", "front@example.com", "--lang", "zh")
    assert said("mail", "list", tenant) == "role/supervisor  front@example.com  zh\n"
    said("mail", "remove", tenant, "role/supervisor")
    assert said("mail", "list", tenant) == ""


@pytest.mark.parametrize(
    "words",
    [
        ("chen", "chen@example.com"),
        ("person/chen", "chen"),
        ("person/chen", "chen@example.com", "--lang", "fr"),
        ("person/chen", "a@example.com\nBcc: b@example.com"),
    ],
)
def test_what_is_no_recipient_or_no_address_is_refused(tenant: str, words: tuple[str, ...]) -> None:
    said("mail", "set", tenant, *words, fails=True)
