"""onrecord: the command line. Each command lives in `commands/`, or beside the part it drives."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import typer

from onrecord_events.log import EventLog
from onrecord_services.commands.admin import key_app, publisher_app, tenant_app
from onrecord_services.commands.common import owner_of
from onrecord_services.commands.demo import demo
from onrecord_services.commands.dispute import dispute
from onrecord_services.commands.mail import mail_app
from onrecord_services.commands.payroll import payroll_app
from onrecord_services.commands.rebuild import rebuild_command
from onrecord_services.commands.report import report
from onrecord_services.commands.rulebook import rulebook_app
from onrecord_services.commands.run import run
from onrecord_services.commands.schema import schema
from onrecord_services.commands.up import up
from onrecord_services.commands.webhook import webhook_app
from onrecord_services.commands.whatif import whatif_command
from onrecord_services.door import Door, door
from onrecord_services.importing.commands import import_command
from onrecord_services.simulate.commands import simulate_command
from onrecord_services.site import Site
from onrecord_services.vault import api_keys


@asynccontextmanager
async def _into(tenant: str, /, *, data: Path) -> AsyncIterator[Door]:
    """The way into one tenant's log, with a key that lives as long as the import."""
    site = Site.find(data)
    operator = await nats.connect(site.nats["reader"], name="import")
    try:
        log = await EventLog.open(operator, tenant)
    finally:
        await operator.close()
    async with owner_of(site) as owner:
        name = f"import-{secrets.token_hex(4)}"  # of two imports at once, neither ends the other's key
        key = await api_keys.create(owner, tenant, name, sources=["*"], scopes=["write"])
        try:
            async with door(site.intake_url, key, log.clock) as way_in:
                yield way_in
        finally:
            await api_keys.revoke(owner, tenant, name)


app = typer.Typer(
    name="onrecord",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    help="留痕 · Every promise to a customer on record, judged by the policy that was in force.",
    epilog="Begin with `onrecord demo`. Settings of a site: `--data DIR` or ONRECORD_DATA.",
)
app.command()(demo)
app.command()(up)
app.command()(run)
app.command("import")(import_command(_into))
app.command("simulate")(simulate_command)
app.command("rebuild")(rebuild_command)
app.command("whatif")(whatif_command)
app.command()(report)
app.command()(dispute)
app.command()(schema)
app.add_typer(rulebook_app, name="rulebook")
app.add_typer(tenant_app, name="tenant")
app.add_typer(key_app, name="key")
app.add_typer(payroll_app, name="payroll")
app.add_typer(publisher_app, name="publisher")
app.add_typer(webhook_app, name="webhook")
app.add_typer(mail_app, name="mail")


def main() -> None:
    """Console script."""
    app()


if __name__ == "__main__":
    main()
