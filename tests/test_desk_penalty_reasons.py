"""Every no of penalties and payroll has words in both languages, and none is left over."""

import re
import tomllib
from pathlib import Path

import pytest

from onrecord_services import desk

DESK = Path(desk.__file__).parent
WORDS = tomllib.loads((DESK / "reasons.toml").read_text(encoding="utf-8"))
SAID = re.compile(r'Refused\(\s*"([a-z-]+)"(?: if [^)]*? else "([a-z-]+)")?')


@pytest.mark.parametrize("subject", ["penalty", "payroll"])
def test_every_reason_has_words_in_both_languages_and_none_is_left_over(subject: str) -> None:
    found = {
        reason
        for path in (DESK / subject).glob("*.py")
        for said in SAID.findall(path.read_text(encoding="utf-8"))
        for reason in said
        if reason
    }
    assert set(WORDS[subject]) == found
    for words in WORDS[subject].values():
        assert set(words) == {"en", "zh"}
        assert all(words.values())
