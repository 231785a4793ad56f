"""What the commands share: the data folder option, the way to a running site, and how errors are told."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import psycopg
import typer
from psycopg import AsyncConnection

from onrecord_events.errors import EventError
from onrecord_projections.errors import ProjectionError
from onrecord_services.commands.screen import err, fail, out
from onrecord_services.door import TurnedAway
from onrecord_services.engines import EngineError
from onrecord_services.settings import SettingMissing
from onrecord_services.site import DEFAULT_DATA, NothingRuns, Site

Data = Annotated[Path, typer.Option(help="The data folder of `onrecord up`.", envvar="ONRECORD_DATA")]
DEFAULT = DEFAULT_DATA

__all__ = ["DEFAULT", "EXPECTED", "Data", "err", "fail", "out", "owner_of", "run", "site_of"]


def site_of(data: Path) -> Site:
    """The site that runs on the folder; ends with words on how to start one if there is none."""
    try:
        return Site.find(data)
    except NothingRuns as error:
        fail(str(error))


EXPECTED = (EventError, ProjectionError, EngineError, NothingRuns, SettingMissing, TurnedAway)
"""Trouble that a line tells better than a traceback."""

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; expected trouble is told in a line, not in a traceback."""
    try:
        return asyncio.run(work)
    except EXPECTED as error:
        fail(str(error))
    except psycopg.OperationalError:
        fail("PostgreSQL cannot be reached; does `onrecord up` still run?")


@asynccontextmanager
async def owner_of(site: Site) -> AsyncIterator[AsyncConnection[Any]]:
    """The owner's connection, for what changes schemas or keys."""
    connection = await psycopg.AsyncConnection.connect(site.postgres["onrecord_owner"], autocommit=True)
    try:
        yield connection
    finally:
        await connection.close()
