"""The process tree of `onrecord up`, on real processes."""

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from onrecord_services.engines.errors import EngineError
from onrecord_services.engines.process import Kept
from onrecord_services.supervisor import Child, Patience, Supervisor

SOON = Patience(
    ready_seconds_max=5, stop_seconds=2, quick_death_seconds=60, quick_deaths_max=3, backoff_seconds=0.01
)
WAITS = "import signal; print('here', flush=True); signal.pause()"


def child(name: str, program: str, **more: object) -> Child:
    return Child(name, [sys.executable, "-c", program], **more)  # type: ignore[arg-type]


class Said:
    """Collects what a supervisor says; does something when it has said a certain thing."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._then: list[tuple[str, Callable[[], None]]] = []

    def when(self, part: str, act: Callable[[], None]) -> None:
        self._then.append((part, act))

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        if self._then and self._then[0][0] in line:
            self._then.pop(0)[1]()


def tell_to_stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(holds: Callable[[], bool], seconds_max: float = 15.0) -> bool:
    give_up_at = time.monotonic() + seconds_max
    while not holds():
        if time.monotonic() > give_up_at:
            return False
        select.select([], [], [], 0.01)
    return True


def test_lines_carry_the_name_of_the_child() -> None:
    said = Said()
    said.when("b      | two", tell_to_stop)
    children = [
        child("intake", WAITS),
        child("b", "print('one\\ntwo', flush=True); import signal; signal.pause()"),
    ]
    assert Supervisor(children, say=said, patience=SOON).run() == 0
    assert {"intake | here", "b      | one", "b      | two", "onrecord: stopping (SIGTERM)"} == set(
        said.lines
    )


def test_children_start_side_by_side_and_are_all_ready_once_that_is_said(tmp_path: Path) -> None:
    mark = tmp_path / "ready"
    first = child("first", WAITS, ready=mark.exists)
    second = child("second", f"open({str(mark)!r}, 'w').close(); {WAITS}")
    ready: list[bool] = []

    def on_ready() -> None:
        ready.append(mark.exists())
        tell_to_stop()

    said = Said()
    assert Supervisor([first, second], say=said, patience=SOON, on_ready=on_ready).run() == 0, said.lines
    assert ready == [True]


def test_told_to_stop_before_all_are_ready_it_does_not_say_they_are() -> None:
    said, announced = Said(), list[str]()
    said.when("first  | here", tell_to_stop)
    children = [child("first", WAITS, ready=lambda: False), child("second", WAITS)]
    ran = Supervisor(children, say=said, patience=SOON, on_ready=lambda: announced.append("ready")).run()
    assert (ran, announced) == (0, [])


def test_children_stop_in_reverse_order() -> None:
    program = (
        "import signal, sys\n"
        "def end(*_): print('bye', flush=True); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); print('here', flush=True)\n"
        "while True: signal.pause()"
    )
    said = Said()
    for name in "abc":
        said.when(f"{name} | here", (lambda: None) if name != "c" else tell_to_stop)
    told = [child(name, program) for name in "abc"]
    ready = {name: f"{name} | here" for name in "abc"}
    children = [Child(c.name, c.argv, ready=lambda n=c.name: ready[n] in said.lines) for c in told]  # type: ignore[misc]
    assert Supervisor(children, say=said, patience=SOON).run() == 0
    assert [line for line in said.lines if "bye" in line] == ["c | bye", "b | bye", "a | bye"]


def test_a_killed_child_is_started_again_and_that_is_said() -> None:
    said = Said()
    supervisor = Supervisor([child("intake", WAITS)], say=said, patience=SOON)
    killed: list[int] = []

    def kill() -> None:
        killed.append(supervisor.pids["intake"])
        os.kill(killed[0], signal.SIGKILL)

    said.when("here", kill)
    said.when("here", tell_to_stop)
    assert supervisor.run() == 0
    assert said.lines == [
        "intake | here",
        f"onrecord: intake (process {killed[0]}) was killed by SIGKILL; starting it again in 0.01 s",
        "intake | here",
        "onrecord: stopping (SIGTERM)",
    ]


def test_a_child_that_will_not_stay_up_is_given_up_with_its_last_words() -> None:
    said = Said()
    healthy, broken = child("clock", WAITS), child("intake", "import sys; sys.exit('no such key folder')")
    supervisor = Supervisor([healthy, broken], say=said, patience=SOON)
    assert supervisor.run() == 1
    assert (
        "onrecord: intake ended with exit code 1, 3 times in a row soon after its start: giving up; "
        "it said last: no such key folder"
    ) in said.lines
    assert not is_alive(supervisor.pids["clock"])


def test_a_child_that_never_gets_ready_is_given_up() -> None:
    said = Said()
    impatient = Patience(ready_seconds_max=0.3, stop_seconds=2)
    supervisor = Supervisor([child("api", WAITS, ready=lambda: False)], say=said, patience=impatient)
    assert supervisor.run() == 1
    assert any("api is not ready after" in line for line in said.lines)


def test_a_child_that_ignores_the_signal_is_forced() -> None:
    said = Said()
    program = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True)\n"
        "while True: signal.pause()"
    )
    said.when("here", tell_to_stop)
    supervisor = Supervisor([child("deaf", program)], say=said, patience=Patience(stop_seconds=0.2))
    began_at = time.monotonic()
    assert supervisor.run() == 0
    assert time.monotonic() - began_at < 5
    assert not is_alive(supervisor.pids["deaf"])


def test_what_a_killed_child_had_started_itself_does_not_stay_behind() -> None:
    program = (
        "import subprocess, sys, signal\n"
        "waits = [sys.executable, '-c', 'import signal; signal.pause()']\n"
        "left = subprocess.Popen(waits, start_new_session=True)\n"
        "print(left.pid, flush=True); signal.pause()"
    )
    said = Said()
    supervisor = Supervisor([child("web", program)], say=said, patience=SOON)
    said.when("web | ", lambda: os.kill(supervisor.pids["web"], signal.SIGKILL))
    said.when("starting it again", tell_to_stop)
    assert supervisor.run() == 0
    grandchild = int(said.lines[0].removeprefix("web | "))
    assert not is_alive(grandchild)


class DyingEngines:
    def __init__(self, answers: list[list[str] | EngineError]) -> None:
        self.answers = answers

    def revive(self) -> list[str]:
        answer = self.answers.pop(0) if self.answers else []
        if isinstance(answer, EngineError):
            raise answer
        return answer


def test_a_revived_engine_is_said() -> None:
    said = Said()
    said.when("started again", tell_to_stop)
    engines = DyingEngines([[], ["NATS ended: started again"]])
    assert Supervisor([child("a", WAITS)], engines=engines, say=said, patience=SOON).run() == 0
    assert "onrecord: NATS ended: started again" in said.lines


def test_an_engine_that_died_again_while_it_started_is_given_another_try() -> None:
    said = Said()
    said.when("started again", tell_to_stop)
    engines = DyingEngines([EngineError("NATS did not start"), ["NATS ended: started again"]])
    assert Supervisor([child("a", WAITS)], engines=engines, say=said, patience=SOON).run() == 0
    assert "onrecord: NATS did not start" in said.lines


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        pytest.param([EngineError("the disk is full")] * 3, "the disk is full", id="cannot-be-revived"),
        pytest.param([["died"]] * 3, "do not stay up", id="dies-again-and-again"),
    ],
)
def test_engines_that_will_not_run_end_everything(answers: list[list[str] | EngineError], word: str) -> None:
    said = Said()
    supervisor = Supervisor(
        [child("a", WAITS, ready=lambda: False)], engines=DyingEngines(answers), say=said, patience=SOON
    )
    assert supervisor.run() == 1
    assert any(word in line for line in said.lines)


UP = """
import sys
from onrecord_services.supervisor import Child, Supervisor
waits = "import os, signal; print(os.getpid(), flush=True); signal.pause()"
sys.exit(Supervisor([Child(name, [sys.executable, "-c", waits]) for name in "ab"]).run())
"""


@contextmanager
def up() -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A supervisor in a process of its own, and the ids of its two children."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", UP], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    try:
        yield process, [int(process.stdout.readline().split("|")[1]) for _ in "ab"]
    finally:
        process.stdout.close()
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_tree_cleanly(number: signal.Signals) -> None:
    with up() as (process, children):
        os.killpg(process.pid, number)  # as a terminal does: to the whole group
        assert process.wait(10) == 0
        assert [is_alive(pid) for pid in children] == [False, False]


def test_children_end_when_the_supervisor_is_killed() -> None:
    with up() as (process, children):
        process.kill()
        assert wait_until(lambda: not any(map(is_alive, children)))


def test_a_child_started_from_a_thread_outlives_the_thread() -> None:
    """A death signal would be tied to the thread; the keeper's pipe is tied to the process."""
    started: list[Kept] = []
    argv = [sys.executable, "-c", "import signal; signal.pause()"]
    thread = threading.Thread(
        target=lambda: started.append(Kept.start("t", argv, output=subprocess.DEVNULL, stop_seconds=2))
    )
    thread.start()
    thread.join()
    assert is_alive(started[0].pid)
    assert started[0].stop() == 128 + signal.SIGTERM


def test_a_killed_keeper_takes_its_program_along() -> None:
    kept = Kept.start("x", [sys.executable, "-c", "import signal; signal.pause()"], output=subprocess.DEVNULL)
    kept.keeper.kill()
    assert wait_until(lambda: not is_alive(kept.pid))
    kept.stop()
