#!/usr/bin/env python3
"""Set up and run, on a machine with only Python (3.11 to 3.13) and the package index.

    python3 bootstrap.py demo     a month of a property manager, judged, with its page open
    python3 bootstrap.py test     every test
    python3 bootstrap.py check    style, types, layers (what CI runs besides the tests)
    python3 bootstrap.py bench    every benchmark with its bar
    python3 bootstrap.py run ...  any onrecord command, such as `run up --data ./data`

Makes a virtual environment in .venv from the locked, hashed requirements; `uv` is used if it is there, as it
is faster. More words after the name are passed on.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
HOME = ROOT / ".venv"
BIN = HOME / ("Scripts" if os.name == "nt" else "bin")
CHECKS = (
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("mypy",),
    ("lint-imports",),
)
OURS = ("events", "projections", "services")
"""Compiled once: where Python is told to keep no compiled files, each of many processes would do it again."""
SIDE_BY_SIDE = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder")
"""Each process of tests has a NATS and a PostgreSQL of its own. A file's tests stay together; the long files
(`tests/conftest.py`) come first, where the plugin would begin with files of many tests."""


def main(words: list[str]) -> int:
    """Do what the first word says; the exit code."""
    if not words or words[0] not in {"demo", "test", "check", "bench", "run"}:
        print(__doc__)
        return 2
    what, *rest = words
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        print(f"onrecord needs Python 3.11, 3.12 or 3.13; this is {sys.version.split()[0]}")
        return 2
    install("requirements.lock" if what in {"demo", "run"} else "requirements-dev.lock")
    if what == "check":
        return max(call(*check) for check in CHECKS)
    call("python", "-m", "compileall", "-q", *OURS)
    if what == "bench":
        return call("python", "benchmarks/all.py", *rest)
    if what == "test":
        return call("pytest", *SIDE_BY_SIDE, *rest)
    return call("onrecord", *(rest if what == "run" else ["demo", *rest]))


def install(lock: str) -> None:
    """Bring .venv to what the lock says, unless it is there already."""
    stamp = HOME / "installed"
    dev = "requirements-dev.lock"
    wanted = [f"{name} {digest(name)}" for name in (lock, "pyproject.toml")]
    held = stamp.read_text().splitlines() if stamp.exists() else []
    if held == wanted or (lock != dev and held == [f"{dev} {digest(dev)}", wanted[1]]):
        return
    print(f"setting up {HOME.name} from {lock} ...", flush=True)
    if not BIN.exists():
        venv.create(HOME, with_pip=True)
    python = str(BIN / "python")
    uv = shutil.which("uv")
    pip = [uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install"]
    quiet = ["--quiet", "--compile-bytecode"] if uv else ["--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *quiet, "--require-hashes", "-r", str(ROOT / lock)], check=True)
    subprocess.run([*pip, *quiet, "--no-deps", "--no-build-isolation", "-e", str(ROOT)], check=True)
    stamp.write_text("\n".join(wanted))


def digest(name: str) -> str:
    """What a file is, in 64 characters."""
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def call(program: str, *words: str) -> int:
    """Run one program of the environment; its exit code. Ctrl-C is the program's to answer."""
    process = subprocess.Popen([str(BIN / program), *words], cwd=ROOT)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except subprocess.CalledProcessError as failed:
        sys.exit(f"setting up failed: {' '.join(failed.cmd[:6])} ... ended with {failed.returncode}")
