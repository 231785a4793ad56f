"""`onrecord report` as somebody types it on a running site: the list, the file, its record, the errors."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from onrecord_services.keystore import KeyStore
from reporting import book_of
from site_process import SiteProcess, site_on

COMPLAINT = {
    "specversion": "1.0",
    "id": "1",
    "source": "crm/1",
    "type": "complaint.registered",
    "subject": "complaint/A",
    "time": "2026-06-01T00:00:00Z",
    "data": {
        "severity": "minor",
        "channel": "phone",
        "customer": "c-1",
        "received_by": "chen",
        "name": "王小明",
    },
}
FOR_THE_RECORD = 20.0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteProcess]:
    with site_on(tmp_path_factory.mktemp("report")) as running:
        running.start()
        with running.client(intake=True) as intake:
            answer = intake.post(
                "/v1/events", json=COMPLAINT, headers={"content-type": "application/cloudevents+json"}
            )
            assert answer.status_code == 200, answer.text
            position = answer.json()["results"][0]["position"]
        with running.client() as api:
            assert api.get("/v1/cases/complaint/A", params={"wait_for": position}).status_code == 200
        yield running


def report(site: SiteProcess, *words: str) -> str:
    """What it says, on one line."""
    ended = site.typed("report", *words)
    assert ended.exit_code == 0, ended.output
    return " ".join(ended.stdout.split())


def in_a_process(site: SiteProcess, *words: str) -> str:
    ended = site.command("report", *words)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return " ".join(ended.stdout.split())


def refused(site: SiteProcess, *words: str) -> str:
    ended = site.typed("report", *words)
    assert ended.exit_code == 2, ended.output
    assert isinstance(ended.exception, SystemExit), "it says so, and shows no traceback"
    return " ".join(ended.stderr.split())


def test_the_list_names_every_report_with_what_it_takes(site: SiteProcess) -> None:
    listed = report(site, "--list", "--lang", "en")
    assert "complaint-analysis Complaint analysis ZC-QR-029 --period 2026-06 | 2026-Q2 | 2026" in listed
    assert "repair-order Repair work order ZC-QR-009/010 --case repair/ID RENT-CRM-2.1-2" in listed


def test_a_report_is_a_file_and_on_record(site: SiteProcess, tmp_path: Path) -> None:
    file = tmp_path / "june.xlsx"
    told = in_a_process(site, "complaint-analysis", "--period", "2026-06", "--out", str(file))
    position = re.search(rf"{re.escape(str(file))}: 1 rows, position (\d+), (complaint-analysis-\w+)", told)
    assert position is not None, told
    assert book_of(file.read_bytes()).worksheets[0]["A2"].value == "complaint/A"
    events = told_of(site, "report/complaint-analysis")
    assert events[-1]["type"] == "report.produced"
    assert events[-1]["data"]["report_id"] == position[2]
    assert events[-1]["data"]["position"] == int(position[1])


def test_the_same_position_gives_the_same_bytes_on_every_run(site: SiteProcess, tmp_path: Path) -> None:
    """Once here, once in another process: sets lie in another order there."""
    known = ("--known-at", "2026-06-30T00:00:00+08:00", "--period", "2026-06")
    for fmt in ("pdf", "xlsx", "csv"):
        files = [tmp_path / f"{nth}.{fmt}" for nth in range(2)]
        for file, run in zip(files, (report, in_a_process), strict=True):
            run(site, "complaint-statistics", *known, "--format", fmt, "--out", str(file))
        assert files[0].read_bytes() == files[1].read_bytes(), fmt


def test_a_personal_field_is_sealed_on_paper_until_its_person_is_forgotten(
    site: SiteProcess, tmp_path: Path
) -> None:
    file = tmp_path / "record.csv"
    asked = ("complaint-record", "--case", "complaint/A", "--format", "csv", "--lang", "en", "--out")
    report(site, *asked, str(file))
    assert "Name,(sealed)" in file.read_text(encoding="utf-8-sig")
    keys = KeyStore.open(Path(site.site.keys_dir), "main")
    assert keys.forget(keys.id_of("c-1"))
    keys.close()
    report(site, *asked, str(file))
    assert "Name,erased" in file.read_text(encoding="utf-8-sig")
    assert "王小明" not in file.read_text(encoding="utf-8-sig")


JUNE = ("breaches", "--period", "2026-06")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("complaints",), "report: there is no 'complaints'; there are complaint-an", id="name"),
        pytest.param(("breaches", "--period", "june"), "period: 'june' will not do; the report", id="period"),
        pytest.param((*JUNE, "--format", "doc"), "format: xlsx, csv, pdf", id="format"),
        pytest.param((*JUNE, "--as-of", "now"), "--as-of: not an instant with its offset", id="instant"),
        pytest.param((*JUNE, "--lang", "fr"), "--lang is zh or en", id="language"),
        pytest.param((*JUNE, "--tenant", "nobody"), "tenant nobody has no read model", id="tenant"),
    ],
)
def test_an_error_says_what_to_do(site: SiteProcess, words: tuple[str, ...], said: str) -> None:
    assert f"onrecord: {said}" in refused(site, *words)


def told_of(site: SiteProcess, case: str) -> list[dict[str, Any]]:
    """The events of a stream, once the last one is in the rows."""
    give_up_at = time.monotonic() + FOR_THE_RECORD
    while True:
        with site.client() as api:
            events: list[dict[str, Any]] = api.get("/v1/timeline", params={"case": case}).json()["items"]
        if events or time.monotonic() > give_up_at:
            return events
