"""A whole site as real processes: `onrecord up` on a folder of its own, killed, stopped and started again.

Linux: who is who is read from /proc, so what is found there also proves that nobody is left behind.
"""

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import httpx
from typer.testing import CliRunner, Result

from onrecord_services.cli import app
from onrecord_services.site import Site

READY = "Ctrl-C stops everything"
READY_S = 60.0
STOP_S = 40.0
SERVICES = ("intake", "desk", "projections", "clock", "notices", "api")
ENGINES = ("nats", "postgres")

T = TypeVar("T")


class SiteFailed(AssertionError):
    """The site did not do what it must; its own words are in the message."""


class SiteProcess:
    """One `onrecord up`. `key` is the first tenant's, printed at the first start."""

    def __init__(self, data: Path, output: Path) -> None:
        self.data = data
        self.key = ""
        self.link = ""
        self._output = output
        self._said_before = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "SiteProcess":
        """Start it and wait until it says that it is up."""
        self.launch()
        until(lambda: self._is_up() or None, READY_S, lambda: f"not up:\n{self.said[-3000:]}")
        if shown := re.search(r"shown this once: (\S+)", self.said):
            self.key = shown[1]
        if link := re.search(r"(http://\S+/\?key=\S+)", self.said):
            self.link = link[1]
        return self

    def launch(self, *more: str) -> subprocess.Popen[bytes]:
        """Start it and return at once."""
        self._said_before = self._output.stat().st_size if self._output.exists() else 0
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                up_argv(self.data, *more),
                stdout=output,
                stderr=output,
                env=environment(),
                start_new_session=True,
            )
        return self._process

    @property
    def said(self) -> str:
        """What this start said so far."""
        return self._output.read_bytes()[self._said_before :].decode(errors="replace")

    @property
    def all_said(self) -> str:
        """What every start said."""
        return self._output.read_text(errors="replace")

    @property
    def site(self) -> Site:
        """Its addresses."""
        return Site.find(self.data)

    @property
    def pid(self) -> int:
        """The one process a person sees."""
        assert self._process is not None, "it was started"
        return self._process.pid

    @property
    def pids(self) -> dict[str, int]:
        """Every service's and engine's own process id now; those between two lives are missing."""
        found = {}
        for pid in family(self.pid):
            if name := _role_of(pid):
                found[name] = pid
        return found

    @property
    def ages_s(self) -> dict[str, float]:
        """How long each of them has been running; whoever ends meanwhile has no age."""
        return {name: age_s for name, pid in self.pids.items() if (age_s := _age_s(pid)) is not None}

    def kill(self, name: str) -> bool:
        """SIGKILL one of them; False if it was not running just then."""
        pid = self.pids.get(name)
        if pid is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return True
        return False

    def kill_all(self) -> None:
        """SIGKILL everything at once: the person's process, keepers, services, engines."""
        everybody = [self.pid, *family(self.pid)]
        for pid in everybody:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._reap()
        until(lambda: not any(map(is_alive, everybody)) or None, STOP_S, lambda: "killed, but alive")

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Stop it as a person does, and prove that nobody stayed; the exit code."""
        everybody = family(self.pid)
        os.kill(self.pid, number)
        code = self._reap()
        left = [_words_of(pid) for pid in everybody if is_alive(pid)]
        if left:
            raise SiteFailed(f"left behind: {left}")
        return code

    def end(self) -> None:
        """Whatever happened before: nobody stays."""
        if self._process is None or self._process.poll() is not None:
            return
        with suppress(SiteFailed, subprocess.TimeoutExpired):
            self.stop()
            return
        self.kill_all()

    def client(self, *, intake: bool = False, **more: Any) -> httpx.Client:
        """A client of the API, or of intake, with the first tenant's key."""
        url = self.site.intake_url if intake else self.site.api_url
        return httpx.Client(base_url=url, headers={"authorization": f"Bearer {self.key}"}, timeout=15, **more)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run an `onrecord` command on this site's folder."""
        argv = [sys.executable, "-m", "onrecord_services.cli", *words, "--data", str(self.data)]
        return subprocess.run(
            argv, capture_output=True, text=True, timeout=120, check=False, env=environment()
        )

    def typed(self, *words: str) -> Result:
        """The same command without a process of its own, for what a test only needs done."""
        with ThreadPoolExecutor(1) as aside:  # a command has a loop of its own, and so may the test
            ran = aside.submit(CliRunner().invoke, app, [*words, "--data", str(self.data)])
            return ran.result(120)

    def _is_up(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise SiteFailed(f"ended with {self._process.returncode}:\n{self.said[-3000:]}")
        return READY in self.said

    def _reap(self) -> int:
        assert self._process is not None
        return self._process.wait(STOP_S)


@contextmanager
def site_on(folder: Path) -> Iterator[SiteProcess]:
    """A site in `folder`, not started; gone at the end, whatever happens in between."""
    running = SiteProcess(folder / "data", folder / "said.txt")
    try:
        yield running
    finally:
        running.end()


def up_argv(data: Path, *more: str) -> list[str]:
    """How a person starts it; ports are whatever is free unless `more` says otherwise."""
    return [sys.executable, "-m", "onrecord_services.cli", "up", "--data", str(data), *more]


def environment() -> dict[str, str]:
    """The process's own, so that lines come when they are said."""
    return os.environ | {"PYTHONUNBUFFERED": "1"}


def until(look: Callable[[], T | None], seconds_max: float, words: Callable[[], str]) -> T:
    """The first answer that is not None. Raises SiteFailed with `words` when it takes too long."""
    give_up_at = time.monotonic() + seconds_max
    while (found := look()) is None:
        if time.monotonic() > give_up_at:
            raise SiteFailed(f"{words()} (after {seconds_max:g} s)")
        select.select([], [], [], 0.02)
    return found


def _age_s(pid: int) -> float | None:
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    began_s = int(told[19]) / os.sysconf("SC_CLK_TCK")  # since the machine's own start (proc(5), field 22)
    return time.clock_gettime(time.CLOCK_BOOTTIME) - began_s


def family(pid: int) -> list[int]:
    """Every descendant of a process."""
    found = []
    for child in _children(pid):
        found += [child, *family(child)]
    return found


def is_alive(pid: int) -> bool:
    """Whether it runs; one that nobody has buried yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _children(pid: int) -> list[int]:
    found = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def _words_of(pid: int) -> list[str]:
    try:
        return [
            word.decode(errors="replace") for word in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        ]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _role_of(pid: int) -> str | None:
    """Which service or engine this is; None for keepers and for what an engine runs itself."""
    words = _words_of(pid)
    if not words or any("keeper.py" in word for word in words):
        return None
    if words[0].endswith("nats-server"):
        return "nats"
    if words[0].endswith("/postgres"):
        return "postgres"
    if "run" in words and "onrecord_services.cli" in words:
        return words[words.index("run") + 1]
    return None
