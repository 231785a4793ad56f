"""All: every bar of the issues, one benchmark after the other, each in a process of its own.

Run: python benchmarks/all.py          (about ten minutes; the machine should do nothing else)
     python benchmarks/all.py --long   (with the run over a million events: about an hour)
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
SHORT = (
    ("append.py",),
    ("persistence.py",),
    ("intake.py",),
    ("projections.py",),
    ("visible.py",),
    ("startup.py",),
    ("desk.py", "--decisions", "10000"),
    ("notices.py", "--clocks", "10000", "--seconds", "20"),
    ("webhooks.py",),
    ("calendars.py",),
    ("evaluation.py",),
    ("api.py",),
    ("explain.py",),
    ("figures.py", "--events", "50000"),
    ("reports.py",),
    ("two_times.py",),
    ("all_policies.py",),
    ("one_more.py", "--cases", "2000", "50000"),
    ("whatif.py", "--events", "100000", "--rounds", "1"),
)
LONG = (
    ("desk.py",),
    ("notices.py",),
    ("figures.py",),
    ("projections.py", "--growth", "--rounds", "5"),
    ("one_more.py",),
    ("whatif.py",),
)


def main(*, long: bool) -> int:
    """Run them; the number of those that failed to run."""
    failed = 0
    for name, *words in (*SHORT, *(LONG if long else ())):
        print(f"\n== {' '.join((name, *words))}", flush=True)
        began = time.perf_counter()
        code = subprocess.run([sys.executable, str(HERE / name), *words], check=False).returncode
        print(
            f"== {name}: {'done' if code == 0 else f'FAILED ({code})'} in {time.perf_counter() - began:.0f} s"
        )
        failed += code != 0
    return failed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Every benchmark, one after the other.")
    parser.add_argument("--long", action="store_true", help="also the run over a million events")
    sys.exit(main(long=parser.parse_args().long))
