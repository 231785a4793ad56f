"""Figures, names and settings that the documents state are those of the code."""

import re
from pathlib import Path
from typing import get_args

import pytest

from onrecord_events.intake import Reason
from onrecord_events.sealed import CLEAR_CHARS_MAX
from onrecord_events.subjects import TOKEN_BYTES_MAX
from onrecord_projections.queries.answer import ROWS_MAX
from onrecord_projections.queries.clocks import State
from onrecord_services.api.app import PORT
from onrecord_services.commands.up import PREFERRED_PORTS
from onrecord_services.desk.app import PORT as DESK_PORT
from onrecord_services.intake.accept import UNDER_WAY_BYTES_MAX
from onrecord_services.intake.cloudevents import BATCH_EVENTS_MAX, EVENT_BYTES_MAX
from onrecord_services.intake.http_edge import BODY_BYTES_MAX
from onrecord_services.intake.quotas import Quota
from onrecord_services.simulate import month

ROOT = Path(__file__).parents[1]
SOURCES = [path.read_text(encoding="utf-8") for path in (ROOT / "services").rglob("*.py")]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("docs/events.md", f"a body takes {BODY_BYTES_MAX:,} bytes, an event {EVENT_BYTES_MAX:,}"),
        ("docs/events.md", f"up to {BATCH_EVENTS_MAX:,} events"),
        ("docs/events.md", f"at most {CLEAR_CHARS_MAX:,} characters"),
        ("docs/events.md", f"at most {TOKEN_BYTES_MAX} bytes"),
        (
            "docs/events.md",
            f"{Quota().events_per_s:,.0f} events and {Quota().bytes_per_s / 1e6:.0f} MB a second",
        ),
        ("docs/events.md", f"{UNDER_WAY_BYTES_MAX // 1_000_000} MB of its bodies"),
        ("docs/operations.md", f"{Quota().events_per_s:,.0f} and {Quota().bytes_per_s:,.0f} if left out"),
        ("docs/operations.md", "{}, {} and {} are taken if they are free".format(*PREFERRED_PORTS)),
        ("docs/operations.md", f"loopback and 8480, {PORT}, {DESK_PORT} if left out"),
        ("docs/api.md", f"at most {ROWS_MAX})"),
    ],
)
def test_a_limit_is_the_one_of_the_code(page: str, said: str) -> None:
    assert said in text_of(page)


def test_every_reason_of_a_refusal_is_listed() -> None:
    listed = re.search(r"Reasons of a refusal: (.*?)\.", text_of("docs/events.md"))
    assert listed is not None
    assert set(re.findall(r"`([a-z-]+)`", listed[1])) == set(get_args(Reason))


def test_every_state_of_a_clock_is_listed() -> None:
    listed = re.search(r"States: (.*?)\.$", text_of("docs/api.md"), re.MULTILINE)
    assert listed is not None
    assert set(re.findall(r"`([a-z]+)`", listed[1])) == set(get_args(State))


@pytest.mark.parametrize(
    ("page", "module"),
    [("docs/events.md", "intake/problems.py"), ("docs/api.md", "api/problems.py")],
)
def test_every_problem_is_listed_with_what_to_do(page: str, module: str) -> None:
    code = text_of(f"services/onrecord_services/{module}")
    assert [name for name in re.findall(r'name="([a-z-]+)"', code) if f"`{name}`" not in text_of(page)] == []


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(onrecord_\w+)`", text_of("docs/operations.md")))))
def test_every_metric_is_measured(name: str) -> None:
    measured = name.removesuffix("_total")
    assert any(f'"{measured}"' in source for source in SOURCES)


def test_every_setting_is_read_and_every_one_that_is_read_is_named() -> None:
    said = set(re.findall(r"`(ONRECORD_[A-Z_]+)`", text_of("docs/operations.md")))
    read = {name for source in SOURCES for name in re.findall(r'"(ONRECORD_[A-Z_]+)"', source)}
    assert said == read - {"ONRECORD_LINK_WORD", "ONRECORD_LINK_KEY"}  # `onrecord up` tells them itself


def test_the_demo_is_as_it_is_told() -> None:
    about = {str(event["data"].get("building")) for event in month()} - {"None"}
    assert len(about) == 3
    assert "three buildings" in text_of("README.md")


@pytest.mark.parametrize("folder", ["benchmarks", "docs"])
def test_a_folder_lists_all_that_lives_in_it(folder: str) -> None:
    here = {path.name for path in (ROOT / folder).iterdir() if path.suffix in {".py", ".md"}}
    assert {name for name in here - {"README.md"} if name not in text_of(f"{folder}/README.md")} == set()


def test_the_notice_names_every_package_we_ask_for() -> None:
    asked = re.search(r"^dependencies = \[(.*?)^\]", text_of("pyproject.toml"), re.DOTALL | re.MULTILINE)
    assert asked is not None
    names = re.findall(r'"([a-z-]+)', asked[1])
    assert [name for name in names if not re.search(rf"^  {name} ", text_of("NOTICE"), re.MULTILINE)] == []
