"""Lengths of time, as a policy and as a tenant write them."""

from datetime import timedelta

import pytest

from onrecord_projections.judging.durations import (
    DurationError,
    Measure,
    Target,
    iso_target,
    worded_target,
)


@pytest.mark.parametrize(
    ("text", "measure", "target"),
    [
        ("PT10M", "elapsed", Target("elapsed", timedelta(minutes=10))),
        ("PT1H30M15S", "working", Target("working", timedelta(hours=1, minutes=30, seconds=15))),
        ("P1DT12H", "elapsed", Target("elapsed", timedelta(hours=36))),
        ("P3D", "working_days", Target("working_days", count=3)),
        ("P10D", "calendar_days", Target("calendar_days", count=10)),
        ("P0D", "calendar_days", Target("calendar_days", count=0)),
        ("P15D", "legal_days", Target("legal_days", count=15)),
        ("P1Y6M", "months", Target("months", count=18)),
        ("P2Y", "years", Target("years", count=2)),
        ("P2D", "started_24h", Target("started_24h", timedelta(days=2))),
        ("P36525D", "calendar_days", Target("calendar_days", count=36_525)),
        ("P36525D", "elapsed", Target("elapsed", timedelta(days=36_525))),
        ("P99Y", "years", Target("years", count=99)),
    ],
)
def test_an_iso_duration_counts_in_the_unit_of_its_measure(
    text: str, measure: Measure, target: Target
) -> None:
    assert iso_target(text, measure) == target


@pytest.mark.parametrize(
    ("text", "measure", "words"),
    [
        ("P", "elapsed", "no duration"),
        ("24", "elapsed", "no duration"),
        ("PT24", "elapsed", "no duration"),
        ("P1M", "elapsed", "knows no months"),
        ("PT8H", "working_days", "whole ones only"),
        ("P1DT1H", "working_days", "whole ones only"),
        ("P1Y1M", "years", "whole ones only"),
        ("PT12H", "started_24h", "whole ones only"),
        ("P1Y2D", "started_24h", "whole ones only"),
        ("P1M2D", "started_24h", "whole ones only"),
        ("P2DT30M", "started_24h", "whole ones only"),
        ("PT0H", "elapsed", "longer than nothing"),
        ("P0D", "working_days", "longer than nothing"),
        ("P36526D", "calendar_days", "longer than a hundred years"),
        ("P101Y", "years", "longer than a hundred years"),
        ("P999999D", "elapsed", "no duration"),
    ],
)
def test_what_is_no_length_of_its_measure_is_refused(text: str, measure: Measure, words: str) -> None:
    with pytest.raises(DurationError, match=words):
        iso_target(text, measure)


@pytest.mark.parametrize(
    ("text", "on_calendar", "target"),
    [
        ("PT4H", False, Target("elapsed", timedelta(hours=4))),
        ("PT4H", True, Target("working", timedelta(hours=4))),
        ("4 hours", False, Target("elapsed", timedelta(hours=4))),
        ("4 working hours", False, Target("working", timedelta(hours=4))),
        ("1 minute", True, Target("working", timedelta(minutes=1))),
        ("3 working days", True, Target("working_days", count=3)),
        ("3 days", True, Target("calendar_days", count=3)),
        ("3 calendar days", False, Target("calendar_days", count=3)),
        ("15 legal days", False, Target("legal_days", count=15)),
        ("1 month", False, Target("months", count=1)),
        ("2 years", False, Target("years", count=2)),
    ],
)
def test_a_tenant_writes_words_or_iso(text: str, on_calendar: bool, target: Target) -> None:  # noqa: FBT001
    assert worded_target(text, on_calendar=on_calendar) == target


@pytest.mark.parametrize(
    "text", ["soon", "4", "four hours", "-1 days", "99999999 years", "999999999999 hours"]
)
def test_what_names_no_length_is_refused(text: str) -> None:
    with pytest.raises(DurationError):
        worded_target(text)
