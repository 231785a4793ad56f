"""Ownership clauses: whose client it is, since when, and until what.

Each clause is one rule; the rules of an edition together say who owns. An owner is whoever has the earliest
claim that is valid and alive; a decision goes before every claim.
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from onrecord_projections.judging.clauses.stated import Executable
from onrecord_projections.judging.parts import Coded, Duration, Name, Selector, Selectors

Rule = Literal[
    "claim",
    "bar",
    "validity",
    "lapse",
    "void",
    "transfer",
    "relatives",
    "referral",
    "queue",
    "override",
    "split",
    "restore",
    "holder",
]
"""claim: these events claim; the earliest valid claim wins. bar: these give no claim, whatever else they are.
validity: a claim holds from when all of `filled` is there, or, without `filled`, from this signature.
lapse: no such sign of life for so long ends a claim. void: it is over at this event, or at so many in a row.
transfer: passes on a client nobody holds any more, with a fresh start. relatives: two clients count as one.
referral: the person named gets the newcomer. queue: whoever is next gets him; `resets_on` sets the order.
override: a decision goes before every claim. split: a decision on how a deal is shared.
restore: proposes the first valid holder; the decision is a person's. holder: who has any other thing."""

HOLDER = ("salesperson", "by", "to", "owner", "original", "person")
"""Where a clause names no field, the first of these that an event has says whose claim or sign it is."""

_KEYS: dict[str, frozenset[str]] = {
    "validity": frozenset({"filled"}),
    "lapse": frozenset({"after", "as_clock", "phase", "signed_on", "signed_within"}),
    "void": frozenset({"times", "resets_on", "flags"}),
    "queue": frozenset({"resets_on"}),
    "override": frozenset({"lapses"}),
    "holder": frozenset({"ends_on", "wins", "rank_field"}),
}
"""Which keys belong to which rule only."""


class OwnershipClause(Executable):
    """One rule of a family of rules that together say who owns a client."""

    kind: Literal["ownership"]
    rule: Rule
    on: Selectors = Field(min_length=1)
    """The events this rule speaks of: claims, signs of life, transfers, decisions."""
    holder: tuple[Name, ...] = HOLDER
    """The fields that say whose it is; the first one an event has."""
    filled: tuple[Name, ...] = ()
    """Fields that must have been true for a claim to be valid; filled in later, it is valid from then on."""
    after: Duration | None = None
    """How long without a sign of life before a claim lapses; calendar days, the last one to its end."""
    as_clock: Name | None = None
    """Instead of `after`: the clock clause whose limit this is, so that the number stands once."""
    phase: Literal["always", "first", "later"] = "always"
    """first: until the first sign of life of a claim; later: from then on."""
    signed_on: Selectors = ()
    """A sign of life counts only from this signature on."""
    signed_within: Name | None = None
    """The clock clause of the signature: in its time the sign's own day counts, later the day of signing."""
    times: int | None = Field(default=None, ge=2)
    """So many in a row; without it one is enough."""
    resets_on: Selectors = ()
    flags: dict[str, Coded] = Field(default={})
    """Only for claims that were made with these values."""
    lapses: bool = True
    """Whether a decided owner must go on showing signs of life."""
    ends_on: Selectors = ()
    wins: Literal["first", "latest", "ranked"] = "latest"
    """ranked: an earlier one of `on` goes before a later one, then more goes before less, then the earlier
    event; what ends it takes out whom it names, and the next one has it (CC13-D2)."""
    rank_field: Name | None = None
    """The number of which more goes first."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        given = self.model_fields_set & frozenset().union(*_KEYS.values())
        strange = sorted(given - _KEYS.get(self.rule, frozenset()))
        if strange:
            raise ValueError(f"`{strange[0]}` does not belong to the rule {self.rule!r}; drop it")
        if self.rule == "lapse" and (self.after is None) == (self.as_clock is None):
            raise ValueError("a lapse needs either `after`, such as P10D, or the clause it runs `as_clock`")
        if bool(self.signed_on) != bool(self.signed_within):
            raise ValueError("`signed_on` and `signed_within` need each other")
        if self.rank_field is not None and self.wins != "ranked":
            raise ValueError('`rank_field` belongs to `wins = "ranked"`')
        if self.times is None and self.rule == "void" and self.resets_on:
            raise ValueError("`resets_on` needs the number of `times` it sets back")
        return self

    @model_validator(mode="after")
    def _plain(self) -> Self:
        if any(not one.event or one.facts for one in self._all_selectors()):
            raise ValueError("ownership looks at events one by one: no `becomes`, no `facts`")
        return self

    def _all_selectors(self) -> tuple[Selector, ...]:
        return (*self.on, *self.signed_on, *self.resets_on, *self.ends_on)
