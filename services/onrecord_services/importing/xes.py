"""XES: event logs of IEEE 1849, streamed one trace at a time.

Hardened: a document type, and with it every entity, is refused; a trace and a single token are bounded.
"""

from collections.abc import Iterator
from typing import Any, NoReturn, Protocol
from xml.parsers import expat

from onrecord_services.importing.errors import UnreadableFile
from onrecord_services.importing.records import Record

CHUNK_BYTES = 65_536
TOKEN_BYTES_MAX = 4_000_000
DEPTH_MAX = 32
EVENTS_PER_TRACE_MAX = 100_000

_ATTRIBUTES = {"string", "date", "int", "float", "boolean", "id"}


class Readable(Protocol):
    """All a reader needs of a file."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, empty at the end."""
        ...


class _Log:
    """What the parser has seen: finished traces, and the one it is in."""

    def __init__(self) -> None:
        self.traces: list[tuple[dict[str, str], list[dict[str, str]]]] = []
        self.seen = 0
        self._path: list[str] = []
        self._trace: dict[str, str] = {}
        self._events: list[dict[str, str]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.seen += 1
        self._path.append(tag.rpartition("}")[2])
        if len(self._path) > DEPTH_MAX:
            raise UnreadableFile(f"nested deeper than {DEPTH_MAX}")
        match self._path:
            case [_, "trace"]:
                self._trace, self._events = {}, []
            case [_, "trace", "event"]:
                self._add_event()
            case [_, "trace", kind] if kind in _ATTRIBUTES:
                self._trace[attributes.get("key", "")] = attributes.get("value", "")
            case [_, "trace", "event", kind] if kind in _ATTRIBUTES:
                self._events[-1][attributes.get("key", "")] = attributes.get("value", "")

    def end(self, _tag: str) -> None:
        self.seen += 1
        if len(self._path) == 2 and self._path[1] == "trace":  # noqa: PLR2004 - <log><trace>
            self.traces.append((self._trace, self._events))
        self._path.pop()

    def _add_event(self) -> None:
        if len(self._events) >= EVENTS_PER_TRACE_MAX:
            raise UnreadableFile(f"a trace has more than {EVENTS_PER_TRACE_MAX} events")
        self._events.append({})


def read_xes(stream: Readable) -> Iterator[Record]:
    """Each trace as its start, its events and its end; a trace's attributes are `trace.<key>` everywhere."""
    log = _Log()
    parser = hardened_parser()
    parser.StartElementHandler = log.start
    parser.EndElementHandler = log.end
    number = quiet_bytes = 0
    while True:
        chunk = stream.read(CHUNK_BYTES)
        seen = log.seen
        parse(parser, chunk, last=not chunk)
        quiet_bytes = 0 if log.seen > seen else quiet_bytes + len(chunk)
        if quiet_bytes > TOKEN_BYTES_MAX:
            raise UnreadableFile(f"line {parser.CurrentLineNumber}: a token of over {TOKEN_BYTES_MAX} bytes")
        for trace, events in log.traces:
            number += 1
            yield from _records(number, trace, events)
        log.traces.clear()
        if not chunk:
            return


def hardened_parser() -> Any:
    """An expat parser that takes no document type, so no entity, no expansion, no outside file."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = False
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def parse(parser: Any, chunk: bytes, *, last: bool = False) -> None:
    """Feed a piece. Raises UnreadableFile with the line if it is not XML."""
    try:
        parser.Parse(chunk, last)
    except expat.ExpatError as error:
        raise UnreadableFile(f"line {error.lineno}: {expat.ErrorString(error.code)}") from None


def _refuse_doctype(*_declared: Any) -> NoReturn:
    raise UnreadableFile("a document type declaration; such files are refused")


def _records(number: int, trace: dict[str, str], events: list[dict[str, str]]) -> Iterator[Record]:
    about = {f"trace.{key}": value for key, value in trace.items()}
    yield Record(number, 0, "trace-start", about)
    for step, event in enumerate(events, 1):
        yield Record(number, step, "event", {**event, **about})
    yield Record(number, len(events) + 1, "trace-end", about)
