"""Which editions and drafts a tenant has after each decision, and why one could not take effect."""

from typing import Any

import pytest

from judging_builders import ADOPTED, HEAD, adopting, at, calendars, clause, facts, policy, story
from onrecord_projections.judging import Settings

FIRST = HEAD + clause()
SECOND = FIRST.replace("edition = 1", "edition = 2").replace("2020-01-01", "2026-03-03")
THIRD = FIRST.replace("edition = 1", "edition = 3").replace("2020-01-01", "2026-06-01")
MARCH = "2026-03-03T00:00:00+08:00"
APRIL = "2026-04-01T00:00:00+08:00"


def decided(settings: Settings, position: int, kind: str, text: str, since: str, **body: Any) -> Settings:
    head = {"pack": "test", "edition": int(text.partition("edition = ")[2][0]), "content": text}
    return settings.evolve(policy(position, kind, since, **{**head, **body}))


def in_force(settings: Settings, when: str, pack: str = "test") -> int | None:
    book = settings.in_force(pack, at(when))
    return book.edition if book else None


def test_an_edition_holds_from_its_day_to_the_next() -> None:
    settings = adopting(FIRST, SECOND)
    assert in_force(settings, "2019-12-31 23:59:59") is None
    assert in_force(settings, "2020-01-01 00:00:00") == 1
    assert in_force(settings, "2026-03-02 23:59:59") == 1
    assert in_force(settings, "2026-03-03 00:00:00") == 2
    assert in_force(settings, "2026-03-03 00:00:00", "other") is None


def test_an_edition_decided_later_for_an_earlier_day_holds_between() -> None:
    settings = decided(adopting(FIRST, THIRD), 20, "rulebook.adopted", SECOND, MARCH)
    assert [in_force(settings, f"2026-{month}-01 00:00:00") for month in ("03", "04", "06")] == [1, 2, 3]


def test_of_two_decisions_for_one_instant_the_later_one_holds() -> None:
    settings = decided(adopting(FIRST, SECOND), 20, "rulebook.adopted", THIRD, MARCH)
    assert in_force(settings, "2026-03-03 00:00:00") == 3
    assert in_force(settings, "2026-03-02 23:59:59") == 1


@pytest.mark.parametrize(
    ("kind", "text", "body", "why"),
    [
        ("rulebook.adopted", FIRST, {"edition": 2}, "content is test edition 1, not what"),
        ("rulebook.adopted", SECOND, {"edition": 1}, "content is test edition 2, not what"),
        ("rulebook.adopted", FIRST, {"pack": "a"}, "content is test edition 1, not what"),
        ("rulebook.adopted", FIRST, {"pack": "z"}, "content is test edition 1, not what"),
        ("rulebook.amended", SECOND, {"amends": 7}, "amends edition 7, but at 2026-03-02T16:00:00"),
        ("rulebook.amended", SECOND, {"amends": 7}, "edition 1 is in force"),
        (
            "rulebook.amended",
            SECOND,
            {"amends": 1, "effective_at": "2019-03-03T00:00:00+08:00"},
            "nothing is in",
        ),
    ],
)
def test_a_decision_that_fits_nothing_says_why(kind: str, text: str, body: dict[str, Any], why: str) -> None:
    before = adopting(FIRST)
    since = body.pop("effective_at", MARCH)
    after = decided(before, 20, kind, text, since, **body)
    (problem,) = after.problems
    assert why in problem.message
    assert after.packs == before.packs


def test_the_same_content_may_be_adopted_again() -> None:
    settings = decided(adopting(FIRST), 20, "rulebook.adopted", FIRST, APRIL)
    assert settings.problems == ()
    assert in_force(settings, "2026-04-01 00:00:00") == 1


def other(pack: str) -> str:
    return SECOND.replace('pack = "test"', f'pack = "{pack}"')


def test_drafts_run_beside_until_each_is_taken_back() -> None:
    settings = adopting(FIRST)
    assert settings.shadow is None
    for nth, pack in enumerate(("early", "test", "zeta"), 20):
        settings = decided(settings, nth, "rulebook.shadowed", other(pack), APRIL, pack=pack)
    assert settings.problems == ()
    assert in_force(settings, "2026-05-01 00:00:00") == 1
    beside = settings.shadow
    assert beside is not None
    assert [in_force(beside, f"2026-{day} 00:00:00") for day in ("03-31", "04-01")] == [1, 2]
    assert in_force(beside, "2026-04-01 00:00:00", "early") == 2
    taken_back = settings.evolve(policy(30, "rulebook.unshadowed", pack="test"))
    assert sorted(taken_back.shadows) == ["early", "zeta"]
    again = taken_back.evolve(policy(31, "rulebook.unshadowed", pack="test"))
    assert "no draft of test runs beside" in again.problems[0].message


def test_a_draft_that_is_adopted_runs_beside_no_more() -> None:
    settings = decided(adopting(FIRST), 20, "rulebook.shadowed", SECOND, APRIL)
    settings = decided(settings, 21, "rulebook.shadowed", other("zeta"), APRIL, pack="zeta")
    elsewhere = decided(settings, 22, "rulebook.adopted", THIRD, APRIL)
    assert sorted(elsewhere.shadows) == ["test", "zeta"]
    adopted = decided(settings, 22, "rulebook.adopted", SECOND, APRIL)
    assert sorted(adopted.shadows) == ["zeta"]


def test_a_publisher_is_declared_from_the_earliest_day_somebody_said() -> None:
    settings = calendars().evolve(policy(20, "source.declared", MARCH, publisher="pda/*"))
    settings = settings.evolve(policy(21, "source.declared", APRIL, publisher="pda/*"))
    assert settings.publishers == {"pda/*": at("2026-03-03 00:00:00")}
    settings = settings.evolve(policy(22, "source.declared", ADOPTED, publisher="pda/*"))
    assert settings.publishers == {"pda/*": at("2020-01-01 00:00:00")}


@pytest.mark.parametrize(
    ("publisher", "counts"),
    [("exam*", True), ("example", True), ("else*", False), ("exampl", False), ("example*", True)],
)
def test_a_publisher_is_named_whole_or_by_how_it_begins(publisher: str, *, counts: bool) -> None:
    settings = adopting(FIRST).evolve(policy(80, "source.declared", publisher=publisher))
    line = (
        "2026-03-01T09:00+08:00 complaint.registered severity=minor"
        " @recorded=2026-03-05T12:00+08:00 @captured=2026-03-01T09:10+08:00"
    )
    (event,) = facts(line)
    due = "2026-03-01 17:00:00" if counts else "2026-03-05 20:00:00"
    assert event.source == "example"
    assert story(settings, [line], "2026-03-05 12:00:00").endswith(f"due {due}")


@pytest.mark.parametrize("since", ["2026-03-03T00:00:00", "soon"])
def test_a_decision_without_an_instant_changes_nothing(since: str) -> None:
    after = adopting(FIRST).evolve(policy(20, "rulebook.withdrawn", since, pack="test"))
    assert len(after.problems) == 1
    assert in_force(after, "2026-05-01 00:00:00") == 1
