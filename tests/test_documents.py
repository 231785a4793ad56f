"""What the documents say is held to the code: commands, paths, links, examples, words."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, get_args
from urllib.parse import urlsplit

import pytest
import typer.main
from typer.testing import CliRunner

from onrecord_events.vocabulary import event_types
from onrecord_projections.judging import READINGS, check
from onrecord_projections.judging.clauses import Clause
from onrecord_services.api.app import make_app
from onrecord_services.cli import app
from onrecord_services.desk.registry import commands as asked_at_the_desk
from onrecord_services.importing.mapping import load_map
from onrecord_services.intake.parsed import Heard
from onrecord_services.intake.translate import translate

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 12, 1, tzinfo=UTC)
FOLDERS = ("events", "projections", "services", "tests", "benchmarks", "docs", "deploy")
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *(ROOT / folder / "README.md" for folder in FOLDERS)]
)
STYLE_WORDS = """
    event, stream, position, version, epoch, command, aggregate, decider, policy clause, rulebook, edition,
    evaluate, projection, read model, checkpoint, watermark, SLA clock, target, pause, breach, due_at,
    noticed_at, penalty line, CSAT, NPS, occurred time, recorded time, as_of, known_at
"""
ELSEWHERE = ("keys/", "nats/", "postgres/", "postgres-passwords.json", "data/", "onrecord/intake/")
"""Beginnings of what lies in a site's data folder, or is no path at all."""


