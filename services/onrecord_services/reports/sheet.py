"""Sheet: what a report comes to before anybody thinks of paper: a table, or a form.

Pure values. Cells are what they are (an instant, an amount, a share), never their text, so that every writer
shows them its own way and a digest of them does not depend on language, format or release.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, NamedTuple

Kind = Literal["text", "code", "instant", "day", "money", "count", "ratio", "duration"]
"""What the cells of a column are. A ratio is a share of one; a duration is shown in hours."""
Lang = Literal["zh", "en"]


class Words(NamedTuple):
    """The same in two languages."""

    zh: str
    en: str

    def of(self, lang: Lang) -> str:
        """In the reader's language."""
        return self.zh if lang == "zh" else self.en


class Mark(Enum):
    """What stands where a personal field is not shown."""

    SEALED = Words("（已密封）", "(sealed)")
    ERASED = Words("已删除", "erased")


@dataclass(frozen=True)
class Personal:
    """A personal field as it is stored. No report opens it; whoever may, gives what is to be shown."""

    place: str
    """`<type>.<field>`: what its ciphertext is bound to."""
    sealed: Mapping[str, Any]


Cell = None | str | int | Decimal | datetime | date | timedelta | Personal | Mark
Given = Callable[[Personal], "str | Mark"]
"""What may be shown of a personal field: its words, or the mark that it stays sealed or is no more."""


@dataclass(frozen=True)
class Column:
    """One column of a table, or one line of a form."""

    key: str
    name: Words
    kind: Kind = "text"
    words: Mapping[str, Words] | None = None
    """Of a code: what it means. A code that is not listed is shown as it is."""
    width: int = 14
    """In characters, a Chinese one counting two."""
    on_paper: bool = True
    """Whether it is shown on A4 too, where there is less room."""
    personal: bool = False
    """Whether a table's cells may be personal fields. Those of a form may be anyway."""


@dataclass(frozen=True)
class Entry:
    """One line of a form, or of what a table comes to."""

    column: Column
    value: Cell


@dataclass(frozen=True)
class Table:
    """Rows of one shape, and what they come to."""

    columns: tuple[Column, ...]
    rows: list[tuple[Cell, ...]]
    summary: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Section:
    """A part of a form under a heading of its own."""

    heading: Words
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Form:
    """A paper form: fields in parts, and who signs it."""

    sections: tuple[Section, ...]
    signatures: tuple[Words, ...] = ()

    @property
    def entries(self) -> Iterable[Entry]:
        """Every field, part by part."""
        return (entry for section in self.sections for entry in section.entries)


Sheet = Table | Form


def revealed(sheet: Sheet, given: Given) -> Sheet:
    """The sheet with every personal field as it may be shown."""

    def show(value: Cell) -> Cell:
        return given(value) if isinstance(value, Personal) else value

    if isinstance(sheet, Table):
        if not any(column.personal for column in sheet.columns):
            return sheet
        return replace(sheet, rows=[tuple(map(show, row)) for row in sheet.rows])
    sections = tuple(
        replace(section, entries=tuple(replace(each, value=show(each.value)) for each in section.entries))
        for section in sheet.sections
    )
    return replace(sheet, sections=sections)


def sealed(_: Personal) -> Mark:
    """Nothing is given: every personal field stays sealed."""
    return Mark.SEALED
