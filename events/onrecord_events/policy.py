"""Policy: what the tenant decided its rules to be.

Streams: `rulebook/<pack>`, `calendar/<id>`, `setting/<name>`.

Each event carries its content whole, so a rebuild on any later release judges as the first run did.
"""

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, StringConstraints

from onrecord_events.base import Code, Event, Ref

Content = Annotated[str, StringConstraints(min_length=1, max_length=400_000)]

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class RulebookAdopted(Event):
    """One edition of one policy is in force from an instant on."""

    TYPE: ClassVar[str] = "rulebook.adopted"

    pack: Code
    edition: int
    effective_at: AwareDatetime
    content: Content
    """The edition's TOML, byte for byte."""
    content_sha256: Digest | None = None
    """Of the content, in hexadecimal; what people signed."""
    approved_by: Ref | None = None


class RulebookAmended(Event):
    """A new edition follows one in force from an instant on; what runs by then keeps its own."""

    TYPE: ClassVar[str] = "rulebook.amended"

    pack: Code
    edition: int
    amends: int
    """The edition it takes the place of."""
    effective_at: AwareDatetime
    content: Content
    content_sha256: Digest | None = None
    """Of the content, in hexadecimal; what people signed."""
    approved_by: Ref | None = None


class RulebookMigrated(Event):
    """Somebody decided that running clocks of one edition are measured by another from an instant on."""

    TYPE: ClassVar[str] = "rulebook.migrated"

    pack: Code
    from_edition: int
    to_edition: int
    effective_at: AwareDatetime
    by: Ref


class RulebookWithdrawn(Event):
    """The policy is in force no more; open clocks are cancelled, breaches stay facts."""

    TYPE: ClassVar[str] = "rulebook.withdrawn"

    pack: Code
    effective_at: AwareDatetime


class RulebookShadowed(Event):
    """A draft runs beside what is in force: judged and shown, without any effect."""

    TYPE: ClassVar[str] = "rulebook.shadowed"

    pack: Code
    edition: int
    """A number of its own; once an edition of this number is adopted the draft ends."""
    effective_at: AwareDatetime
    content: Content


class RulebookUnshadowed(Event):
    """The draft of this policy runs beside no more; what it showed is dropped."""

    TYPE: ClassVar[str] = "rulebook.unshadowed"

    pack: Code


class CalendarAdopted(Event):
    """A working calendar under the id that clauses name."""

    TYPE: ClassVar[str] = "calendar.adopted"

    calendar: Code
    effective_at: AwareDatetime
    content: Content


class ReadingSet(Event):
    """The tenant reads an ambiguous rule its own way (switches R1-R9 of the catalogue)."""

    TYPE: ClassVar[str] = "reading.set"

    reading: Code
    value: Annotated[str, StringConstraints(max_length=100)]
    effective_at: AwareDatetime


class NumberSet(Event):
    """The tenant gives the number a clause lacks ("in the prescribed time")."""

    TYPE: ClassVar[str] = "number.set"

    clause: Ref
    value: Annotated[str, StringConstraints(max_length=100)]
    """A duration such as `PT4H`, `3 working days`; a number such as `20`; grades such as `a>=90, b>=60`."""
    calendar: Code | None = None
    effective_at: AwareDatetime


class SourceDeclared(Event):
    """A publisher whose `capturedat` may stand for the recorded time under reading R9."""

    TYPE: ClassVar[str] = "source.declared"

    publisher: Ref
    effective_at: AwareDatetime
