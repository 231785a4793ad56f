"""onrecord tenant | key | publisher: who is here, and who may hand in and read."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

import typer

from onrecord_services import tenants
from onrecord_services.commands.common import DEFAULT, Data, fail, out, owner_of, run, site_of
from onrecord_services.engines.nats import NatsServer
from onrecord_services.engines.permissions import inbox_prefix, publisher_user
from onrecord_services.site import Site
from onrecord_services.vault import api_keys

tenant_app = typer.Typer(no_args_is_help=True, help="Tenants: each has a log and read models of its own.")
publisher_app = typer.Typer(no_args_is_help=True, help="Systems that hand events in over NATS.")
key_app = typer.Typer(
    no_args_is_help=True, help="API keys: bound to one tenant and to the sources it may speak for."
)


@tenant_app.command("create")
def create_tenant(
    tenant: Annotated[str, typer.Argument(help="1-40 of a-z, 0-9 and -.")],
    data: Data = DEFAULT,
    clock: Annotated[
        str,
        typer.Option(help="server: recorded time is the log's. carried: it comes with the events. For ever."),
    ] = "server",
) -> None:
    """Make a tenant: its log, its read models."""
    if clock not in {"server", "carried"}:
        fail("--clock is server or carried")
    run(_create_tenant(site_of(data), tenant, "carried" if clock == "carried" else "server"))
    out.print(f"tenant {tenant} is there; `onrecord key create {tenant} NAME` makes a key for it")


@tenant_app.command("list")
def list_tenants(data: Data = DEFAULT) -> None:
    """Who is here."""
    for tenant in run(_list_tenants(site_of(data))):
        out.print(tenant)


@key_app.command("create")
def create_key(
    tenant: Annotated[str, typer.Argument(help="Whose key.")],
    name: Annotated[str, typer.Argument(help="Who will use it: the publisher's name.")],
    data: Data = DEFAULT,
    source: Annotated[
        list[str] | None, typer.Option(help="A source it may speak for; exact, or a prefix and *.")
    ] = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="write, read, decide; the first two if left out.")
    ] = None,
    person: Annotated[
        str | None, typer.Option(help="The one person who may decide with it; else its user vouches for who.")
    ] = None,
) -> None:
    """Make a key and show it, this once."""
    scopes = scope or (["read", "write"] if person is None else ["decide"])
    key = run(_create_key(site_of(data), tenant, name, source or ["*"], scopes, person))
    out.print(key, soft_wrap=True)


@key_app.command("revoke")
def revoke_key(tenant: str, name: str, data: Data = DEFAULT) -> None:
    """Take back every key of this name."""
    out.print(f"{run(_revoke(site_of(data), tenant, name))} taken back")


@publisher_app.command("add")
def add_publisher(
    tenant: Annotated[str, typer.Argument(help="Whose log it writes to.")],
    name: Annotated[str, typer.Argument(help="The system's name: letters, digits and -.")],
    data: Data = DEFAULT,
    source: Annotated[
        list[str] | None, typer.Option(help="A source it may speak for; exact, or a prefix and *.")
    ] = None,
) -> None:
    """Let a system hand in events over NATS; prints where it connects, publishes and listens."""
    site = site_of(data)
    run(_create_key(site, tenant, name, source or ["*"], ["write"]))
    try:
        user = publisher_user(tenant, name)
    except ValueError as error:
        fail(str(error))
    password = NatsServer(data / "nats").let_in(user)
    at = urlsplit(site.nats["reader"])
    out.print(f"url           nats://{user.name}:{password}@{at.hostname}:{at.port}", soft_wrap=True)
    out.print(f"request on    {user.publish[0]}")
    out.print(
        f"inbox prefix  {inbox_prefix(user)}   (the client's `inbox_prefix` option; answers come there)"
    )


async def _create_tenant(site: Site, tenant: str, clock: Literal["server", "carried"]) -> None:
    async with owner_of(site) as owner:
        await tenants.prepare(owner)
        await tenants.create(site.nats["operator"], owner, tenant, clock)


async def _list_tenants(site: Site) -> list[str]:
    async with owner_of(site) as owner:
        return await tenants.all_of(owner)


async def _create_key(
    site: Site, tenant: str, name: str, sources: list[str], scopes: list[str], person: str | None = None
) -> str:
    async with owner_of(site) as owner:
        try:
            return await api_keys.create(
                owner,
                tenant,
                name,
                sources=sources,
                scopes=scopes,  # type: ignore[arg-type]  # checked there
                person=person,
            )
        except api_keys.BadKeyRequest as error:
            fail(str(error))


async def _revoke(site: Site, tenant: str, name: str) -> int:
    async with owner_of(site) as owner:
        return await api_keys.revoke(owner, tenant, name)
