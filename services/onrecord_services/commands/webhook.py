"""onrecord webhook: who outside hears of which events, and what came of it."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import nats
import typer
from psycopg import AsyncConnection

from onrecord_events.log import EventLog
from onrecord_services.commands.common import DEFAULT, Data, fail, out, owner_of, run, site_of
from onrecord_services.notices import target
from onrecord_services.notices.signing import new_secret
from onrecord_services.outward import unknown_among
from onrecord_services.site import Site
from onrecord_services.vault import webhooks
from onrecord_services.vault.webhook_secrets import BadWebhookKey, SecretSealer
from onrecord_services.vault.webhooks import Webhook

webhook_app = typer.Typer(no_args_is_help=True, help="Webhooks: addresses that hear of events, signed.")
Tenant = Annotated[str, typer.Argument(help="Whose events.")]
Name = Annotated[str, typer.Argument(help="The webhook's id, as `onrecord webhook list` shows it.")]


@webhook_app.command("add")
def add(
    tenant: Tenant,
    url: Annotated[str, typer.Argument(help="Where to; https, or this machine.")],
    data: Data = DEFAULT,
    type_: Annotated[
        list[str] | None, typer.Option("--type", help="A type, or `area.*`; all if left out.")
    ] = None,
    after: Annotated[int | None, typer.Option(help="From after a position; from now on if left out.")] = None,
) -> None:
    """Send events there from now on; prints the id, and the secret that signs them, this once."""
    types = tuple(type_ or ())
    if (unknown := unknown_among(types)) is not None:
        fail(f"no event type {unknown!r}; `onrecord schema` lists the known ones")
    try:
        target.check(url)
    except target.BadTarget as error:
        fail(str(error))
    hook, secret = run(_add(site_of(data), tenant, url, types, after))
    out.print(f"id      {hook.id}\nsecret  {secret}", soft_wrap=True)


@webhook_app.command("rotate")
def rotate(
    tenant: Tenant,
    webhook: Name,
    data: Data = DEFAULT,
    overlap_hours: Annotated[
        float, typer.Option(min=0, max=24 * 30, help="How long the secret before goes on signing too.")
    ] = 24,
) -> None:
    """Another secret, shown this once; until the overlap ends each event bears a signature of either."""
    until = datetime.now(UTC) + timedelta(hours=overlap_hours) if overlap_hours else None
    secret = run(_rotate(site_of(data), tenant, webhook, until))
    if secret is None:
        fail(f"tenant {tenant} has no webhook {webhook}")
    counts = f"counts until {until:%Y-%m-%d %H:%M} UTC" if until else "counts no more"
    out.print(f"secret  {secret}\nthe one before {counts}", soft_wrap=True)


@webhook_app.command("list")
def list_(tenant: Tenant, data: Data = DEFAULT) -> None:
    """Every webhook: how far it is, and since when it fails."""
    for hook in run(_of_tenant(site_of(data), tenant)):
        standing = "takes events"
        if hook.disabled_at:
            standing = f"disabled at {hook.disabled_at:%Y-%m-%d %H:%M}"
        elif hook.failing_since:
            standing = f"fails since {hook.failing_since:%Y-%m-%d %H:%M}, {hook.failures} times"
        line = f"{hook.id}  {hook.position}  {' '.join(hook.types) or 'everything'}  {hook.url}  {standing}"
        out.print(line, markup=False, soft_wrap=True)


@webhook_app.command("log")
def log(
    tenant: Tenant,
    webhook: Name,
    data: Data = DEFAULT,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many tries.")] = 50,
) -> None:
    """What came of the newest tries, newest first."""
    for tried in run(_tries(site_of(data), tenant, webhook, limit)):
        at = tried.tried_at.strftime("%Y-%m-%d %H:%M:%S")
        line = f"{at}  {tried.position}  {tried.type}  {tried.message_id}  {tried.answer}  {tried.took_ms} ms"
        out.print(line, markup=False, soft_wrap=True)


@webhook_app.command("replay")
def replay(
    tenant: Tenant,
    webhook: Name,
    data: Data = DEFAULT,
    after: Annotated[
        int | None, typer.Option(min=0, help="Send again from after a position; where it stands if left out.")
    ] = None,
) -> None:
    """Go on at once, also if it was disabled; with `--after`, once more from there, under the same ids."""
    if not run(_rewind(site_of(data), tenant, webhook, after)):
        fail(f"tenant {tenant} has no webhook {webhook}")
    out.print("it goes on")


@webhook_app.command("remove")
def remove(tenant: Tenant, webhook: Name, data: Data = DEFAULT) -> None:
    """Forget it, its secret and its tries."""
    if not run(_remove(site_of(data), tenant, webhook)):
        fail(f"tenant {tenant} has no webhook {webhook}")
    out.print("removed")


async def subscribe(
    owner: AsyncConnection[Any],
    sealer: SecretSealer,
    log: EventLog,
    url: str,
    types: tuple[str, ...],
    after: int | None = None,
) -> tuple[Webhook, str]:
    """A new webhook of a tenant, and the secret that only this answer has in clear."""
    last, secret, id_ = await log.last_position(), new_secret(), f"wh-{secrets.token_hex(6)}"
    hook = Webhook(
        id=id_,
        tenant=log.tenant,
        url=url,
        types=types,
        secret_sealed=sealer.seal(log.tenant, id_, secret),
        epoch=log.epoch,
        position=last if after is None else min(after, last),
    )
    await webhooks.add(owner, hook)
    return hook, secret


def sealer_of(site: Site) -> SecretSealer:
    """What seals the secrets of a site; ends with words if its key cannot be used."""
    try:
        return SecretSealer.of_file(site.webhook_key_file)
    except BadWebhookKey as error:
        fail(str(error))


async def _add(
    site: Site, tenant: str, url: str, types: tuple[str, ...], after: int | None
) -> tuple[Webhook, str]:
    sealer = sealer_of(site)
    connection = await nats.connect(site.nats["reader"], name="webhook")
    try:
        log = await EventLog.open(connection, tenant)
        async with owner_of(site) as owner:
            return await subscribe(owner, sealer, log, url, types, after)
    finally:
        await connection.close()


async def _rotate(site: Site, tenant: str, id_: str, until: datetime | None) -> str | None:
    secret = new_secret()
    sealed = sealer_of(site).seal(tenant, id_, secret)
    async with owner_of(site) as owner:
        return secret if await webhooks.rotate(owner, tenant, id_, sealed, until) else None


async def _of_tenant(site: Site, tenant: str) -> list[Webhook]:
    async with owner_of(site) as owner:
        return await webhooks.of_tenant(owner, tenant)


async def _tries(site: Site, tenant: str, id_: str, limit: int) -> list[webhooks.Try]:
    async with owner_of(site) as owner:
        if id_ not in {hook.id for hook in await webhooks.of_tenant(owner, tenant)}:
            fail(f"tenant {tenant} has no webhook {id_}")
        return await webhooks.tries_of(owner, id_, limit)


async def _rewind(site: Site, tenant: str, id_: str, after: int | None) -> bool:
    async with owner_of(site) as owner:
        return await webhooks.rewind(owner, tenant, id_, after)


async def _remove(site: Site, tenant: str, id_: str) -> bool:
    async with owner_of(site) as owner:
        return await webhooks.remove(owner, tenant, id_)