class Block(NamedTuple):
    language: str
    text: str


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks_of(path: Path) -> list[Block]:
    """Fenced blocks with their language, and indented ones with none."""
    text = path.read_text(encoding="utf-8")
    fenced = [Block(*found) for found in re.findall(r"^```(\w*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)]
    rest = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    indented = re.findall(r"(?:(?<=\n\n)|\A)((?:    .*\n?)+)", rest)
    return fenced + [Block("", re.sub(r"^    ", "", block, flags=re.MULTILINE)) for block in indented]


def commands() -> Iterator[Any]:
    for path in DOCUMENTS:
        for block in blocks_of(path):
            if block.language in {"", "sh"}:
                for line in block.text.replace("\\\n", " ").splitlines():
                    if line.startswith("onrecord "):
                        yield pytest.param(line, id=f"{path.relative_to(ROOT)}: {line[:60]}")
        for line in re.findall(r"`(onrecord [a-z][^`\n]*)`", path.read_text(encoding="utf-8")):
            yield pytest.param(line, id=f"{path.relative_to(ROOT)}: {line[:60]}")


@pytest.mark.parametrize("line", list(commands()))
def test_every_onrecord_command_exists_with_every_option_it_is_given(line: str) -> None:
    command: Any = typer.main.get_command(app)
    words = shlex.split(line, comments=True)[1:]
    said = ["onrecord"]
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        name = words.pop(0)
        for choice in name.split("|"):
            assert choice in command.commands, f"{' '.join(said)} has no command {choice!r}"
        said.append(name.split("|")[0])
        command = command.commands[said[-1]]
    known = {option for parameter in command.params for option in parameter.opts}
    used = {word.strip("[]").partition("=")[0] for word in words if word.strip("[]").startswith("--")}
    assert used <= known | {"--help"}
    answer = CliRunner().invoke(app, [*said[1:], "--help"])
    assert answer.exit_code == 0, answer.output


def test_the_readmes_name_the_two_commands_and_stay_short() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        text = text_of(name)
        assert "python3 bootstrap.py demo\npython3 bootstrap.py test\n" in text
        assert len(text.splitlines()) < 100


def test_both_readmes_have_the_same_shape() -> None:
    shapes = [
        re.findall(r"^##|^- \*\*|\]\((?!README)[^)]*\)|^    onrecord .*$", text_of(name), re.MULTILINE)
        for name in ("README.md", "README.zh-CN.md")
    ]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_folder_says_what_lives_there_and_what_not_to_break(folder: str) -> None:
    text = text_of(f"{folder}/README.md")
    assert "nvariants not to break" in text or "Do not break" in text


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if not link.startswith(("https://", "#")):
            assert (path.parent / link.partition("#")[0]).exists(), link


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_are_named_exist(path: Path) -> None:
    """A path counts from the root, the page or a package; a bare name is a file of its folder, or of any."""
    folders = [path.parent.name] if path.parent.name in FOLDERS[:5] else FOLDERS
    names = {file.name for folder in folders for file in (ROOT / folder).rglob("*.*")}
    names |= {file.name for file in ROOT.iterdir()}
    for said in re.findall(r"`([\w.-]+(?:/[\w.-]+)*/?)`", path.read_text(encoding="utf-8")):
        if said.startswith(ELSEWHERE) or not _is_path(said):
            continue
        assert any(base.joinpath(said).exists() for base in _bases(path)) or said in names, said


def _is_path(said: str) -> bool:
    ends = (".py", ".md", ".toml", ".conf", ".sql", ".lock", ".yaml")
    return said.endswith(ends) or (said.endswith("/") and said.count("/") > 1)


def _bases(path: Path) -> list[Path]:
    floors = [ROOT / floor for floor in FOLDERS[:3]]
    packages = [floor / f"onrecord_{floor.name}" for floor in floors]
    return [ROOT, path.parent, *floors, *packages]


def test_the_rulebook_page_is_one_sound_rulebook() -> None:
    parts = [block.text for block in blocks_of(ROOT / "docs/rulebooks.md") if block.language == "toml"]
    assert check("\n".join(parts), "docs/rulebooks.md") == []


def test_the_rulebook_page_names_every_kind_of_clause() -> None:
    text = text_of("docs/rulebooks.md")
    kinds = {get_args(member.model_fields["kind"].annotation)[0] for member in get_args(get_args(Clause)[0])}
    assert {kind for kind in kinds if f'"{kind}"' not in text and f"`{kind}`" not in text} == set()


def test_the_import_page_shows_a_map_that_loads(tmp_path: Path) -> None:
    (shown,) = (block.text for block in blocks_of(ROOT / "docs/import.md") if block.language == "toml")
    path = tmp_path / "map.toml"
    path.write_text(shown, encoding="utf-8")
    assert [event.type for event in load_map(str(path)).event] == ["repair.ordered", "repair.done"]


def test_the_event_of_the_publishers_guide_is_understood() -> None:
    (shown,) = (block.text for block in blocks_of(ROOT / "docs/events.md") if block.language == "json")
    heard = understood(shown.encode(), "application/cloudevents+json", {})
    assert (heard.type, heard.stream) == ("complaint.registered", "complaint/CP-2026-0013")
    assert set(heard.clear) == {"name", "phone"}


def test_the_binary_event_of_the_publishers_guide_is_understood() -> None:
    shells = [block.text for block in blocks_of(ROOT / "docs/events.md") if "ce-specversion" in block.text]
    words = shlex.split(shells[0].replace("\\\n", " "))
    said = dict(word.split(": ", 1) for flag, word in pairwise(words) if flag == "-H")
    headers = {name.lower(): value for name, value in said.items()}
    body = words[words.index("-d") + 1]
    assert understood(body.encode(), headers["content-type"], headers).type == "complaint.repeated"


def test_the_nats_example_compiles_and_its_event_is_understood() -> None:
    (program,) = (block.text for block in blocks_of(ROOT / "docs/events.md") if block.language == "python")
    compile(program, "docs/events.md", "exec")
    shown = re.search(r"^EVENT = (\{.*?^\})", program, re.DOTALL | re.MULTILINE)
    assert shown is not None
    event: dict[str, Any] = {}
    exec(f"event = {shown[1]}", event)  # noqa: S102 (a literal of our own document)
    raw = json.dumps(event["event"]).encode()
    assert understood(raw, "application/cloudevents+json", {}).correlation == "complaint/CP-2026-0013"


def understood(raw: bytes, content_type: str, headers: dict[str, str]) -> Heard:
    (heard,) = translate(raw, content_type, headers, tenant="main", publisher="crm", now=NOW)
    assert isinstance(heard, Heard), heard
    return heard


def test_the_publishers_guide_names_every_personal_field() -> None:
    text = text_of("docs/events.md")
    fields = {field for event in event_types().values() for field in event.SEALED_FIELDS}
    assert {field for field in fields if f"`{field}`" not in text} == set()


def openapi_paths() -> dict[str, Any]:
    nothing: Any = None  # the document is made without asking anybody
    api = make_app(reads=nothing, keyring=nothing, measured=nothing)
    paths: dict[str, Any] = api.openapi_schema.to_schema()["paths"]
    return paths


def test_every_question_of_the_api_page_exists_and_takes_what_it_is_said_to() -> None:
    document = openapi_paths()
    taken = {
        path: {parameter["name"] for parameter in operations["get"].get("parameters", ())}
        for path, operations in document.items()
    }
    rows = re.findall(r"^\| [^|]+ \| `(/v1/[^`]+)` \| (.*) \|$", text_of("docs/api.md"), re.MULTILINE)
    said = {path.replace("/<kind>/<id>", "/{case_id}"): narrowed for path, narrowed in rows}
    assert set(said) == {path for path in taken if path.startswith("/v1/")}
    for path, narrowed in said.items():
        words = set(re.findall(r"`([a-z_]+)(?:=\w+)?`", narrowed))
        assert words <= taken[path], path
    for url in re.findall(r'curl "http://[^/]+(/[^"]+)"', text_of("docs/api.md")):
        asked = urlsplit(url)
        assert {pair.partition("=")[0] for pair in asked.query.split("&")} <= taken[asked.path], url


def test_every_event_type_or_command_a_document_names_exists() -> None:
    known = {*event_types(), *asked_at_the_desk()}
    kinds = {name.partition(".")[0] for name in known}
    ends = (".py", ".md", ".toml", ".keys", ".json")
    for path in DOCUMENTS:
        for said in re.findall(r"`([a-z-]+\.[a-z-]+)`", path.read_text(encoding="utf-8")):
            if said.partition(".")[0] in kinds and not said.endswith(ends) and said not in READINGS:
                assert said in known, f"{path.name}: {said}"


@pytest.mark.parametrize("word", [word.strip() for word in STYLE_WORDS.split(",")])
def test_every_word_of_the_style_is_in_the_glossary(word: str) -> None:
    assert re.search(rf"^\| {re.escape(word)} \| \S", text_of("GLOSSARY.md"), re.MULTILINE)


def test_decisions_are_numbered_and_whole() -> None:
    entries = re.split(r"^## ", text_of("DECISIONS.md"), flags=re.MULTILINE)[1:]
    assert [int(entry.partition(".")[0]) for entry in entries] == list(range(1, len(entries) + 1))
    for entry in entries:
        assert re.search(r"^\d{4}-\d\d-\d\d · (accepted|rejected|replaced by \d+)$", entry, re.MULTILINE)
        parts = re.findall(r"^- \*\*(.*?)\*\*", entry, re.MULTILINE)
        assert parts == ["Context.", "Decision.", "Consequences.", "Revisit when"], entry[:60]


def test_the_changelog_lists_every_shipped_edition() -> None:
    text = text_of("CHANGELOG.md")
    for path in (ROOT / "projections/onrecord_projections/rulebooks").glob("*/*.toml"):
        assert re.search(rf"^\| {path.parent.name} \| \d+ \| {path.stem} \|", text, re.MULTILINE), path
