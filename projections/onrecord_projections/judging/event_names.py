"""Event names: what each name of the rule catalogue is here, as data that is held to the vocabulary.

A name is either reported (selectors of typed events), or another name's thing, or yielded by clauses. No two
names share a selector unless one says that it is the other, and why.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, get_args

from pydantic import Field, ValidationError

from onrecord_events.base import Code
from onrecord_events.vocabulary import event_types
from onrecord_projections.judging.clauses import Clause
from onrecord_projections.judging.faults import Fault, Places, RulebookError
from onrecord_projections.judging.field_values import takes
from onrecord_projections.judging.parts import Checked, Selector, Words

FILE_NAME = "event_names.toml"


class AnyOf(Checked):
    """Several types mean it; the first that comes counts."""

    any_of: tuple[Selector, ...] = Field(min_length=2)


class Same(Checked):
    """The same thing under another word, and why it is one thing."""

    same_as: str
    because: Words


class Yielded(Checked):
    """Nobody reports it: clauses of these kinds yield it."""

    verdict: Literal["finding", "clock", "penalty", "ownership", "kpi", "state"]
    of: tuple[str, ...] = Field(min_length=1)


Meaning = Selector | AnyOf | Same | Yielded


class _Content(Checked):
    names: dict[str, Any]
    violations: dict[str, tuple[Code, ...]] = Field(default_factory=dict)
    merits: dict[str, tuple[Code, ...]] = Field(default_factory=dict)
    shared: dict[Code, Words] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventNames:
    """Every name with its meaning, and the codes of violations and merits by the clause that prices them."""

    names: Mapping[str, Meaning]
    violations: Mapping[str, tuple[str, ...]]
    merits: Mapping[str, tuple[str, ...]]
    shared: Mapping[str, str]
    """Codes that two clauses of one policy speak of, and why no act is charged twice all the same."""

    def selectors(self, name: str) -> tuple[Selector, ...]:
        """The events a name stands for; none if clauses yield it. Raises KeyError for an unknown one."""
        meaning = self.names[name]
        return self.selectors(meaning.same_as) if isinstance(meaning, Same) else _selectors(meaning)


def shipped_event_names() -> str:
    """The file that comes with the product, as text."""
    return (files("onrecord_projections") / "rulebooks" / FILE_NAME).read_text(encoding="utf-8")


def load_event_names(text: str, file_name: str = FILE_NAME) -> EventNames:
    """The names of a sound file. Raises RulebookError with every fault of a wrong one."""
    said, faults = _read(text, file_name)
    if said is not None:
        faults += [
            Fault(file_name, _line(text, key), key, message)
            for key, message in (*_names(said), *_codes(said))
        ]
    if said is None or faults:
        raise RulebookError(sorted(faults))
    return said


def _read(text: str, file_name: str) -> tuple[EventNames | None, list[Fault]]:
    """What could be read, and what could not."""
    if twice := list(_twice(text)):
        return None, [Fault(file_name, line, key, "stands here twice; drop one") for line, key in twice]
    try:
        content = _Content.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        return None, [Places(text, file_name).broken(error)]
    except ValidationError as error:
        return None, [Fault(file_name, 1, "", told) for told in _told(error)]
    names: dict[str, Meaning] = {}
    faults: list[Fault] = []
    for name, value in content.names.items():
        try:
            names[name] = _meaning(value)
        except ValidationError as error:
            faults += [Fault(file_name, _line(text, name), name, told) for told in _told(error)]
    proxied = MappingProxyType
    codes = (proxied(content.violations), proxied(content.merits), proxied(content.shared))
    return EventNames(proxied(names), *codes), faults


def _twice(text: str) -> Iterator[tuple[int, str]]:
    """Keys that one table has already, each with its line; TOML would only say that it cannot overwrite."""
    seen: set[str] = set()
    for n, line in enumerate(text.splitlines(), 1):
        if line.startswith("["):
            seen.clear()
        elif found := re.match(r'"?([\w.-]+)"? *=', line):
            if found[1] in seen:
                yield n, found[1]
            seen.add(found[1])


def _meaning(value: Any) -> Meaning:
    """One of the four forms, told apart by its key."""
    for key, form in _FORMS.items():
        if isinstance(value, dict) and key in value:
            return form.model_validate(value)
    return Selector.model_validate(value)


_FORMS: Mapping[str, type[AnyOf | Same | Yielded]] = {"any_of": AnyOf, "same_as": Same, "verdict": Yielded}


def _told(error: ValidationError) -> list[str]:
    return [f"{'.'.join(map(str, one['loc'])) or 'here'}: {one['msg']}" for one in error.errors()]


def _selectors(meaning: Meaning) -> tuple[Selector, ...]:
    match meaning:
        case Selector():
            return (meaning,)
        case AnyOf():
            return meaning.any_of
        case _:
            return ()


def _line(text: str, key: str) -> int:
    for n, line in enumerate(text.splitlines(), 1):
        if re.match(rf'"?{re.escape(key)}"? *=', line):
            return n
    return 1


def _names(said: EventNames) -> Iterator[tuple[str, str]]:
    """Names that mean nothing, lead nowhere, or mean what another one means."""
    meant: dict[frozenset[Any], str] = {}
    for name, meaning in said.names.items():
        match meaning:
            case Yielded():
                yield from (
                    (name, f"no kind of clause {kind!r}") for kind in sorted({*meaning.of} - _kinds())
                )
            case Same():
                if not _selectors(said.names.get(meaning.same_as, meaning)):
                    yield name, f"{meaning.same_as!r} is no name here that stands for events"
            case _:
                yield from ((name, fault) for one in _selectors(meaning) for fault in _selector_faults(one))
                first = meant.setdefault(frozenset(_key(one) for one in _selectors(meaning)), name)
                if first != name:
                    yield name, f"is what {first} is; say `same_as` and why, or tell them apart by a code"


def _kinds() -> set[str]:
    """The kinds of clauses that yield something."""
    kinds = (get_args(clause.model_fields["kind"].annotation) for clause in get_args(get_args(Clause)[0]))
    return {kind for listed in kinds for kind in listed} - {"prose", "supported"}


def _key(selector: Selector) -> tuple[Any, ...]:
    """Equal for selectors that pick the same events."""
    groups = (selector.where, selector.unless, selector.facts, selector.becomes)
    return (
        selector.event,
        *(frozenset((field, frozenset(wanted)) for field, wanted in group.items()) for group in groups),
    )


def _selector_faults(selector: Selector) -> Iterator[str]:
    """An unknown type or field, or a value that the field can never have."""
    if selector.event and selector.event not in event_types():
        yield f"no event type {selector.event!r}; `onrecord schema --names` lists the known ones"
        return
    for field, wanted in (*selector.where.items(), *selector.unless.items()):
        if field not in event_types()[selector.event].model_fields:
            yield f"{selector.event} has no field {field!r}"
        elif not takes(event_types()[selector.event].model_fields[field], wanted):
            yield f"{selector.event}.{field} can never be one of {list(wanted)}"
    for field, wanted in (*selector.facts.items(), *selector.becomes.items()):
        having = (name for name, event in event_types().items() if field in event.model_fields)
        if not any(takes(event_types()[name].model_fields[field], wanted) for name in having):
            yield f"no event makes {field!r} one of {list(wanted)}"


def _codes(said: EventNames) -> Iterator[tuple[str, str]]:
    """A code is priced by one clause of a policy, and every one that a name uses is listed."""
    for type_name, listed in (("violation.observed", said.violations), ("merit.observed", said.merits)):
        priced: dict[tuple[str, str], str] = {}
        for clause, codes in listed.items():
            for code in codes:
                first = priced.setdefault((clause.partition("-")[0], code), clause)
                if first != clause and code not in said.shared:
                    yield clause, f"{code} is priced by {first} already; say under [shared] why not twice"
        known = {code for _, code in priced}
        for name, selector in ((n, one) for n, meaning in said.names.items() for one in _selectors(meaning)):
            used = selector.where.get("code", ()) if selector.event == type_name else ()
            for code in sorted({*map(str, used)} - known):
                yield name, f"no clause prices the code {code!r}; list it under the clause that does"
