"""Bridge: the library calls and waits, the log is asynchronous. One thread and one connection a factory.

A call made on that very thread could never be answered, so it is refused at once instead of hanging.
"""

import asyncio
import concurrent.futures
import contextlib
import sys
import threading
import weakref
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import msgspec
from eventsourcing.persistence import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
)
from nats.errors import Error as NatsError

from onrecord_events.errors import (
    Conflict,
    EventError,
    IdentityConflict,
    OutOfOrder,
    PartlyKnown,
    UnreadableEvent,
)
from onrecord_events.wire import QuickReader, Refused, Wire

if sys.platform == "win32":
    from asyncio import new_event_loop
else:
    from uvloop import new_event_loop  # a fifth off the time of a save

CONNECT_S = 10.0
CLOSE_S = 5.0

T = TypeVar("T")
Work = Callable[[Wire], Coroutine[Any, Any, T]]


class Bridge:
    """Runs coroutines on its own thread. Connects at the first use; `close`, or being forgotten, ends it."""

    def __init__(
        self, servers: str, *, user_credentials: str | None = None, inbox_prefix: str = "_INBOX"
    ) -> None:
        self._options: dict[str, Any] = {
            "servers": servers.split(","),
            "user_credentials": user_credentials,
            "inbox_prefix": inbox_prefix,
            "name": "onrecord persistence",
            "max_reconnect_attempts": -1,
            "error_cb": _quietly,
        }
        self._loop = new_event_loop()
        self._connection = QuickReader()
        self._wire: Wire | None = None
        self._connecting = asyncio.Lock()
        self._working: set[asyncio.Task[Any]] = set()
        self._starting = threading.Lock()
        self._thread = threading.Thread(
            target=_serve, args=(self._loop,), name="onrecord-persistence", daemon=True
        )
        self._end = weakref.finalize(self, _end, self._loop, self._thread, self._connection, self._working)

    def run(self, work: Work[T]) -> T:
        """What `work` gives, or the library's own error for what it raises."""
        if threading.current_thread() is self._thread:
            raise ProgrammingError("called on the recorder's own event-loop thread: it would wait for itself")
        with translated():
            return self.start(work).result()

    def start(self, work: Work[T]) -> "concurrent.futures.Future[T]":
        """Begin `work` on the loop's thread. Cancelling the future cancels the work."""
        with self._starting:
            if not self._end.alive:
                raise InterfaceError("the infrastructure factory is closed")
            if not self._thread.is_alive():
                self._thread.start()
            return asyncio.run_coroutine_threadsafe(self._work(work), self._loop)

    def close(self) -> None:
        """End what runs, close the connection, end the thread. Closing twice is closing once."""
        with self._starting:
            self._end()

    async def _work(self, work: Work[T]) -> T:
        task = asyncio.current_task()
        assert task is not None
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        return await work(self._wire or await self._connected())

    async def _connected(self) -> Wire:
        async with self._connecting:
            if self._wire is None:
                try:
                    async with asyncio.timeout(CONNECT_S):
                        await self._connection.connect(**self._options)
                except TimeoutError:
                    raise OperationalError(f"no NATS server answered within {CONNECT_S:g} s") from None
                self._wire = Wire(self._connection)
        return self._wire


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


def _end(
    loop: asyncio.AbstractEventLoop,
    thread: threading.Thread,
    connection: QuickReader,
    working: set[asyncio.Task[Any]],
) -> None:
    """Also called when a bridge is forgotten, on whatever thread that happens, and when Python ends."""
    if not thread.is_alive():
        loop.close()
        return
    leaving = asyncio.run_coroutine_threadsafe(_leave(connection, working), loop)
    leaving.add_done_callback(lambda _: loop.call_soon_threadsafe(loop.stop))
    if threading.current_thread() is not thread:
        thread.join(CLOSE_S)


async def _leave(connection: QuickReader, working: set[asyncio.Task[Any]]) -> None:
    """Nothing may keep the thread: who still waits is told, a server that is away is not waited for."""
    tasks = list(working)
    for task in tasks:
        task.cancel()
    with contextlib.suppress(TimeoutError, NatsError, OSError):
        async with asyncio.timeout(CLOSE_S / 2):
            await asyncio.gather(*tasks, return_exceptions=True)
            await connection.close()
    await asyncio.get_running_loop().shutdown_asyncgens()


async def _quietly(_error: Exception) -> None:
    """A lost connection is told to whoever waits for an answer; nobody needs it printed as well."""


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """The library's words for our errors."""
    try:
        yield
    except (Conflict, IdentityConflict, PartlyKnown) as error:
        raise IntegrityError(str(error)) from error
    except (UnreadableEvent, OutOfOrder, msgspec.MsgspecError) as error:
        raise DataError(str(error)) from error
    except (EventError, Refused, NatsError, OSError) as error:
        raise OperationalError(f"{type(error).__name__}: {error}") from error
    except concurrent.futures.CancelledError:
        raise InterfaceError("the infrastructure factory was closed meanwhile") from None
