"""Keeper: a small parent that lives exactly as long as one engine or service, and takes it along.

Run: keeper.py REPORT_FD STOP_SIGNAL STOP_SECONDS UID KEEP_READ PROGRAM ARGUMENT... (by `process.py`)

Its standard input is a pipe that only our process holds. When that closes, because we stop or because we were
killed, the program is told to stop, then forced; whatever it left running is killed too. A death signal would
be tied to the thread that started the program; a pipe is tied to the process. Standard library only: it runs
with `-I -S`, so that it starts in a few hundredths of a second.
"""

import contextlib
import ctypes
import os
import select
import signal
import sys
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_SET_CHILD_SUBREAPER = 36
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1
_CAP_DAC_READ_SEARCH = 2
_CAPABILITY_VERSION_3 = 0x20080522
_REAP_SECONDS = 5.0
_EXEC_FAILED = 127


def main(arguments: list[str]) -> int:
    """Keep one program; the answer is its exit code, or 128 plus the signal that ended it."""
    report, stop_signal, stop_seconds, uid, keep_read, *program = arguments
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)  # what the program leaves behind comes to us
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the order of stopping is decided above
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    signal.set_wakeup_fd(wake)
    os.set_inheritable(int(report), False)
    keeper = os.getpid()
    became, becomes = os.pipe()  # closed by the exec
    child = os.fork()
    if child == 0:
        _become(program, keeper, int(uid), keep_read=keep_read == "yes")
    os.close(becomes)
    os.read(became, 1)  # ends when the program has taken over: a signal sent before that would be lost
    os.write(int(report), f"{child}\n".encode())
    os.close(int(report))
    _wait_for_end(child, told, woken, int(stop_signal), float(stop_seconds))
    status = _end_family(child)
    return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def _become(program: list[str], keeper: int, uid: int, *, keep_read: bool) -> None:
    """In the child: a session of its own, fewer rights, the program. Never returns."""
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(name, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        if uid >= 0:
            _drop_to(uid, keep_read=keep_read)
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # after the change of user, which clears it
        if os.getppid() != keeper:
            os._exit(_EXEC_FAILED)  # the keeper was killed before the line above could tie us to it
        os.execv(program[0], program)  # noqa: S606 - no shell is the point
    except OSError as error:
        os.write(2, f"{program[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(_EXEC_FAILED)


def _drop_to(uid: int, *, keep_read: bool) -> None:
    if keep_read:
        _prctl(_PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if keep_read and not _keep_one_right(_CAP_DAC_READ_SEARCH):
        _keep_one_right(_CAP_DAC_OVERRIDE)  # what containers grant by default


def _keep_one_right(capability: int) -> bool:
    """Keep a single right over the change of user: to pass folders closed to others, such as /root."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    bit = 1 << capability
    rights = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    return (
        ctypes.CDLL(None, use_errno=True).capset(header, rights) == 0
        and _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability) == 0
    )


def _prctl(*arguments: int) -> int:
    """Linux only; elsewhere the pipe alone has to do."""
    if sys.platform != "linux":
        return -1
    padded = (*arguments, 0, 0, 0, 0)[:5]
    return int(ctypes.CDLL(None, use_errno=True).prctl(*(ctypes.c_ulong(value) for value in padded)))


def _wait_for_end(child: int, told: list[int], woken: int, stop_signal: int, stop_seconds: float) -> None:
    """Return when the program has ended: by itself, because it was told to, or because it was forced."""
    stopping, force_at = False, float("inf")
    while not _has_ended(child):
        wait_seconds = min(max(force_at - time.monotonic(), 0.0), 3600.0)
        ready, _, _ = select.select([woken] if stopping else [woken, 0], [], [], wait_seconds)
        if woken in ready:
            os.read(woken, 4096)
        if not stopping and (told or (0 in ready and os.read(0, 4096) == b"")):
            stopping, force_at = True, time.monotonic() + stop_seconds
            os.kill(child, stop_signal)
        if time.monotonic() >= force_at:
            force_at = float("inf")
            os.kill(child, signal.SIGKILL)


def _has_ended(child: int) -> bool:
    """Asked without reaping, so that the number stays taken until the family is gone."""
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end_family(child: int) -> int:
    """Kill what is left of the program's session and what came to us; give the program's own status."""
    with contextlib.suppress(OSError):
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    give_up_at = time.monotonic() + _REAP_SECONDS
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < give_up_at:
            for left in _adopted():
                with contextlib.suppress(OSError):
                    os.kill(left, signal.SIGKILL)
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)
    return status


def _adopted() -> list[int]:
    try:
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except OSError:
        return []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
