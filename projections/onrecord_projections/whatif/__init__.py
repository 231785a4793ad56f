"""What-if: what would the same events have come to, had other rules been in force?"""

from onrecord_projections.whatif.changes import BadChange, Changes, changed
from onrecord_projections.whatif.clocks import ClockDifference
from onrecord_projections.whatif.lines import LineDifference, ShownLine
from onrecord_projections.whatif.period import Period
from onrecord_projections.whatif.totals import Tally, Totals

__all__ = [
    "BadChange",
    "Changes",
    "ClockDifference",
    "LineDifference",
    "Period",
    "ShownLine",
    "Tally",
    "Totals",
    "changed",
]
