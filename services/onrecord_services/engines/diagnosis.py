"""Diagnosis: from what a server wrote before it ended to what a person should do."""

from pathlib import Path

_TAIL_BYTES = 20_000
_SHOWN_LINES = 5

_KNOWN = (
    ("No space left on device", "the disk is full: make room on the data folder's disk and start again"),
    ("no space left on device", "the disk is full: make room on the data folder's disk and start again"),
    ("Disk quota exceeded", "the disk quota is used up: make room and start again"),
    ("address already in use", "its port was taken by another program: start again, or name a free port"),
    ("Address already in use", "its socket is taken by another PostgreSQL: stop that one first"),
    (
        "Permission denied",
        "its user may not reach the files: use a folder open to others, or start onrecord as a normal user",
    ),
    ("permission denied", "its user may not write in the data folder: give the folder to that user"),
    (
        "could not create shared memory",
        "the machine has no shared memory left: free some, or stop another PostgreSQL",
    ),
    ("out of memory", "the machine is out of memory: free some and start again"),
    (
        "password authentication failed",
        "the password file does not fit this data folder: put it back from a backup",
    ),
    ("GLIBC_", "the program needs a newer C library than this system has: use a newer system, or give URLs"),
)


def explain(log_path: Path, log_from: int) -> str:
    """What to do, if we know the trouble; else the end of what the server said, and where the rest is."""
    said = tail(log_path, log_from)
    for sign, advice in _KNOWN:
        if sign in said:
            return advice
    last = " / ".join(line.strip() for line in said.splitlines()[-_SHOWN_LINES:])
    return f"its last words: {last or 'none'} (all of them in {log_path})"


def is_port_taken(log_path: Path, log_from: int) -> bool:
    """Whether somebody took the port between our looking and the server's listening."""
    return "address already in use" in tail(log_path, log_from)


def tail(log_path: Path, log_from: int) -> str:
    """What the server wrote in this run, its end only."""
    try:
        with log_path.open("rb") as log:
            log.seek(max(log_from, log_path.stat().st_size - _TAIL_BYTES))
            return log.read().decode(errors="replace")
    except OSError:
        return ""
