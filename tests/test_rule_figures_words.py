"""What a figure counts, as whole sentences in both languages: a formula that is changed says so."""

import pytest

from kpi_builders import PROMISE, book, kpi
from onrecord_projections.judging import load
from onrecord_projections.judging.figures import in_words

WORDS = [
    pytest.param(
        {"of": '["ANSWER"]'},
        "of the promises under ANSWER that fell due in the period, those met in time",
        "期内到期的承诺（ANSWER）中按时完成的",
        id="in-time",
    ),
    pytest.param(
        {"of": '["ANSWER", "AGAIN"]', "counts": '"done"', "together": "true"},
        "of the promises under ANSWER, AGAIN that fell due in the period, those done, late or not",
        "期内到期的承诺（ANSWER、AGAIN）中已完成（不论是否逾期）的",
        id="done",
    ),
    pytest.param(
        {"formula": '"share"', "numerator": '"complaint.closed"', "denominator": '"complaint.registered"'},
        "complaint.closed, of complaint.registered",
        "complaint.closed，占complaint.registered",
        id="events-of-events",
    ),
    pytest.param(
        {
            "formula": '"share"',
            "numerator": '"duty.done"',
            "value_field": '"count"',
            "denominator": '{ event = "figure.recorded", where = { figure = ["a", "b"] } }',
            "denominator_field": '"value"',
        },
        "count of duty.done, of value of figure.recorded (figure=a/b)",
        "duty.done的count，占figure.recorded (figure=a/b)的value",
        id="numbers-of-numbers",
    ),
    pytest.param(
        {"formula": '"share"', "numerator": '"duty.done"', "distinct": '"duty"', "denominator": '"task.set"'},
        "different duty of duty.done, of task.set",
        "duty.done中不同的duty，占task.set",
        id="different-ones",
    ),
    pytest.param(
        {
            "formula": '"cases"',
            "denominator": '"client.registered"',
            "numerator": '{ event = "client.registered", where = { phone_given = true } }',
        },
        "of the cases counted by their first client.registered, those where that event is client.registered"
        " (phone_given=true)",
        "按首次client.registered计入的案件中，该事件为client.registered (phone_given=true)的",
        id="cases-by-that-event",
    ),
    pytest.param(
        {
            "formula": '"cases"',
            "denominator": '"complaint.registered"',
            "numerator": '{ event = "complaint.closed", unless = { agreed = false } }',
            "pick": '"last"',
            "met": '"ever"',
        },
        "of the cases counted by their last complaint.registered, those which ever had complaint.closed"
        " (agreed≠false)",
        "按末次complaint.registered计入的案件中，曾有complaint.closed (agreed≠false)的",
        id="cases-that-ever",
    ),
    pytest.param(
        {"formula": '"count"', "numerator": '["complaint.closed", { event = "complaint.answered" }]'},
        "how many complaint.closed or complaint.answered",
        "complaint.closed或complaint.answered的数量",
        id="either",
    ),
    pytest.param(
        {"formula": '"count"', "numerator": '"archive.inspected"', "without": '["defects", "consultant"]'},
        "how many archive.inspected with no defects with no consultant",
        "archive.inspected且defects为空且consultant为空的数量",
        id="without",
    ),
    pytest.param(
        {
            "formula": '"count"',
            "numerator": '{ event = "complaint.closed", facts = { severity = "major" } }',
        },
        "how many complaint.closed (severity=major)",
        "complaint.closed (severity=major)的数量",
        id="by-a-fact",
    ),
    pytest.param(
        {"formula": '"sum"', "numerator": '"figure.recorded"', "value_field": '"value"'},
        "value of figure.recorded, added up",
        "figure.recorded的value之和",
        id="sum",
    ),
    pytest.param(
        {"formula": '"mean"', "numerator": '"figure.recorded"', "value_field": '"value"'},
        "value of figure.recorded, added up, by how many there are",
        "figure.recorded的value之和除以个数",
        id="mean",
    ),
    pytest.param(
        {"formula": '"median"', "starts_on": '"complaint.registered"', "stops_on": '"complaint.answered"'},
        "the middle one of the seconds from complaint.registered to complaint.answered",
        "自complaint.registered至complaint.answered的秒数的中位数",
        id="median",
    ),
    pytest.param(
        {"formula": '"percentile"', "of": '["ANSWER"]', "percent": "90"},
        "what 90 in a hundred of the seconds counted by ANSWER do not exceed",
        "ANSWER计入的秒数的第90百分位数",
        id="percentile",
    ),
    pytest.param(
        {
            "formula": '"coverage"',
            "denominator": '"emergency.opened"',
            "denominator_field": '"affected"',
            "numerator": '"emergency.notified"',
            "value_field": '"customer"',
        },
        "of those emergency.opened names (affected), how many emergency.notified reached, each once",
        "emergency.opened所列（affected）对象中，emergency.notified已覆盖的，各计一次",
        id="coverage",
    ),
]
AGAIN = PROMISE.replace('"ANSWER"', '"AGAIN"')


@pytest.mark.parametrize(("keys", "english", "chinese"), WORDS)
def test_a_figure_says_what_it_counts(keys: dict[str, str], english: str, chinese: str) -> None:
    (clause,) = load(book(PROMISE, AGAIN, kpi("F", **keys))).figures
    assert (in_words(clause, "en"), in_words(clause, "zh")) == (english, chinese)
