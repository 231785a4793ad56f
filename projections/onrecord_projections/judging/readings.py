"""Readings: where a policy can be read in two ways, the default and the other ones a tenant may set.

R1 to R9 are the default readings at the head of the rule catalogue. Each switch is looked up by the instant
it applies to, so that a change of reading does not rewrite what was judged before it.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """One switch: what it is by default, and which values it takes."""

    default: str
    pattern: str
    about: str

    def takes(self, value: str) -> bool:
        """Whether this value can be set."""
        return re.fullmatch(self.pattern, value) is not None


_ROLES = r"[a-z0-9][a-z0-9-]*( [a-z0-9][a-z0-9-]*)*"

READINGS: dict[str, Reading] = {
    "r1.zone": Reading(
        "Asia/Shanghai", r"[A-Za-z_+-]+(/[A-Za-z0-9_+-]+)*", "whose local days count in R9 and R6"
    ),
    "r1.precision": Reading(
        "second", "second|minute", "whether the seconds of a clocking-in count, or only its minute"
    ),
    "r3.calendar": Reading(
        "", r"[a-z0-9-]{1,64}|", "the calendar of working days; empty: the one the clause names"
    ),
    "r3.day-ends": Reading(
        "", r"([01]\d|2[0-3]):[0-5]\d|24:00|", "when a working day ends; empty: as the calendar says"
    ),
    "r4.roll-over": Reading("off", "on|off", "a last calendar day of rest moves on (Civil Code 203)"),
    "figures.hidden-below": Reading(
        "5", r"\d{1,4}", "figures of service and satisfaction that rest on fewer are not shown"
    ),
    "r6.month": Reading(
        "breach", "breach|due", "the month a case counts in: of the breach, or of the due date"
    ),
    "r9.tolerance-minutes": Reading("60", r"\d{1,5}", "how late a record may be for its own time to count"),
    "cc02.count-unit": Reading("case", "case|line", "CC02-E6a counts cases, or single lines"),
    "cc02.incomplete-is-late": Reading(
        "on",
        "on|off",
        "CC02-E4: a service file handed in but not whole by the limit is fined like a late one",
    ),
    "cc02.repeat-doubles": Reading(
        "off", "on|off", "CC02-E10: what is charged again for want of correction is doubled on the ladder too"
    ),
    "cc02.lost-piece": Reading("paper", "paper|file", "CC02-E7: a lost piece is a paper, or a whole file"),
    "cc02.withheld-from": Reading(
        "advisor", "advisor|both", "CC02-E6c: whose performance pay may be withheld"
    ),
    "cc03.seven-days-from": Reading(
        "receipt", "receipt|acceptance", "CC03-26: the seven days run from receipt, or from acceptance"
    ),
    "cc04.check-rhythm": Reading(
        "fixed", "fixed|rolling", "CC04-14: one check in each half-year, or six months after the last"
    ),
    "cc04.manager-for": Reading(
        "outsiders", "outsiders|everybody", "CC04-18.4: who needs the manager's yes to read classified files"
    ),
    "cc04.open-lines": Reading(
        "banned", "banned|allowed", "CC04-26: ordinary telephone for customer data, taken literally or not"
    ),
    "cc05.accused-may-read": Reading(
        "no", "no|yes", "CC05-2.2: whether being barred from handling also means no reading"
    ),
    "cc05.early-warning": Reading(
        "both", "both|either", "CC05-2.5: both departments have to be warned, or either of them"
    ),
    "complaint.reopening": Reading(
        "new-episode",
        "continue|restart|new-episode",
        "an ended complaint that comes back: its clocks go on, begin anew, or another complaint begins",
    ),
    "handover.overrun": Reading(
        "at-breach",
        "at-breach|proportional|first-delayer",
        "who answers for an overrun after hand-overs: who had it at the breach, all by time, or one",
    ),
    "handover.penalty": Reading(
        "clause-person",
        "clause-person|at-breach|proportional|first-delayer",
        "who bears the penalty of a broken clock after hand-overs: the clause's person, or as an overrun",
    ),
    "rent-crm.repeats": Reading("2", r"[1-9]\d?", "RENT-CRM 1.1-2A: how many repeats are 'several times'"),
    "rent-crm.paid-service-24h": Reading(
        "on", "on|off", "RENT-CRM 2.2-1: the 24 hours hold for paid services too"
    ),
    "rent-crm.escalated-start": Reading(
        "instant", "instant|next-opening", "RENT-CRM 1.1-2D: when the clocks of an escalated complaint begin"
    ),
    "2.6.month-end": Reading(
        "inclusive",
        "inclusive|before-last-day",
        "RENT-CRM 2.6: 'before month end' with or without its last day",
    ),
    "cc13.sms-first-follow-up": Reading(
        "counts",
        "counts|does-not-count",
        "CC13-C2a: whether a message is a first follow-up",
    ),
    "cc13.trial-first-day": Reading(
        "does-not-count",
        "does-not-count|counts",
        "CC13-A1: whether the first day of work is one of the trial",
    ),
    "cc13.second-fine": Reading(
        "fined", "fined|sanction-only", "CC13-B3: whether the second time also costs the 20 of the first"
    ),
    "cc13.early-counter": Reading(
        "own", "own|common", "CC13-B5c: early leaving counts by itself, or together with lateness"
    ),
    "cc13.cleaning-hour": Reading(
        "meeting",
        "meeting|start",
        "CC13-B8: the hour runs from the meeting's end, or from the start of cleaning",
    ),
    "cc13.empty-post": Reading(
        "b14", "b14|f15", "CC13-B14: a consultant's empty post costs what B14 says, or what F15 says"
    ),
    "cc13.key-account-days": Reading(
        "each-day",
        "each-day|working-day",
        "CC13-E2b: the day's visits and calls are owed each day, or each working day",
    ),
    "cc13.shortfall-times": Reading(
        "day",
        "day|unit",
        "CC13-E2b: a time is a day with anything short, or each visit or call that is short",
    ),
    "cc13.road-shows-short": Reading(
        "once", "once|each", "CC13-E4: road shows that were not held cost once a month, or each"
    ),
    "cc13.outing-misses": Reading(
        "each", "each|day", "CC13-E6: leaving late and missing the roll-call cost 50 each, or 50 a day"
    ),
    "cc13.papers-incomplete": Reading(
        "until-complete",
        "until-complete|for-ever",
        "CC13-G8b: a car with papers missing counts once they are there, or never",
    ),
    "cc13.papers-consent": Reading(
        "manager-or-leader",
        "manager-or-leader|all",
        "CC13-G10a: papers are lent with the consent of one of both and the assistant, or of all three",
    ),
    "cc13.papers-day": Reading(
        "next-day-end",
        "next-day-end|24h",
        "CC13-G10b: papers are back by the end of the day after, or in 24 hours",
    ),
    "cc13.swapped-customer": Reading(
        "each",
        "each|together",
        "CC13-I2b: each who exchanged a customer pays the 100, or all of them together",
    ),
    "cc10.third-lateness": Reading(
        "five-percent",
        "five-percent|one-percent",
        "CC10-G1: whether the third lateness costs five percent already",
    ),
    "comm.complaint-rate": Reading(
        "active-customers",
        "active-customers|contacts",
        "LEASE-COMM-6.2a, DAILY-COMM-3.4-1, AUTO-5.2-1a: what complaints are a share of",
    ),
    "auto.promise-kpi": Reading(
        "first", "first|last", "AUTO-3.1-4, AUTO-3.4-4: the figure counts the first promise, or the last"
    ),
    "cc17.month-end": Reading(
        "inclusive",
        "inclusive|last-working-day",
        "CC17 3.1: whether the month's last calendar day or its last working day is its end",
    ),
    "cc17.report-days": Reading(
        "calendar",
        "calendar|working",
        "CC17 3.4: whether the two days of a report are calendar or working days",
    ),
    "cc12.filed-before": Reading(
        "expense", "expense|claim", "CC12-1.8: filed before the money was spent, or before it was claimed"
    ),
    "cc07.escorts": Reading(
        "looser",
        "looser|stricter",
        "CC07-A3.2: with five guests and with ten the looser band holds, or the stricter one",
    ),
    "cc08.half-year": Reading(
        "fixed", "fixed|rolling", "CC08-4.2.3: half-years of the calendar, or six months from the last visit"
    ),
    "client.led-by": Reading(
        "team-leader leader sales-manager sales-director supervisor department-head general-manager",
        _ROLES,
        "roles that sign for a team and decide whose client it is",
    ),
    "penalty.notified-by": Reading(
        "general-manager compliance supervisor department-head",
        _ROLES,
        "roles that tell of a proposed penalty",
    ),
    "penalty.confirmed-by": Reading(
        "general-manager compliance", _ROLES, "roles that confirm penalties, where no clause names one"
    ),
    "penalty.appeals-by": Reading("compliance general-manager", _ROLES, "roles that decide appeals"),
    "penalty.appeal-days": Reading("7", r"\d{1,3}", "days a person has to object; 0: none"),
    "payroll.exported-by": Reading(
        "compliance general-manager payroll", _ROLES, "roles that export deductions and lock the month"
    ),
    "payroll.cap-percent": Reading(
        "20",
        r"off|100|\d{1,2}(\.\d{1,2})?",
        "share of the month's wage that is taken in one month at most (工资支付暂行规定 article 16)",
    ),
    "payroll.floor": Reading(
        "",
        r"off|\d{1,9}(\.\d{1,2})?|",
        "what of the month's wage must be left, the local minimum wage (article 16); empty: not said yet",
    ),
    "payroll.carry-over": Reading("on", "on|off", "what cap and floor leave is taken in later months"),
}
