"""onrecord rulebook: check an edition, see the shipped ones, adopt one on the record."""

import json
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from onrecord_projections.calendar import shipped
from onrecord_projections.judging import RulebookError, check, load, shipped_rulebooks
from onrecord_projections.judging.event_names import (
    AnyOf,
    Meaning,
    Same,
    Yielded,
    load_event_names,
    shipped_event_names,
)
from onrecord_services.commands.common import DEFAULT, Data, fail, out, run, site_of
from onrecord_services.commands.coverage import show_coverage
from onrecord_services.commands.decisions import event, hand_in
from onrecord_services.commands.edition_diff import show_difference
from onrecord_services.commands.shadow import shadow, unshadow

rulebook_app = typer.Typer(no_args_is_help=True, help="Policies as data: one TOML file an edition.")
rulebook_app.command("coverage")(show_coverage)
rulebook_app.command("diff")(show_difference)
rulebook_app.command("shadow")(shadow)
rulebook_app.command("unshadow")(unshadow)


@rulebook_app.command("check")
def check_file(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Editions to check.")],
) -> None:
    """Refuse a wrong edition with file, line and clause; run its worked examples."""
    faults = [fault for file in files for fault in check(file.read_text(encoding="utf-8"), str(file))]
    for fault in faults:
        out.print(str(fault), markup=False, soft_wrap=True)
    if faults:
        fail(f"{len(faults)} to mend; nothing of it can be adopted")
    for file in files:
        book = load(file.read_text(encoding="utf-8"))
        out.print(f"{file}: {book.pack} edition {book.edition}, {len(book.clause)} clauses, sound")


@rulebook_app.command("list")
def list_shipped() -> None:
    """The editions that come with the product."""
    for name, text in shipped_rulebooks().items():
        book = load(text)
        out.print(f"{name:<32} {book.pack}@{book.edition}  {book.title.en} · {book.title.zh}", markup=False)


@rulebook_app.command("events")
def list_events(
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs, with the codes of violations and merits.")
    ] = False,
) -> None:
    """What each event name of the rule catalogue is: a typed event, or what clauses yield."""
    said = load_event_names(shipped_event_names())
    if as_json:
        names = {name: said.names[name].model_dump(exclude_defaults=True) for name in sorted(said.names)}
        typer.echo(
            json.dumps(
                {"names": names, "violations": dict(said.violations), "merits": dict(said.merits)},
                indent=2,
                ensure_ascii=False,
            )
        )
        return
    for name in sorted(said.names):
        out.print(f"{name:<32} {_in_words(said.names[name])}", markup=False, soft_wrap=True)


def _in_words(meaning: Meaning) -> str:
    match meaning:
        case AnyOf():
            return ", or ".join(_in_words(one) for one in meaning.any_of)
        case Same():
            return f"as {meaning.same_as}: {meaning.because}"
        case Yielded():
            return f"{meaning.verdict}, yielded by {', '.join(meaning.of)} clauses"
        case _:
            groups = ((meaning.becomes, "becomes "), (meaning.where, ""), (meaning.unless, "not "))
            said = (
                f"{word}{field}={'|'.join(map(str, wanted))}"
                for group, word in groups
                for field, wanted in group.items()
            )
            return " ".join((*([meaning.event] if meaning.event else []), *said))


@rulebook_app.command("adopt")
def adopt(
    tenant: Annotated[str, typer.Argument(help="Whose rules.")],
    file: Annotated[str, typer.Argument(help="A file, or the name of a shipped one such as rent-crm.")],
    data: Data = DEFAULT,
    since: Annotated[str, typer.Option(help="From when it holds; the edition's own date if left out.")] = "",
    by: Annotated[str, typer.Option(help="Who approved it.")] = "",
) -> None:
    """Put an edition in force for a tenant, as an event that carries it whole, with its calendar."""
    text = _text_of(file)
    try:
        book = load(text, file)
    except RulebookError as error:
        fail(str(error))
    effective_at = datetime.fromisoformat(since) if since else book.effective_at
    if effective_at.tzinfo is None:
        fail("--since needs its zone, such as 2026-07-01T00:00:00+08:00")
    body = {
        "pack": book.pack,
        "edition": book.edition,
        "effective_at": effective_at.isoformat(),
        "content": text,
        "content_sha256": sha256(text.encode()).hexdigest(),
    } | ({"approved_by": by} if by else {})
    adopted = event("rulebook.adopted", f"rulebook/{book.pack}", f"{book.pack}@{book.edition}", body)
    calendar = event(
        "calendar.adopted",
        f"calendar/{book.calendar}",
        f"{book.calendar} for {book.pack}@{book.edition}",
        {
            "calendar": book.calendar,
            "effective_at": effective_at.isoformat(),
            "content": shipped(book.calendar),
        },
    )
    for refusal in run(hand_in(site_of(data), tenant, [calendar, adopted])):
        if refusal.reason == "conflict":
            fail(f"{book.pack} edition {book.edition} was adopted before; what changes is a new edition")
        fail(f"refused: {refusal.reason} {refusal.where}")
    out.print(f"{book.pack} edition {book.edition} holds for {tenant} from {effective_at.isoformat()}")


def _text_of(file: str) -> str:
    path = Path(file)
    if path.exists():
        return path.read_text(encoding="utf-8")
    named = [text for name, text in shipped_rulebooks().items() if name.startswith(f"{file}/")]
    if not named:
        fail(f"no such file, and no shipped rulebook {file!r}; `onrecord rulebook list` shows them")
    return named[-1]
