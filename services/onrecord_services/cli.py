"""onrecord: the command line. Each command lives in `commands/`, or beside the part it drives.

A command's module is imported when the command is asked for: a service waits only for what it needs.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

COMMANDS = {
    "demo": "commands.demo:demo",
    "up": "commands.up:up",
    "run": "commands.run:run",
    "import": "commands.import_file:import_file",
    "simulate": "simulate.commands:simulate_command",
    "rebuild": "commands.rebuild:rebuild_command",
    "whatif": "commands.whatif:whatif_command",
    "report": "commands.report:report",
    "dispute": "commands.dispute:dispute",
    "schema": "commands.schema:schema",
    "rulebook": "commands.rulebook:rulebook_app",
    "tenant": "commands.admin:tenant_app",
    "key": "commands.admin:key_app",
    "payroll": "commands.payroll:payroll_app",
    "publisher": "commands.admin:publisher_app",
    "webhook": "commands.webhook:webhook_app",
    "mail": "commands.mail:mail_app",
}
"""Where each command is: a function, or a group of commands."""


class _Commands(Mapping[str, Any]):
    """Every command by its name, imported when it is looked at."""

    def __getitem__(self, name: str) -> Any:
        module, _, found = COMMANDS[name].partition(":")
        return _as_command(name, getattr(import_module(f"onrecord_services.{module}"), found))

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


def _as_command(name: str, found: Any) -> Any:
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
        alone.command(name)(found)
        return get_command(alone)
    around = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
    around.add_typer(found, name=name)
    return get_command(around).commands[name]  # type: ignore[attr-defined]  # of a group, a group


class _Group(TyperGroup):
    """`onrecord` itself."""

    def __init__(self, **said: Any) -> None:
        super().__init__(**said)
        self.commands: Any = _Commands()


app = typer.Typer(
    name="onrecord",
    cls=_Group,
    callback=lambda: None,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    help="留痕 · Every promise to a customer on record, judged by the policy that was in force.",
    epilog="Begin with `onrecord demo`. Settings of a site: `--data DIR` or ONRECORD_DATA.",
)


def main() -> None:
    """Console script."""
    app()


if __name__ == "__main__":
    main()
