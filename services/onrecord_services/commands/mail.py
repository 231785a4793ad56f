"""onrecord mail: which person or role is told of notices at which address."""

import re
from typing import Annotated

import typer

from onrecord_events.alert import RECIPIENT
from onrecord_services.commands.common import DEFAULT, Data, fail, out, owner_of, run, site_of
from onrecord_services.site import Site
from onrecord_services.vault import mail
from onrecord_services.vault.mail import Address

mail_app = typer.Typer(no_args_is_help=True, help="Mail: who is told of notices at which address.")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,250}")
Tenant = Annotated[str, typer.Argument(help="Whose notices.")]
Recipient = Annotated[str, typer.Argument(help="`person/<id>` or `role/<code>`, as notices name them.")]


@mail_app.command("set")
def set_(
    tenant: Tenant,
    recipient: Recipient,
    address: Annotated[str, typer.Argument(help="Where mail reaches him.")],
    data: Data = DEFAULT,
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
) -> None:
    """From now on he is told there; what came up before stays untold."""
    if not re.fullmatch(RECIPIENT, recipient):
        fail("a recipient is person/<id> or role/<code>")
    if not _ADDRESS.fullmatch(address):
        fail("that is no mail address")
    if lang not in {"zh", "en"}:
        fail("--lang is zh or en")
    run(_put(site_of(data), tenant, Address(recipient=recipient, address=address, lang=lang)))
    out.print(f"{recipient} is told by mail")


@mail_app.command("list")
def list_(tenant: Tenant, data: Data = DEFAULT) -> None:
    """Every recipient with his address."""
    for one in run(_of_tenant(site_of(data), tenant)):
        failing = f"  failed {one.failures} times" if one.failures else ""
        out.print(f"{one.recipient}  {one.address}  {one.lang}{failing}", markup=False, soft_wrap=True)


@mail_app.command("remove")
def remove(tenant: Tenant, recipient: Recipient, data: Data = DEFAULT) -> None:
    """Forget an address, and what was waiting for it."""
    if not run(_remove(site_of(data), tenant, recipient)):
        fail(f"tenant {tenant} has no address for {recipient}")
    out.print("removed")


async def _put(site: Site, tenant: str, address: Address) -> None:
    async with owner_of(site) as owner:
        await mail.put(owner, tenant, address)


async def _of_tenant(site: Site, tenant: str) -> list[Address]:
    async with owner_of(site) as owner:
        return await mail.of_tenant(owner, tenant)


async def _remove(site: Site, tenant: str, recipient: str) -> bool:
    async with owner_of(site) as owner:
        return await mail.remove(owner, tenant, recipient)
