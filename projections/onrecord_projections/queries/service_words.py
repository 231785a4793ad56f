"""Service words: what each figure of service says and how it is made, in both languages, with its clauses."""

from typing import Literal, NamedTuple

FigureId = Literal[
    "complaints",
    "complaint-rate",
    "timeliness",
    "callback-rate",
    "callbacks-in-time",
    "settled",
    "first-response-median",
    "first-response-p90",
    "settlement-median",
    "settlement-p90",
    "tasks-done",
    "tasks-in-time",
    "reopened",
    "repeated",
]
Unit = Literal["count", "share", "ratio", "seconds"]


class Said(NamedTuple):
    """A figure in words."""

    unit: Unit
    en: str
    zh: str
    formula_en: str
    formula_zh: str
    clauses: tuple[str, ...]
    """The clauses that ask for such a figure."""


SAID: dict[FigureId, Said] = {
    "complaints": Said(
        "count",
        "Matters taken in",
        "受理量",
        "matters opened in the period",
        "期内受理的事项数",
        ("CC03-27",),
    ),
    "complaint-rate": Said(
        "ratio",
        "Complaint rate, of contacts",
        "投诉率（按来访来电）",
        "matters opened in the period / contacts customers made in it",
        "期内受理的事项数 ÷ 期内客户来访来电数",
        ("LEASE-COMM-6.2a", "AUTO-5.2-1a", "DAILY-COMM-3.4-1"),
    ),
    "timeliness": Said(
        "share",
        "Promises kept in time",
        "及时率",
        "clocks met / clocks that fell due in the period",
        "按时完成的时限 ÷ 期内到期的时限",
        ("LEASE-COMM-6.2a", "DAILY-COMM-5.2-1"),
    ),
    "callback-rate": Said(
        "share",
        "Call-back rate",
        "回访率",
        "called back, late or not / call-backs that fell due in the period",
        "已回访（含逾期） ÷ 期内到期应回访",
        ("RENT-CRM-2.2-1",),
    ),
    "callbacks-in-time": Said(
        "share",
        "Call-backs in time",
        "回访及时率",
        "called back in time / call-backs that fell due in the period",
        "按时回访 ÷ 期内到期应回访",
        ("RENT-CRM-2.1-1", "RENT-CRM-2.1-2"),
    ),
    "settled": Said(
        "share",
        "Settlement rate",
        "办结率",
        "settled by now / matters opened in the period and not withdrawn",
        "至今办结 ÷ 期内受理且未撤回",
        ("AUTO-5.2-1a", "CC03-26"),
    ),
    "first-response-median": Said(
        "seconds",
        "First response, median",
        "首次响应时长（中位数）",
        "half of those opened in the period were answered in so long; open ones count as far as they go",
        "期内受理事项半数得到首次响应所需时间；未响应者按删失计入",
        ("AUTO-5.2-1b",),
    ),
    "first-response-p90": Said(
        "seconds",
        "First response, 90th percentile",
        "首次响应时长（九十分位）",
        "nine tenths of those opened in the period were answered in so long; open ones count as far as "
        "they go",
        "期内受理事项九成得到首次响应所需时间；未响应者按删失计入",
        ("AUTO-5.2-1b",),
    ),
    "settlement-median": Said(
        "seconds",
        "Time to settle, median",
        "办结时长（中位数）",
        "half of those opened in the period were settled in so long; open ones count as far as they go",
        "期内受理事项半数办结所需时间；未办结者按删失计入",
        ("CC01-E1b", "CC03-26"),
    ),
    "settlement-p90": Said(
        "seconds",
        "Time to settle, 90th percentile",
        "办结时长（九十分位）",
        "nine tenths of those opened in the period were settled in so long; open ones count as far as "
        "they go",
        "期内受理事项九成办结所需时间；未办结者按删失计入",
        ("CC01-E1b", "CC03-26"),
    ),
    "tasks-done": Said(
        "share",
        "Tasks done",
        "任务完成率",
        "done by now / tasks set in the period",
        "至今完成 ÷ 期内下达的任务",
        ("DAILY-COMM-5.2-1",),
    ),
    "tasks-in-time": Said(
        "share",
        "Tasks done by their day",
        "任务按期完成率",
        "done by the day named / tasks set in the period whose day has passed",
        "按期完成 ÷ 期内下达且已到期的任务",
        ("DAILY-COMM-5.2-1",),
    ),
    "reopened": Said(
        "share",
        "Came back after it was settled",
        "重开率",
        "raised again after a settlement / matters opened in the period and settled at least once",
        "办结后再次提出 ÷ 期内受理且曾办结",
        ("AUTO-5.2-1a",),
    ),
    "repeated": Said(
        "share",
        "Raised again",
        "重复投诉率",
        "raised again at least once / matters opened in the period",
        "至少再次提出一次 ÷ 期内受理",
        ("RENT-CRM-1.1-2A",),
    ),
}
