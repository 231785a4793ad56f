"""Random histories by the hundred thousand, each held to a brute-force oracle. Run by hand:

    python tests/random_histories.py --count 100000 --workers 2
    python tests/random_histories.py --seed 4711

Disorder, copies, late facts, facts told again, pauses, decisions and waivers, out of one seed a history. A
history that disagrees is named by its seed; the run goes on, and ends with 1.
"""

import argparse
import sys
import time
import traceback
from collections import Counter
from multiprocessing import get_context

from random_kinds import judge, kind_of

CHUNK = 250


def judged(begin: int, end: int) -> tuple[Counter[str], list[int]]:
    """How many of each kind, and which seeds disagreed."""
    counts: Counter[str] = Counter()
    wrong = []
    for seed in range(begin, end):
        counts[kind_of(seed)] += 1
        try:
            judge(seed)
        except Exception:  # noqa: BLE001 (an engine that falls over disagrees too; the seed shows how)
            wrong.append(seed)
    return counts, wrong


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, help="judge this one alone, and show where it disagrees")
    asked = parser.parse_args()
    if asked.seed is not None:
        return _replay(asked.seed)
    return _many(asked.first, asked.first + asked.count, asked.workers)


def _replay(seed: int) -> int:
    _say(f"seed {seed}: {kind_of(seed)}")
    try:
        judge(seed)
    except Exception:  # noqa: BLE001 (shown whole)
        _say(traceback.format_exc())
        return 1
    _say("agrees")
    return 0


def _many(first: int, end: int, workers: int) -> int:
    chunks = [(begin, min(begin + CHUNK, end)) for begin in range(first, end, CHUNK)]
    counts: Counter[str] = Counter()
    wrong: list[int] = []
    began = time.monotonic()
    with get_context("spawn").Pool(workers) as pool:
        for nth, (more, failed) in enumerate(pool.imap_unordered(_judged, chunks), 1):
            counts += more
            wrong += failed
            if failed or nth % 20 == 0 or nth == len(chunks):
                took_s = time.monotonic() - began
                _say(f"{counts.total():>9,} of {end - first:,}  {took_s:6.0f} s  wrong {wrong}")
    kinds = ", ".join(f"{name} {count:,}" for name, count in counts.most_common())
    _say(f"seeds {first} to {end - 1}: {kinds}; {len(wrong)} disagree")
    for seed in sorted(wrong):
        _say(f"  {kind_of(seed)}: python tests/random_histories.py --seed {seed}")
    return bool(wrong)


def _judged(chunk: tuple[int, int]) -> tuple[Counter[str], list[int]]:
    return judged(*chunk)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
