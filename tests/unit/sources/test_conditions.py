import pytest

from osteon.sources.conditions import Test as Ask
from osteon.sources.conditions import never_holds, rows_meant
from osteon.sources.sheet import Broken
from osteon.sources.values import Numerals

MISSING = frozenset({"", "na"})


def meant(test, cells):
    when = {"C": Ask.model_validate(test)}
    return rows_meant(when, {"C": cells}, len(cells), MISSING, Numerals())


@pytest.mark.parametrize(
    ("test", "passing"),
    [
        (1, [1, "1", 1.0, True]),
        ("1.0", [1, "1", 1.0, True]),
        (False, [0, "0"]),
        (["II", 0], ["II", 0, "0"]),
        ({"not": [0, "II"]}, [1, "1", 1.0, True, "3,5"]),
        ({"present": True}, [1, "1", 1.0, True, "II", 0, "0", "3,5"]),
        ({"present": False}, ["", "NA", None]),
    ],
)
def test_which_cells_pass(test, passing):
    cells = [1, "1", 1.0, True, "II", 0, "0", "3,5", "", "NA", None]
    assert [c for c, ok in zip(cells, meant(test, cells), strict=True) if ok is True] == passing


def test_numbers_are_compared_as_numbers_and_what_is_none_cannot_be_told():
    below, within, above, unreadable, empty = meant(
        {"at_least": 2, "at_most": 10}, ["1.9", 10, "11", "high", ""]
    )
    assert (below, within, above, empty) == (False, True, False, False)
    assert unreadable.rule.id == "S012"


def test_a_broken_cell_cannot_be_told_unless_another_column_says_no():
    when = {"A": Ask(equals=1), "B": Ask(equals=1)}
    columns = {"A": [Broken(), Broken()], "B": [1, 0]}
    unsure, no = rows_meant(when, columns, 2, MISSING, Numerals())
    assert unsure.rule.id == "S019"
    assert no is False


def test_a_condition_that_can_never_hold_is_noticed_by_its_looks():
    assert never_holds(Ask(equals="yes"), ["0", "1", "0"], MISSING) == "9"
    assert never_holds(Ask(equals=1), ["alive", "dead"], MISSING) == "aaaa"
    assert never_holds(Ask(equals=1), ["0", "0"], MISSING) == ""
    assert never_holds(Ask(equals="dead"), ["alive"], MISSING) == ""
    assert never_holds(Ask(equals=1), ["", "NA"], MISSING) == ""
