"""onrecord up: both engines and all services as one process tree on a data folder."""

import asyncio
import os
import secrets
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from psycopg import AsyncConnection

from onrecord_services import tenants
from onrecord_services.commands.common import DEFAULT, Data, err, fail, out, owner_of
from onrecord_services.engines import EngineError, Engines
from onrecord_services.site import Site, forget
from onrecord_services.supervisor import Child, Supervisor
from onrecord_services.vault import api_keys

PREFERRED_PORTS = (8480, 8481, 8482, 8483)
FIRST_TENANT = "main"
PAGE = "page"
OUTWARD = ("ONRECORD_SMTP_URL", "ONRECORD_SMTP_FROM", "ONRECORD_PRIVATE_TARGETS")


def up(
    data: Data = DEFAULT,
    intake_port: Annotated[int, typer.Option(help="Where events come in; 0: any free port.")] = 0,
    api_port: Annotated[
        int, typer.Option(help="Where questions and the page are answered; 0: any free port.")
    ] = 0,
    desk_port: Annotated[int, typer.Option(help="Where decisions are asked for; 0: any free port.")] = 0,
) -> None:
    """Start NATS JetStream, PostgreSQL and every service here, until Ctrl-C.

    Everything lives in the data folder: stop and start as you like, nothing acknowledged is lost. The first
    start makes a tenant `main` and prints a key for it; the key is shown once.
    """
    raise typer.Exit(serve(data, ports=(intake_port, api_port, desk_port), arrange=_arrange))


@dataclass(frozen=True)
class Arranged:
    """What a start has made ready: whose page the link opens, what else to say, what to do once all is up."""

    page_key: str
    lines: tuple[str, ...] = ()
    then: Callable[[], None] | None = None


Arrange = Callable[[Site], Coroutine[Any, Any, Arranged]]


def serve(data: Path, *, ports: tuple[int, int, int], arrange: Arrange) -> int:
    """Run the whole tree until told to stop; the exit code. `arrange` runs before any service does."""
    try:
        with (
            Engines.start(data) as engines,
            held_port(ports[0], PREFERRED_PORTS[0]) as intake_port,
            held_port(ports[1], PREFERRED_PORTS[1]) as api_port,
            held_port(ports[2], PREFERRED_PORTS[2]) as desk_port,
            held_port(0, PREFERRED_PORTS[3]) as notices_port,
        ):
            site = Site.of(
                engines,
                intake_port=intake_port,
                api_port=api_port,
                desk_port=desk_port,
                notices_port=notices_port,
            )
            arranged = asyncio.run(arrange(site))
            link_word = secrets.token_urlsafe(16)
            site.write(data)

            def announce() -> None:
                _announce(site, data, link_word, arranged.lines)
                if arranged.then:
                    arranged.then()

            try:
                services = children(site, link_word, arranged.page_key)
                supervisor = Supervisor(services, engines=engines, say=_say, on_ready=announce)
                return supervisor.run()
            finally:
                forget(data)
    except EngineError as error:
        fail(str(error))


