"""Every no has words in both languages: those of deciders, and those of rulebooks that hold at the desk."""

import re
import tomllib
from pathlib import Path

import pytest

import onrecord_services.desk
from onrecord_projections.judging import shipped_rulebook

DESK = Path(onrecord_services.desk.__file__).parent
WORDS = tomllib.loads((DESK / "reasons.toml").read_text())
SAID = re.compile(r'Refused\(\s*f?"([a-z{}\[\]A-Z1 _-]+)"')
DYNAMIC = {
    "form-not-{WAY[wanted - 1]}": {"form-not-issued", "form-not-received", "form-not-signed"},
}
CHOSEN = {"not-settled", "not-archived", "not-ended"}
"""What one line of `base.py` chooses among."""


def reasons_of(subject: str) -> set[str]:
    found: set[str] = set()
    for path in sorted((DESK / subject).glob("*.py")):
        for said in SAID.findall(path.read_text()):
            found |= DYNAMIC.get(said, {said})
    return found


def test_every_reason_of_complaints_has_words_and_none_is_left_over() -> None:
    assert set(WORDS["complaint"]) == reasons_of("complaint") | CHOSEN


@pytest.mark.parametrize("pack", ["rent-crm", "cc03-complaints", "cc05-dealer-complaints"])
def test_what_these_rulebooks_find_against_a_complaint_has_words(pack: str) -> None:
    findings = {
        clause.finding
        for clause in shipped_rulebook(pack)[0].clause
        if clause.kind in {"access", "approval", "required", "limit"}
        and any("complaint." in str(part) or "compensate" in str(part) for part in clause)
    }
    assert findings - {"handler-excluded"} <= set(WORDS["rulebooks"]) | {"access-denied"}


def test_all_words_are_there_twice() -> None:
    for table in WORDS.values():
        for code, words in table.items():
            assert set(words) == {"en", "zh"}, code
            assert all(words.values()), code
