"""Supervisor: the services of `onrecord up` as one process tree: kept up, stopped in order, never orphaned.

One thread, one loop. Children sit under keepers (`engines/process.py`), so they end even when we are killed.
"""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Protocol

from onrecord_services.engines.errors import EngineError
from onrecord_services.engines.process import Kept

_TICK_SECONDS = 0.05
_LINE_BYTES_MAX = 65_536
_SIGNAL_BASE = 128  # how a keeper reports that a signal ended its program


class Revivable(Protocol):
    """Engines, as far as a supervisor cares."""

    def revive(self) -> list[str]:
        """Start again what died; say what was done."""


@dataclass(frozen=True)
class Child:
    """One service: how it is started, and how we know that it works."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    ready: Callable[[], bool] | None = None
    """None: nobody waits for it."""


@dataclass(frozen=True)
class Patience:
    """How long we wait, and how often we try again."""

    ready_seconds_max: float = 60.0
    stop_seconds: float = 10.0
    quick_death_seconds: float = 10.0
    """A child that lived longer than this had started well: its earlier deaths are forgotten."""
    quick_deaths_max: int = 5
    backoff_seconds: float = 0.25
    """Doubled with every quick death."""


class GaveUpError(Exception):
    """Something will not stay up; the words say what and why."""


@dataclass
class _Running:
    child: Child
    kept: Kept
    started_at: float
    quick_deaths: int = 0
    begun_line: bytes = b""
    last_line: str = ""
    again_at: float | None = None

    @property
    def output(self) -> IO[bytes]:
        assert self.kept.keeper.stdout is not None
        return self.kept.keeper.stdout


class Supervisor:
    """Runs until it is told to stop (exit code 0) or something will not stay up (1)."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        engines: Revivable | None = None,
        say: Callable[[str], None] = print,
        patience: Patience | None = None,
        on_ready: Callable[[], None] | None = None,
    ) -> None:
        self._children = children
        self._engines = engines
        self._say = say
        self._patience = patience or Patience()
        self._on_ready = on_ready
        self._width = max((len(child.name) for child in children), default=0)
        self._running: list[_Running] = []
        self._engine_deaths: list[float] = []
        self._selector = selectors.DefaultSelector()
        self._told = False

    @property
    def pids(self) -> dict[str, int]:
        """The services' own process ids, by name."""
        return {running.child.name: running.kept.pid for running in self._running}

    def run(self) -> int:
        """Start all side by side, keep them up, stop all in reverse order. Call from the main thread."""
        with self._signals_heard():
            try:
                self._start_all()
                while not self._told:
                    self._tick()
            except GaveUpError as error:
                self._say(f"onrecord: {error}")
                return 1
            else:
                return 0
            finally:
                self._stop_all()

    @contextmanager
    def _signals_heard(self) -> Iterator[None]:
        """A signal ends the wait at once, instead of with the next tick."""
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(woken, False)
        before = {number: signal.signal(number, self._hear) for number in (signal.SIGINT, signal.SIGTERM)}
        fd_before = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._selector.register(woken, selectors.EVENT_READ, None)
        try:
            yield
        finally:
            signal.set_wakeup_fd(fd_before)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._selector.close()
            os.close(woken)
            os.close(wake)

    def _hear(self, number: int, _frame: object) -> None:
        self._told = True
        self._say(f"onrecord: stopping ({signal.Signals(number).name})")

    def _start_all(self) -> None:
        """Side by side: who leans on another waits for him by himself, as he does after a restart."""
        for child in self._children:
            running = _Running(child, self._start(child), time.monotonic())
            self._running.append(running)
            self._watch(running)
        for running in self._running:
            self._wait_until_ready(running)
        if self._on_ready is not None and not self._told:
            self._on_ready()

    def _start(self, child: Child) -> Kept:
        env = os.environ if child.env is None else child.env
        try:
            return Kept.start(
                child.name,
                child.argv,
                output=subprocess.PIPE,
                env={**env, "PYTHONUNBUFFERED": "1"},  # a line is passed on when it is said
                stop_seconds=self._patience.stop_seconds,
            )
        except (EngineError, OSError) as error:
            raise GaveUpError(f"{child.name} cannot be started: {error}") from error

    def _watch(self, running: _Running) -> None:
        os.set_blocking(running.output.fileno(), False)
        self._selector.register(running.output, selectors.EVENT_READ, running)

    def _wait_until_ready(self, running: _Running) -> None:
        give_up_at = time.monotonic() + self._patience.ready_seconds_max
        while running.child.ready is not None and not self._told and not running.child.ready():
            if time.monotonic() > give_up_at:
                raise GaveUpError(
                    f"{running.child.name} is not ready after {self._patience.ready_seconds_max:.0f} s; "
                    f"it said last: {running.last_line or 'nothing'}"
                )
            self._tick()

    def _tick(self) -> None:
        self._pump(_TICK_SECONDS)
        self._revive_engines()
        for running in self._running:
            if running.again_at is None:
                self._mourn(running)
            elif time.monotonic() >= running.again_at:
                self._start_again(running)

    def _mourn(self, running: _Running) -> None:
        """If it has ended, say so and decide when to start it again."""
        code = running.kept.exit_code()
        if code is None:
            return
        self._drain(running)
        name, lived_seconds = running.child.name, time.monotonic() - running.started_at
        quick = lived_seconds < self._patience.quick_death_seconds
        running.quick_deaths = running.quick_deaths + 1 if quick else 1
        how = _in_words(code)
        if running.quick_deaths >= self._patience.quick_deaths_max:
            raise GaveUpError(
                f"{name} {how}, {running.quick_deaths} times in a row soon after its start: giving up; "
                f"it said last: {running.last_line or 'nothing'}"
            )
        wait_seconds = self._patience.backoff_seconds * 2 ** (running.quick_deaths - 1)
        running.again_at = time.monotonic() + wait_seconds
        self._say(
            f"onrecord: {name} (process {running.kept.pid}) {how}; starting it again in {wait_seconds:g} s"
        )

    def _start_again(self, running: _Running) -> None:
        running.kept, running.started_at, running.again_at = (
            self._start(running.child),
            time.monotonic(),
            None,
        )
        self._watch(running)

    def _revive_engines(self) -> None:
        if self._engines is None:
            return
        try:
            said = self._engines.revive()
        except EngineError as error:  # it died again while it started: one more death, not the end
            said = [str(error)]
        for line in said:
            self._say(f"onrecord: {line}")
            self._engine_deaths.append(time.monotonic())
        soon = time.monotonic() - self._patience.quick_death_seconds
        self._engine_deaths = [at for at in self._engine_deaths if at > soon]
        if len(self._engine_deaths) >= self._patience.quick_deaths_max:
            raise GaveUpError("the engines do not stay up: see their logs in the data folder")

    def _pump(self, seconds_max: float) -> None:
        """Pass on what the children say, until there is nothing more for now."""
        for key, _ in self._selector.select(seconds_max):
            if key.data is None:
                os.read(key.fd, 4096)
            else:
                self._pass_on(key.data)

    def _pass_on(self, running: _Running) -> bool:
        """Whole lines, each with the child's name before it; False when nothing came."""
        try:
            read = os.read(running.output.fileno(), _LINE_BYTES_MAX)
        except BlockingIOError:
            return False
        if not read:
            self._selector.unregister(running.output)
            running.output.close()
            return False
        *lines, running.begun_line = (running.begun_line + read).split(b"\n")
        if len(running.begun_line) > _LINE_BYTES_MAX:
            lines, running.begun_line = [*lines, running.begun_line], b""
        for line in lines:
            self._print(running, line)
        return True

    def _print(self, running: _Running, line: bytes) -> None:
        running.last_line = line.decode(errors="replace").rstrip()
        self._say(f"{running.child.name:<{self._width}} | {running.last_line}")

    def _drain(self, running: _Running) -> None:
        """The last words, also those without an end of line."""
        while not running.output.closed and self._pass_on(running):
            pass
        if not running.output.closed:
            self._selector.unregister(running.output)
            running.output.close()
        if running.begun_line:
            self._print(running, running.begun_line)
            running.begun_line = b""

    def _stop_all(self) -> None:
        """The last started first: nobody loses what it leans on. Output is passed on meanwhile."""
        for running in reversed(self._running):
            running.kept.ask_to_stop()
            give_up_at = time.monotonic() + self._patience.stop_seconds
            while running.kept.exit_code() is None and time.monotonic() < give_up_at:
                self._pump(_TICK_SECONDS)
            running.kept.stop()
            self._drain(running)


def _in_words(code: int) -> str:
    if code > _SIGNAL_BASE:
        return f"was killed by {signal.Signals(code - _SIGNAL_BASE).name}"
    return f"ended with exit code {code}"
