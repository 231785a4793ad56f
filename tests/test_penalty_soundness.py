"""A penalty that prices nothing, or counts two ways under one name, is refused at load."""

import pytest

from judging_builders import HEAD
from onrecord_projections.judging import RulebookError, load
from test_penalty_pricing import clause, fined

LATE = fined("LATE", "late", "amount = 20")
COUNTED = fined("ONE", "one", 'step = [{ amount = 20 }, { amount = 40 }]\ncounter = "c"')


@pytest.mark.parametrize(
    ("clauses", "words"),
    [
        (clause("P", 'finding_of = ["NONE"]\namount = 5'), "finds anything"),
        (LATE + clause("P", 'finding_of = ["LATE"]\ncodes = ["late"]\namount = 5'), "there are defect"),
        (fined("P", "x", 'per = "item"\nquantity_field = "papers"\namount = 5'), "has no field 'papers'"),
        (fined("P", "x", "times_value = 10"), "name the `value_field`"),
        (fined("P", "x", 'amount = 5\npay = { of = "base-pay", percent = 1 }'), "one kind of money"),
        (fined("P", "x", "amount = 5\nstep = [{ amount = 6 }]"), "say what it costs once"),
        (fined("P", "x", "from_nth = 3\nto_nth = 2\namount = 5"), "is not below"),
        (
            fined("P", "x", 'pay = { of = "base-pay", from_percent = 30, to_percent = 10 }'),
            "lies below `to_percent`",
        ),
        (fined("P", "x", 'line = "reward"\namount = 5'), "of the kind reward"),
        (
            COUNTED + fined("TWO", "two", 'amount = 5\ncounter = "c"\nwindow = "ever"'),
            "counts under 'c' too, but another way",
        ),
        (LATE + clause("L", 'of = ["LATE"]\nfrom_nth = 2', "ladder"), "has a `factor`"),
        (clause("L", 'of = ["NONE"]\nfrom_nth = 2\nfactor = 2', "ladder"), "'NONE' is no clause"),
        (
            LATE
            + clause("L", 'of = ["LATE"]\nfrom_nth = 2\nfactor = 2', "ladder")
            + clause("M", 'of = ["LATE"]\nfrom_nth = 3\nfactor = 2', "ladder"),
            "LATE is multiplied by L already",
        ),
    ],
)
def test_what_cannot_be_priced_is_refused(clauses: str, words: str) -> None:
    with pytest.raises(RulebookError) as refused:
        load(HEAD + clauses)
    assert words in str(refused.value)
