"""`onrecord rulebook shadow` and `unshadow`: what they put on the record, and what they refuse."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from onrecord_events.base import read_body
from onrecord_services.cli import app
from onrecord_services.commands import shadow
from onrecord_services.importing.run import Refused
from test_shadow import DRAFT


@pytest.fixture
def handed_in(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What would go to intake of a site that is not there."""
    events: list[dict[str, Any]] = []

    async def hand_in(_: object, tenant: str, said: list[dict[str, Any]]) -> list[Refused]:
        events.extend(said)
        return [Refused("unauthorised", tenant)] if tenant == "other" else []

    monkeypatch.setattr(shadow, "site_of", lambda _: None)
    monkeypatch.setattr(shadow, "hand_in", hand_in)
    return events


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "draft.toml"
    path.write_text(DRAFT, encoding="utf-8")
    return path


def test_a_draft_goes_on_the_record_whole_each_time_as_an_act_of_its_own(
    handed_in: list[dict[str, Any]], draft: Path
) -> None:
    for _ in range(2):
        ran = CliRunner().invoke(app, ["rulebook", "shadow", "main", str(draft)])
        assert "one-day edition 2 runs beside for main, as if from 2025-12-31T16:00:00+00:00" in " ".join(
            ran.output.split()
        )
    first, second = handed_in
    assert (first["type"], first["subject"]) == ("rulebook.shadowed", "rulebook/one-day")
    assert first["data"]["content"] == DRAFT
    assert read_body(first["type"], first["data"]).TYPE == "rulebook.shadowed"
    assert first["id"] != second["id"]


def test_it_is_taken_away_by_its_policy(handed_in: list[dict[str, Any]]) -> None:
    assert CliRunner().invoke(app, ["rulebook", "unshadow", "main", "one-day"]).exit_code == 0
    assert handed_in[0]["data"] == {"pack": "one-day"}
    assert read_body("rulebook.unshadowed", handed_in[0]["data"]).TYPE == "rulebook.unshadowed"


def test_a_draft_that_is_not_sound_does_not_run(handed_in: list[dict[str, Any]], draft: Path) -> None:
    draft.write_text(DRAFT.replace("PT12H", "PT13H"), encoding="utf-8")
    ran = CliRunner().invoke(app, ["rulebook", "shadow", "main", str(draft)])
    assert ran.exit_code == 2
    assert "DAY: example 'told at the last second'" in ran.output.replace("\n", " ")
    assert handed_in == []


@pytest.mark.usefixtures("handed_in")
def test_what_intake_refuses_is_told(draft: Path) -> None:
    ran = CliRunner().invoke(app, ["rulebook", "shadow", "other", str(draft)])
    assert ran.exit_code == 2
    assert "refused: unauthorised other" in ran.output
    late = CliRunner().invoke(app, ["rulebook", "shadow", "main", str(draft), "--since", "2026-07-01"])
    assert "--since needs its zone" in late.output
