"""Amounts: what one price comes to for one finding. Exact decimals; a cent is the smallest, half goes up."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation

import msgspec

from onrecord_projections.judging.clauses.price import PayShare, Price
from onrecord_projections.judging.policy import Settings
from onrecord_projections.judging.pricing.pays import Pays
from onrecord_projections.judging.verdict import Finding

CENT = Decimal("0.01")
_HUNDRED = Decimal(100)


class Worth(msgspec.Struct, frozen=True):
    """What a price comes to before ladders: an amount, or a range, or what is missing for either."""

    amount: Decimal | None = None
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    lacks: str = ""


def worth(settings: Settings, clause: str, price: Price, finding: Finding, month: str, pays: Pays) -> Worth:
    """One price, once, for everybody together."""
    if price.amount is not None:
        return Worth(cents(price.amount))
    if price.by_value:
        if finding.value is None:
            return Worth(lacks="value")
        times = (price.percent_of_value or _HUNDRED) / _HUNDRED * (price.times_value or 1)
        return Worth(cents(finding.value * times), finding.value)
    if price.pay is not None:
        return share_of_pay(price.pay, finding.person or "", month, pays)
    if price.tenant_amount:
        number = settings.number(clause, finding.at)
        amount = None if number is None else _decimal(number.value)
        return Worth(lacks="tenant-number") if amount is None else Worth(cents(amount))
    return Worth()


def share_of_pay(share: PayShare, person: str, month: str, pays: Pays) -> Worth:
    """A percentage of the month's pay, or the range between two."""
    pay = pays.get((person, share.of, month))
    if pay is None:
        return Worth(lacks=f"{share.of} {month}")
    if share.percent is not None:
        return Worth(cents(pay * share.percent / _HUNDRED), pay)
    assert share.from_percent is not None
    assert share.to_percent is not None
    low, high = share.from_percent, share.to_percent
    return Worth(None, pay, cents(pay * low / _HUNDRED), cents(pay * high / _HUNDRED))


def share(whole: Decimal, shares: int, rank: int) -> Decimal:
    """The part of the person of this rank; cents that do not divide go to the first ones, one each."""
    each = (whole / shares).quantize(CENT, ROUND_DOWN)
    left = int((whole - each * shares) / CENT)
    return each + CENT if rank < left else each


def divided(amount: Decimal, shares: Sequence[tuple[str, Decimal]]) -> list[tuple[str, Decimal]]:
    """Who bears how much of an amount, in proportion to how another one was split.

    Cents that do not divide go to the first ones, one each; the parts are the amount, to the cent.
    """
    whole = sum((own for _, own in shares), Decimal())
    if not whole:
        return [(person, Decimal()) for person, _ in shares]
    each = [(amount * own / whole).quantize(CENT, ROUND_DOWN) for _, own in shares]
    left = int((amount - sum(each, Decimal())) / CENT)
    return [
        (person, even + CENT if nth < left else even)
        for nth, ((person, _), even) in enumerate(zip(shares, each, strict=True))
    ]


def part(whole: Decimal, parts: Sequence[int], rank: int) -> Decimal:
    """What falls on the one of this rank, in proportion; cents left over go to the largest remainders.

    Of equal remainders the first; all parts together are the whole, to the cent.
    """
    total, weight = int(whole / CENT), sum(parts)
    shared = [divmod(total * own, weight) for own in parts]
    left = total - sum(even for even, _ in shared)
    order = sorted(range(len(parts)), key=lambda nth: (-shared[nth][1], nth))
    return (shared[rank][0] + (rank in order[:left])) * CENT


def cents(amount: Decimal) -> Decimal:
    """In whole cents."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
