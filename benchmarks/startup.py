"""Start-up: from `onrecord up` on a fresh folder to every service ready, and again on the same folder.

Bar: ready in less than 15 s on a fresh data folder.
Run: python benchmarks/startup.py [--times 3]
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

READY = b"Ctrl-C stops everything"


def ready_after_s(data: Path) -> float:
    """Start, wait for the words that say it is up, stop; how long until the words."""
    argv = [sys.executable, "-m", "onrecord_services.cli", "up", "--data", str(data)]
    began = time.perf_counter()
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    ) as process:
        assert process.stdout is not None
        said = next((True for line in process.stdout if READY in line), False)
        took_s = time.perf_counter() - began
        process.send_signal(signal.SIGINT)
        process.wait()
    assert said, f"it ended with {process.returncode}"
    return took_s


def main(times: int) -> None:
    fresh, again = [], []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "data"
            fresh.append(ready_after_s(data))
            again.append(ready_after_s(data))
    print(
        f"up on a fresh folder: median {statistics.median(fresh):.1f} s, worst {max(fresh):.1f} s; bar 15 s"
    )
    print(f"up on the same again: median {statistics.median(again):.1f} s, worst {max(again):.1f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3)
    main(parser.parse_args().times)
