"""What a command says to a person. Apart from the rest, so that a service alone waits for nothing else."""

from typing import NoReturn

import typer
from rich.console import Console

err = Console(stderr=True, highlight=False)
out = Console(highlight=False)


def fail(words: str) -> NoReturn:
    """Say what went wrong and what to do, and end."""
    err.print(f"onrecord: {words}", style="red", markup=False)
    raise typer.Exit(2)
