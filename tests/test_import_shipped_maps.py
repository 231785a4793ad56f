"""The maps that ship as examples, each on a file of its kind."""

import io
from typing import Any

from onrecord_services.importing.mapper import Mapped, Mapper
from onrecord_services.importing.mapping import load_map
from onrecord_services.importing.readers import read_records
from onrecord_services.importing.records import Record

REGISTER = """投诉编号,投诉时间,录入时间,投诉级别,渠道,客户编号,姓名,电话,楼栋,接待人,投诉内容,解决时间
TS1,2026/06/01 09:30,2026/06/02 08:00,重大,微信,K 7,赵甲,13800000007,L01,YG-201,电梯停了,2026/06/01 20:00
TS2,2026/06/01 10:00,,轻微,路过,KH 8,,,L02,YG-203,,
"""

ANSWERS = (
    '{"id": "DC1", "question": "csat", "answered_at_ms": 1780277400000, "case": "repair/WX1",'
    ' "customer": {"id": "KH-1"}, "score": 4, "staff": "YG-301", "comment": "师傅很客气"}\n'
    '{"id": "DC2", "question": "nps", "answered_at_ms": 1780277400000,'
    ' "customer": {"id": "KH-2"}, "score": 9}\n'
)


def mapped(content: bytes, name: str, map_name: str) -> list[Mapped]:
    how = load_map(map_name)
    assert how.format is not None
    records = read_records(io.BytesIO(content), name, how.format, how.reader)
    told = [
        event for record in records if isinstance(record, Record) for event in Mapper(how).events_of(record)
    ]
    assert all(isinstance(event, Mapped) for event in told), told
    return [event for event in told if isinstance(event, Mapped)]


def body_of(event: Mapped) -> tuple[str, str, dict[str, Any]]:
    return event.event["type"], event.event["time"], event.event["data"]


def test_a_complaints_register_of_a_chinese_spreadsheet() -> None:
    first, solved, second = mapped(REGISTER.encode("gb18030"), "投诉登记.csv", "complaints_csv")
    assert body_of(first) == (
        "complaint.registered",
        "2026-06-01T01:30:00Z",
        {
            "severity": "major",
            "channel": "wechat",
            "customer": "K-7",
            "received_by": "YG-201",
            "building": "L01",
            "name": "赵甲",
            "phone": "13800000007",
            "words": "电梯停了",
        },
    )
    assert first.recorded_at.isoformat() == "2026-06-02T00:00:00+00:00", "written up the next morning"
    assert body_of(solved) == ("complaint.resolved", "2026-06-01T12:00:00Z", {})
    assert second.event["data"]["channel"] == "other"
    assert second.recorded_at.isoformat() == "2026-06-01T02:00:00+00:00", "at once, for all we know"


def test_answers_of_a_survey_tool() -> None:
    csat, nps = mapped(ANSWERS.encode(), "answers.jsonl", "surveys_jsonl")
    assert body_of(csat) == (
        "survey.csat-answered",
        "2026-06-01T01:30:00Z",
        {"customer": "KH-1", "score": 4, "staff": "YG-301", "comment": "师傅很客气"},
    )
    assert csat.event["correlationid"] == "repair/WX1"
    assert body_of(nps)[0::2] == ("survey.nps-answered", {"customer": "KH-2", "score": 9})
    assert "correlationid" not in nps.event
