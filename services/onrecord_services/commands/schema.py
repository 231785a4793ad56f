"""onrecord schema: JSON Schema of the events, for whoever publishes them."""

import json
from typing import Annotated, Any

import typer

from onrecord_events.vocabulary import event_types
from onrecord_services.commands.common import fail, out

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(
    type_name: Annotated[str, typer.Argument(metavar="[TYPE]", help="One event type; all if left out.")] = "",
    names: Annotated[
        bool, typer.Option("--names", help="Only list the types, with what each means.")
    ] = False,
) -> None:
    """Print the JSON Schema of every event body, or of one.

    Personal fields are sent in clear text and sealed before they are stored; they are marked `x-sealed`.
    """
    known = event_types()
    if type_name and type_name not in known:
        fail(f"no event type {type_name!r}; `onrecord schema --names` lists them")
    if names:
        for name, event in sorted(known.items()):
            out.print(
                f"{name:<34} {(event.__doc__ or '').strip().splitlines()[0]}", markup=False, soft_wrap=True
            )
        return
    chosen = {type_name: known[type_name]} if type_name else dict(sorted(known.items()))
    typer.echo(
        json.dumps(
            {"$schema": DIALECT, "$defs": {n: body_schema(n) for n in chosen}}, indent=2, ensure_ascii=False
        )
    )


def body_schema(type_name: str) -> dict[str, Any]:
    """The body a publisher sends: personal fields as text."""
    event = event_types()[type_name]
    made = event.model_json_schema(mode="validation")
    made["title"] = type_name
    for name in event.SEALED_FIELDS:
        about = made["properties"][name].get("description")
        made["properties"][name] = {"type": ["string", "null"], "maxLength": 4000, "x-sealed": True}
        if about:
            made["properties"][name]["description"] = about
    if "$defs" in made:
        made["$defs"].pop("Sealed", None)
        if not made["$defs"]:
            del made["$defs"]
    return made
