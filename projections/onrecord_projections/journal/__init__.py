"""Journal: what was known when of each figure? Every change, at the position that made it, for ever.

A figure as of T, as known at position P, is the sum of the deltas up to P that count from T or before. An
open clock is entered with its future (broken once it is due): time that passes enters nothing by itself.
"""

from onrecord_projections.journal.entries import Passed, Step, Tally
from onrecord_projections.journal.figures import Ground
from onrecord_projections.journal.tables import DDL, TABLES, write

__all__ = ["DDL", "TABLES", "Ground", "Passed", "Step", "Tally", "write"]
