"""Ordering: events by time, however large the file, in bounded memory.

Sorted pieces go to nameless temporary files that the system removes with the process; what they hold stands
in the file being imported anyway.
"""

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import IO

import msgspec

from onrecord_services.importing.mapper import Mapped

PIECE_EVENTS = 50_000

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[datetime, int, str, dict[str, object]]).decode


def by_time(events: Iterable[Mapped], piece_events: int = PIECE_EVENTS) -> Iterator[Mapped]:
    """The same events by recorded time; those of one time keep the order they came in."""
    pieces: list[IO[bytes]] = []
    held: list[tuple[datetime, int, Mapped]] = []
    with ExitStack() as open_files:
        for arrival, event in enumerate(events):
            held.append((event.recorded_at, arrival, event))
            if len(held) >= piece_events:
                pieces.append(_spilt(held, open_files.enter_context(tempfile.TemporaryFile())))
                held.clear()
        held.sort(key=lambda entry: entry[:2])
        yield from (entry[2] for entry in heapq.merge(*map(_read, pieces), held, key=lambda entry: entry[:2]))


def _spilt(held: list[tuple[datetime, int, Mapped]], piece: IO[bytes]) -> IO[bytes]:
    for at, arrival, mapped in sorted(held, key=lambda entry: entry[:2]):
        piece.write(_encode((at, arrival, mapped.name, mapped.event)) + b"\n")
    piece.seek(0)
    return piece


def _read(piece: IO[bytes]) -> Iterator[tuple[datetime, int, Mapped]]:
    for line in piece:
        at, arrival, name, event = _decode(line)
        yield at, arrival, Mapped(name, at, event)
