"""Bodies as broken, hostile and unlucky senders make them: valid events bent at random, from one seed."""

import copy
import json
import random
import re
import tomllib
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any, NamedTuple

from hostile import BAD_RULES, BATCH, CONTENT_TYPES, FROM, HOSTILE, NUMBERS, RAW, READ, STRUCTURED
from onrecord_projections.judging import shipped_rulebooks
from onrecord_projections.judging.readings import READINGS
from onrecord_services.simulate import month

BODY_BYTES_MAX = 900_000
"""Below what one NATS message takes; larger ones are tried apart."""

_RULES = sorted(text for name, text in shipped_rulebooks().items() if name.startswith("cc02"))
_READINGS = {name: reading.default for name, reading in READINGS.items()}


class Body(NamedTuple):
    """What goes over the wire."""

    raw: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()


def bodies(seed: int) -> Iterator[Body]:
    """Endless; the same seed, the same bodies."""
    chance = random.Random(seed)
    events = cycle(_events())
    while True:
        bend = chance.choices(_BENDS, _WEIGHTS)[0]
        body = bend(chance, next(events))
        if len(body.raw) <= BODY_BYTES_MAX:
            yield body


def _events() -> list[dict[str, Any]]:
    """A month's events as a log with the server's clock takes them."""
    told = [{**event} for event in month()]
    for nth, event in enumerate(told):
        event.pop("recordedtime", None)
        event |= {"id": f"fuzz-{nth}", "source": "/fuzz"}
    return told


def _as_is(chance: random.Random, event: dict[str, Any]) -> Body:
    return Body(_text(chance, event), STRUCTURED)


def _one_value_bent(chance: random.Random, event: dict[str, Any]) -> Body:
    bent = _fresh(chance, event)
    for _ in range(chance.choice((1, 1, 2, 5))):
        target = bent["data"] if chance.random() < 0.5 and isinstance(bent.get("data"), dict) else bent
        name = chance.choice(
            [*target, "data", "nonsense", "sequence", "dataversion", "correlationid", "tenant"]
        )
        match chance.randrange(4):
            case 0:
                target.pop(name, None)
            case _:
                target[name] = copy.deepcopy(chance.choice(HOSTILE))
    return Body(_text(chance, bent), STRUCTURED)


def _bytes_bent(chance: random.Random, event: dict[str, Any]) -> Body:
    raw = bytearray(_text(chance, _fresh(chance, event)))
    for _ in range(chance.choice((1, 1, 3, 20))):
        at = chance.randrange(len(raw) or 1)
        match chance.randrange(4):
            case 0:
                raw[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del raw[at : at + chance.randrange(1, 9)]
            case 2:
                raw[at:at] = chance.choice(
                    (b'"', b"\\", b"\0", b"\\u0000", b"\\ud83d", b"{", b"]", b"\xff", b"1e9")
                )
            case _:
                del raw[at:]
    return Body(bytes(raw), chance.choice((STRUCTURED, BATCH)))


def _raw(chance: random.Random, _: dict[str, Any]) -> Body:
    raw = chance.choice(RAW) if chance.random() < 0.7 else chance.randbytes(chance.randrange(300))
    return Body(raw, chance.choice(CONTENT_TYPES))


def _batch(chance: random.Random, event: dict[str, Any]) -> Body:
    """Several bodies in one; now and then too many, or the same one twice."""
    bends = (_as_is, _one_value_bent, _one_value_bent, _one_value_bent)
    parts = [chance.choice(bends)(chance, _fresh(chance, event)).raw for _ in range(chance.randrange(40))]
    parts += parts[:1] * chance.choice((0, 0, 1, 2))
    parts += [b"{}"] * chance.choice((0, 0, 0, 0, 0, 0, 0, 0, 0, 1001))
    return Body(b"[" + b",".join(parts) + b"]", BATCH)


def _binary(chance: random.Random, event: dict[str, Any]) -> Body:
    bent = _fresh(chance, event)
    names = ("specversion", "id", "source", "type", "subject", "time")
    headers = {f"ce-{name}": str(bent[name]) for name in names if chance.random() < 0.95}
    if chance.random() < 0.5:
        headers[f"ce-{chance.choice(names)}"] = chance.choice(
            ("", "%", "%FF", "%00", "%ED%A0%80", "%F0%9F%92%A9", "x" * 400)
        )
    return Body(
        _text(chance, bent["data"]),
        chance.choice(("application/json", "", "text/plain")),
        tuple(headers.items()),
    )


def _bad_policy(chance: random.Random, event: dict[str, Any]) -> Body:
    """Well-formed events that carry nonsense: what was in force stays, or still judges."""
    kind, subject, data = chance.choice(_POLICIES)(chance)
    data["effective_at"] = chance.choice(FROM)
    return Body(
        _text(chance, _fresh(chance, event) | {"type": kind, "subject": subject, "data": data}), STRUCTURED
    )


_Policy = tuple[str, str, dict[str, Any]]


def _rulebook(chance: random.Random) -> _Policy:
    content = chance.choice(BAD_RULES) if chance.random() < 0.4 else _bent_rules(chance)
    pack = "rent-crm" if "cc02" not in content else tomllib.loads(_RULES[0])["pack"]
    data = {"pack": pack, "edition": chance.choice((1, 2, 3)), "content": content}
    return "rulebook.adopted", f"rulebook/{pack}", data


def _bent_rules(chance: random.Random) -> str:
    """A shipped edition under another number, a word or a number in it exchanged."""
    text = chance.choice(_RULES).replace("edition = 1", f"edition = {chance.choice((2, 3))}", 1)
    words = re.split(r'("[^"\n]*"|\d+)', text)
    nth = chance.randrange(1, len(words), 2)
    words[nth] = chance.choice(
        (f'"{chance.choice(NUMBERS)}"', str(10**18), "1", words[chance.randrange(1, len(words), 2)])
    )
    return "".join(words)


def _calendar(chance: random.Random) -> _Policy:
    return "calendar.adopted", "calendar/cn", {"calendar": "cn", "content": chance.choice(BAD_RULES)}


def _reading(chance: random.Random) -> _Policy:
    name = chance.choice(sorted(_READINGS))
    return (
        "reading.set",
        f"setting/{name}",
        {"reading": name, "value": chance.choice((*READ, _READINGS[name]))},
    )


def _number(chance: random.Random) -> _Policy:
    return "number.set", "setting/n", {"clause": "LEASE-COMM-4.4a-2", "value": chance.choice(NUMBERS)}


def _withdrawal(_: random.Random) -> _Policy:
    return "rulebook.withdrawn", "rulebook/never-adopted", {"pack": "never-adopted"}


_POLICIES = (_rulebook, _rulebook, _calendar, _reading, _number, _withdrawal)


def _fresh(chance: random.Random, event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "id": f"fuzz-{chance.randrange(10**9)}", "data": dict(event["data"])}


def _text(chance: random.Random, value: Any) -> bytes:
    """JSON as others write it: other characters as they are, or escaped; lone surrogates too."""
    return json.dumps(value, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")


_BENDS: tuple[Callable[[random.Random, dict[str, Any]], Body], ...] = (
    _as_is, _one_value_bent, _bytes_bent, _raw, _batch, _binary, _bad_policy,
)  # fmt: skip
_WEIGHTS = (30, 80, 30, 20, 25, 20, 1)
