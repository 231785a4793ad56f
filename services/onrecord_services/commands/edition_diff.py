"""onrecord rulebook diff: what two editions say differently, in plain words."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from onrecord_projections.judging import Rulebook, RulebookError, load, shipped_rulebooks
from onrecord_projections.judging.differences import differences
from onrecord_services.commands.common import fail, out

_WHAT = {
    "en": {"added": "new", "removed": "gone", "changed": "changed"},
    "zh": {"added": "新增", "removed": "删除", "changed": "修改"},
}


def show_difference(
    old: Annotated[str, typer.Argument(help="A file, or a shipped edition such as cc02-archive/2026-01-01.")],
    new: Annotated[str, typer.Argument(help="The other one.")],
    lang: Annotated[Literal["en", "zh"], typer.Option(help="Language of the words.")] = "en",
) -> None:
    """What the second edition says differently from the first, clause by clause."""
    found = differences(_edition(old), _edition(new), lang)
    if not found:
        out.print("没有差异" if lang == "zh" else "no difference that changes a verdict")
    for item in found:
        out.print(f"{item.clause} ({item.cites}) {_WHAT[lang][item.what]}", style="bold", markup=False)
        for words in item.words:
            out.print(f"  {words}", markup=False, soft_wrap=True)


def _edition(name: str) -> Rulebook:
    """A file's edition, or a shipped one by `<pack>/<date>` or by its pack alone, the latest."""
    path = Path(name)
    if path.is_file():
        text = path.read_text(encoding="utf-8")
    else:
        texts = [
            text for key, text in shipped_rulebooks().items() if key.removesuffix(".toml").startswith(name)
        ]
        if not texts:
            fail(f"{name}: no such file, and no shipped edition of that name (`onrecord rulebook list`)")
        text = texts[-1]
    try:
        return load(text, name)
    except RulebookError as error:
        fail("\n".join(map(str, error.faults)))
