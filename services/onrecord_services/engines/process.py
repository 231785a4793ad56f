"""Kept processes: programs that end when we end, however we end."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from onrecord_services.engines.errors import EngineError

_KEEPER = Path(__file__).with_name("keeper.py")
_LOG_BYTES_MAX = 8_000_000
_MARGIN_SECONDS = 8.0  # the keeper's own bound on burying what the program left behind, and some


@dataclass(frozen=True)
class Rights:
    """As whom a program runs: as we do, or as another user who may still pass closed folders."""

    uid: int = -1
    pass_closed_folders: bool = False


@dataclass(frozen=True)
class Kept:
    """A program under its keeper. `pid` is the program's own."""

    name: str
    pid: int
    keeper: subprocess.Popen[bytes]
    stop_seconds: float

    @classmethod
    def start(
        cls,
        name: str,
        argv: Sequence[str],
        *,
        output: IO[bytes] | int,
        env: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        stop_seconds: float = 10.0,
        rights: Rights | None = None,
        hold: Sequence[int] = (),
    ) -> Self:
        """Start a program that cannot outlive us; it holds the given descriptors (locks) while it lives."""
        hear, report = os.pipe()
        try:
            keeper = subprocess.Popen(
                [*_keeper_argv(report, stop_signal, stop_seconds, rights or Rights()), *argv],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=env,
                pass_fds=[report, *hold],
                start_new_session=True,  # Ctrl-C in a terminal reaches us alone; we stop them in order
            )
        finally:
            os.close(report)
        with os.fdopen(hear, "rb") as answer:
            told = answer.readline()
        if not told:
            raise EngineError(f"{name} did not start: its keeper ended with {keeper.wait()}")
        return cls(name, int(told), keeper, stop_seconds)

    def exit_code(self) -> int | None:
        """None while it runs; then its exit code, or 128 plus the signal that ended it."""
        code = self.keeper.poll()
        if code is not None:
            self.ask_to_stop()  # nobody reads the pipe any more
        return code

    def finish(self, seconds_max: float) -> int:
        """Wait for a program that ends by itself; forced when it takes longer."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.keeper.wait(seconds_max)
        return self.stop()

    def ask_to_stop(self) -> None:
        """Returns at once, so that several can stop side by side."""
        if self.keeper.stdin is not None:
            self.keeper.stdin.close()

    def stop(self) -> int:
        """Stop within a bound: asked, then forced."""
        self.ask_to_stop()
        try:
            return self.keeper.wait(self.stop_seconds + _MARGIN_SECONDS)
        except subprocess.TimeoutExpired:
            self.keeper.kill()  # the program's death signal takes it along
            return self.keeper.wait()


def _keeper_argv(report: int, stop_signal: signal.Signals, stop_seconds: float, rights: Rights) -> list[str]:
    return [
        sys.executable, "-I", "-S", str(_KEEPER),
        str(report), str(int(stop_signal)), str(stop_seconds),
        str(rights.uid), "yes" if rights.pass_closed_folders else "no",
    ]  # fmt: skip


def open_log(path: Path) -> IO[bytes]:
    """A log to append to; one that has grown long is put aside first."""
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > _LOG_BYTES_MAX:
            path.replace(path.with_name(f"{path.name}.old"))
    return open(path, "ab", opener=_private)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
