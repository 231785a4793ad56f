"""onrecord: the command line. Each command lives in `commands/`, or beside the part it drives."""

import typer

from onrecord_services.commands.admin import key_app, tenant_app
from onrecord_services.commands.rebuild import rebuild_command
from onrecord_services.commands.run import run
from onrecord_services.commands.schema import schema
from onrecord_services.commands.up import up

app = typer.Typer(
    name="onrecord",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    help="留痕 · Every promise to a customer on record, judged by the policy that was in force.",
    epilog="Begin with `onrecord demo`. Settings of a site: `--data DIR` or ONRECORD_DATA.",
)
app.command()(up)
app.command()(run)
app.command("rebuild")(rebuild_command)
app.command()(schema)
app.add_typer(tenant_app, name="tenant")
app.add_typer(key_app, name="key")


def main() -> None:
    """Console script."""
    app()


if __name__ == "__main__":
    main()
