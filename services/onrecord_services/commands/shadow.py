"""onrecord rulebook shadow | unshadow: let a draft run beside what is in force, or take it away again."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from onrecord_projections.judging import check, load
from onrecord_services.commands.common import DEFAULT, Data, fail, out, run, site_of
from onrecord_services.commands.decisions import event, hand_in


def shadow(
    tenant: Annotated[str, typer.Argument(help="Whose events it is judged on.")],
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="The draft, with an edition of its own.")
    ],
    data: Data = DEFAULT,
    since: Annotated[str, typer.Option(help="From when it would hold; its own date if left out.")] = "",
) -> None:
    """Judge a draft on the same events, visible and without effect, until it is adopted or taken away."""
    text = file.read_text(encoding="utf-8")
    faults = check(text, str(file))
    for fault in faults:
        out.print(str(fault), markup=False, soft_wrap=True)
    if faults:
        fail(f"{len(faults)} to mend; it does not run")
    book = load(text, str(file))
    at = datetime.fromisoformat(since) if since else book.effective_at
    if at.tzinfo is None:
        fail("--since needs its zone, such as 2026-07-01T00:00:00+08:00")
    body = {
        "pack": book.pack,
        "edition": book.edition,
        "effective_at": at.isoformat(),
        "content": text,
    }
    _decide(data, tenant, "rulebook.shadowed", book.pack, body)
    out.print(f"{book.pack} edition {book.edition} runs beside for {tenant}, as if from {at.isoformat()}")


def unshadow(
    tenant: Annotated[str, typer.Argument(help="Whose.")],
    pack: Annotated[str, typer.Argument(help="The policy whose draft runs, such as rent-crm.")],
    data: Data = DEFAULT,
) -> None:
    """Take a draft away; nothing of it stays but the record that it ran."""
    _decide(data, tenant, "rulebook.unshadowed", pack, {"pack": pack})
    out.print(f"the draft of {pack} runs no more for {tenant}")


def _decide(data: Path, tenant: str, type_name: str, pack: str, body: dict[str, Any]) -> None:
    """Each time an act of its own: the same draft may come and go."""
    acted = f"{type_name} {pack} {datetime.now(UTC).isoformat()}"
    decision = event(type_name, f"rulebook/{pack}", acted, body)
    for refusal in run(hand_in(site_of(data), tenant, [decision])):
        fail(f"refused: {refusal.reason} {refusal.where}")
