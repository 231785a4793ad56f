"""Spill: what does not fit into memory, record by record in a file."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

_LENGTH_BYTES = 4
_encode = msgspec.msgpack.Encoder().encode

T = TypeVar("T")


class Spill:
    """Writes records one after the other."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=1 << 16)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, record: Any) -> None:
        """One more."""
        packed = _encode(record)
        self._file.write(len(packed).to_bytes(_LENGTH_BYTES, "big"))
        self._file.write(packed)


def read(path: Path, shape: type[T]) -> Iterator[T]:
    """Every record, in the order written."""
    decode = msgspec.msgpack.Decoder(shape).decode
    with path.open("rb", buffering=1 << 16) as file:
        while length := file.read(_LENGTH_BYTES):
            yield decode(file.read(int.from_bytes(length, "big")))
