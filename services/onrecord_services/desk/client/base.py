"""Base: what every decision about a client asks first: is he known, with his family, and may this person?"""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from onrecord_events.base import Ref
from onrecord_projections.judging.ownership import Ownership
from onrecord_services.desk import lawful
from onrecord_services.desk.client.state import Client, fold
from onrecord_services.desk.client.whose import owning, rules_now, whose
from onrecord_services.desk.decision import Command, Fact, Held, Refused

LEADERS = "client.led-by"
"""The tenant's reading of who signs for a team and decides whose client it is. The policies say leader,
manager or company, each in its own words; none of them as data."""

Family = Annotated[tuple[Ref, ...], Field(max_length=50)]


class OnClient(Command):
    """A decision about one client; `facts` says what comes of it."""

    MUST_BE_KNOWN: ClassVar[bool] = True
    LED: ClassVar[bool] = False
    """Whether only a leader may."""
    RULE: ClassVar[str] = ""
    """The kind of ownership rule it stands on; a policy without one gives it no effect."""

    client: Ref
    relatives: Family = ()
    """The clients that are one family with him: what they have counts here (RE-REG-5)."""

    @property
    def stream(self) -> str:
        """The client's own."""
        return f"client/{self.client}"

    @property
    def family(self) -> tuple[str, ...]:
        """The streams that count as one."""
        return tuple(dict.fromkeys((self.stream, *(f"client/{one}" for one in self.relatives))))

    def streams(self) -> tuple[str, ...]:
        """The client, and his family."""
        return self.family

    def decide(self, held: Held) -> Sequence[Fact]:
        """What comes of it, if neither the policies in force nor the claims of others are against it."""
        client = fold(held.events(self.stream))
        self.must_be_known(held, client)
        clause = self.clause(held)
        if self.LED:
            must_lead(held, clause)
        facts = self.facts(client, held)
        in_vain(held, self.family, facts)
        mine = [fact.body for fact in facts if fact.stream == self.stream]
        lawful.in_order(held, self.stream, mine)
        return facts

    def facts(self, client: Client, held: Held) -> Sequence[Fact]:
        """What happens; nothing if all of it is so already. Raises Refused."""
        raise NotImplementedError

    def clause(self, held: Held) -> str | None:
        """The clause it stands on. Raises Refused."""
        if not self.RULE:
            return None
        rules = rules_now(held, self.RULE)
        if not rules and rules_now(held, "claim"):
            raise Refused("policy-knows-none", rule=self.RULE)
        return rules[0].id if rules else None

    def must_be_known(self, held: Held, client: Client) -> None:
        """Somebody wrote him down, here, and his whole family was named."""
        if client.found_as is not None:
            raise Refused("found-under-another", client=client.found_as)
        if self.MUST_BE_KNOWN and not client.met:
            raise Refused("unknown-client")
        related = {one for name in self.family for one in fold(held.events(name)).relatives}
        unnamed = sorted(related - set(self.family))
        if unnamed:
            named = " ".join(name.removeprefix("client/") for name in unnamed)
            raise Refused("relatives-not-named", relatives=named)


def must_lead(held: Held, clause: str | None) -> None:
    """Only somebody with the say. Raises Refused."""
    if not held.has_role(*held.settings.reading(LEADERS, held.at).split()):
        raise Refused("role-lacking", clause=clause)


def in_vain(held: Held, family: Sequence[str], facts: Sequence[Fact]) -> None:
    """Passed on while somebody has him is in vain, and so refused. Raises Refused."""
    if not facts:
        return
    before = {(one.clause, one.position) for one in whose(held, family).refused}
    for one in whose(held, family, facts).refused:
        if (one.clause, one.position) not in before and one.why == "still-held":
            raise Refused("still-held", clause=one.clause, **has(whose(held, family), one.client, held))


def has(found: Ownership, client: str, held: Held) -> dict[str, str]:
    """Who has him and since when, in codes only."""
    span = owning(found, client, held.at)
    if span is None or span.owner is None:
        return {}
    return {"owner": span.owner, "since": span.since.isoformat()}
