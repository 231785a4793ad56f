"""onrecord run NAME: one service alone, against the engines its `ONRECORD_*` variables name."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from enum import StrEnum
from typing import Annotated, Any

import typer
import uvloop

from onrecord_services.commands.screen import fail
from onrecord_services.durability import NotDurable, word_on
from onrecord_services.settings import SettingMissing, Settings

_log = logging.getLogger(__name__)


class Service(StrEnum):
    """What can run alone."""

    INTAKE = "intake"
    DESK = "desk"
    PROJECTIONS = "projections"
    CLOCK = "clock"
    NOTICES = "notices"
    API = "api"


def run(name: Annotated[Service, typer.Argument(help="Which service.")]) -> None:
    """Run one service alone, in production form.

    Needs ONRECORD_NATS_URL and ONRECORD_POSTGRES_URL; intake, desk and api also ONRECORD_KEYS_DIR and, to
    listen elsewhere than on loopback, ONRECORD_HTTP_HOST and ONRECORD_HTTP_PORT. `deploy/README.md` has the
    whole.
    """
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stdout)
    try:
        Settings.from_environment().nats_url  # noqa: B018 (asked for to be told early)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_told(_SERVE[name]))
    except (SettingMissing, NotDurable) as refusal:
        fail(str(refusal))


async def _until_told(serve: Callable[[], Coroutine[Any, Any, None]]) -> None:
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wanted, task.cancel)
    try:
        await serve()
    except asyncio.CancelledError:
        _log.info("stopped")


async def _intake() -> None:
    _log.info(word_on(Settings.from_environment().nats_monitor_url))
    from onrecord_services.intake import app  # noqa: PLC0415 (one service, one import)

    await app.run(app.Settings.from_environment())


async def _desk() -> None:
    _log.info(word_on(Settings.from_environment().nats_monitor_url))
    from onrecord_services.desk import app  # noqa: PLC0415 (one service, one import)

    await app.serve(Settings.from_environment())


async def _projections() -> None:
    from onrecord_services.projector import app  # noqa: PLC0415 (one service, one import)

    await app.serve(Settings.from_environment())


async def _clock() -> None:
    from onrecord_services.clock import app  # noqa: PLC0415 (one service, one import)

    await app.serve(Settings.from_environment())


async def _notices() -> None:
    from onrecord_services.notices import app  # noqa: PLC0415 (one service, one import)

    await app.serve(Settings.from_environment())


async def _api() -> None:
    from onrecord_services.api import app  # noqa: PLC0415 (one service, one import)

    await app.serve(Settings.from_environment())


_SERVE = {
    Service.INTAKE: _intake,
    Service.DESK: _desk,
    Service.PROJECTIONS: _projections,
    Service.CLOCK: _clock,
    Service.NOTICES: _notices,
    Service.API: _api,
}