def children(site: Site, link_word: str, page_key: str) -> list[Child]:
    """Every service with only what it needs to know."""
    base = {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")}
    keys = {"ONRECORD_KEYS_DIR": site.keys_dir}
    monitor = {"ONRECORD_NATS_MONITOR_URL": site.monitor_url}
    link = {"ONRECORD_LINK_WORD": link_word, "ONRECORD_LINK_KEY": page_key}
    return [
        _child("intake", base | keys | monitor, site, "intake", "onrecord_reader", site.intake_url),
        _child("desk", base | keys | monitor, site, "desk", "onrecord_reader", site.desk_url),
        _child("projections", base, site, "reader", "onrecord_writer", None),
        _child("clock", base, site, "clock", "onrecord_reader", None),
        _child("notices", base | _outward(site), site, "notices", "onrecord_notices", None),
        _child("api", base | keys | link, site, "reader", "onrecord_reader", site.api_url),
    ]


def _outward(site: Site) -> dict[str, str]:
    """What was said about mail and addresses outside, and what signs; only who sends hears it."""
    said = {name: os.environ[name] for name in OUTWARD if name in os.environ}
    port = {"ONRECORD_HTTP_PORT": site.notices_url.rpartition(":")[2]}
    return said | port | {"ONRECORD_WEBHOOK_KEY_FILE": str(site.webhook_key_file)}


def _child(name: str, env: dict[str, str], site: Site, user: str, role: str, url: str | None) -> Child:
    env = env | {"ONRECORD_NATS_URL": site.nats[user], "ONRECORD_POSTGRES_URL": site.postgres[role]}
    if url:
        env["ONRECORD_HTTP_PORT"] = url.rpartition(":")[2]
    argv = (sys.executable, "-m", "onrecord_services.cli", "run", name)
    return Child(name, argv, env=env, ready=(lambda: answers(f"{url}/healthz")) if url else None)


def answers(url: str) -> bool:
    """Whether something says 200 there."""
    try:
        with urllib.request.urlopen(url, timeout=0.5) as response:  # noqa: S310 (our own loopback address)
            return bool(response.status == 200)  # noqa: PLR2004 (HTTP OK)
    except (urllib.error.URLError, OSError):
        return False


async def _arrange(site: Site) -> Arranged:
    """Schemas, and on a fresh folder the first tenant with its key."""
    lines: tuple[str, ...] = ()
    async with owner_of(site) as owner:
        await tenants.prepare(owner)
        here = await tenants.all_of(owner)
        if not here:
            await tenants.create(site.nats["operator"], owner, FIRST_TENANT, "server")
            scopes: list[api_keys.Scope] = ["read", "write", "decide"]
            key = await api_keys.create(owner, FIRST_TENANT, "first", sources=["*"], scopes=scopes)
            lines = (f"key of tenant {FIRST_TENANT}, shown this once: {key}",)
        return Arranged(await page_key(owner, here[0] if here else FIRST_TENANT), lines)


async def page_key(owner: AsyncConnection[Any], tenant: str) -> str:
    """A key that only reads, for the page's link; the one of the start before is taken back."""
    await api_keys.revoke(owner, tenant, PAGE)
    return await api_keys.create(owner, tenant, PAGE, sources=[], scopes=["read"])


def _announce(site: Site, data: Path, link_word: str, lines: Sequence[str]) -> None:
    out.print(
        f"""
  events in      {site.intake_url}/v1/events
  decisions      {site.desk_url}/v1/commands
  questions      {site.api_url}/v1/clocks
  page           {site.api_url}/?key={link_word}   (this link opens it once)
  data folder    {data.resolve()}""",
        soft_wrap=True,
    )
    for line in lines:
        out.print(f"  {line}", soft_wrap=True)
    out.print("  Ctrl-C stops everything; start again on the same folder to go on.\n")


def _say(line: str) -> None:
    err.print(line, markup=False, soft_wrap=True)


@contextmanager
def held_port(told: int, wish: int) -> Iterator[int]:
    """The port asked for, else the usual one, else any free one; no other site here takes it meanwhile.

    Our HTTP server shares its port with whoever asks to share: two sites started at one time would find the
    same port free and get each other's requests. So a site keeps a name for its port, from before it listens.
    """
    port, name = _reserve((told,) if told else (wish, 0, 0, 0))
    with name:
        yield port


def _reserve(candidates: Sequence[int]) -> tuple[int, socket.socket]:
    for candidate in candidates:
        name = socket.socket(socket.AF_UNIX)
        try:
            port = _free(candidate)
            if sys.platform == "linux":  # a name without a file: gone with the process that holds it
                name.bind(f"\0onrecord-port-{port}")
        except OSError:
            name.close()
        else:
            return port, name
    raise EngineError(f"port {candidates[0]} is taken by another program: choose another, or leave it out")


def _free(port: int) -> int:
    """This port, or any if it is 0. Raises OSError if somebody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return int(probe.getsockname()[1])
