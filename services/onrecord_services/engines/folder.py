"""The data folder: one process holds it at a time, and no release older than its maker."""

import fcntl
import json
import os
import socket
import time
from pathlib import Path
from typing import NamedTuple

from onrecord_services.engines.errors import FolderError
from onrecord_services.engines.secrets import write_private

DATA_VERSION = 1
_POLL_SECONDS = 0.02
_LEFTOVERS_SECONDS_MAX = 30.0


class Holder(NamedTuple):
    """Who said they hold the folder."""

    pid: int
    host: str


def hold(data_folder: Path) -> int:
    """The lock's descriptor. Engines inherit it: the folder is held until the last of them has ended."""
    try:
        data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(data_folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise FolderError(f"the data folder {data_folder} cannot be used: {error.strerror}") from error
    try:
        _take(lock, data_folder)
        _check_version(data_folder)
    except BaseException:
        os.close(lock)
        raise
    return lock


def _take(lock: int, data_folder: Path) -> None:
    """A living holder is named at once; engines of a dead one get time to end."""
    give_up_at = time.monotonic() + _LEFTOVERS_SECONDS_MAX
    while not _try(lock):
        holder = _holder(lock)
        if holder is not None and (_lives(holder) or time.monotonic() > give_up_at):
            raise FolderError(
                f"the data folder {data_folder} is in use by process {holder.pid} on {holder.host}: "
                "stop that one first, or choose another folder with --data"
            )
        time.sleep(_POLL_SECONDS)
    os.ftruncate(lock, 0)
    os.pwrite(lock, json.dumps([os.getpid(), socket.gethostname()]).encode(), 0)


def _try(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(lock: int) -> Holder | None:
    """None while the new holder has not yet written its name."""
    try:
        return Holder(*json.loads(os.pread(lock, 4096, 0)))
    except ValueError:
        return None


def _lives(holder: Holder) -> bool:
    """On another machine we cannot look, and say it lives."""
    if holder.host != socket.gethostname():
        return True
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _check_version(data_folder: Path) -> None:
    path = data_folder / "VERSION"
    try:
        made_by = int(path.read_text())
    except FileNotFoundError:
        write_private(path, f"{DATA_VERSION}\n".encode())
        return
    except ValueError:
        raise FolderError(f"{path} is damaged: it should hold the number {DATA_VERSION}") from None
    if made_by > DATA_VERSION:
        raise FolderError(
            f"the data folder {data_folder} has version {made_by}, this onrecord knows {DATA_VERSION}: "
            "install the newer onrecord that made it, or choose another folder with --data"
        )
