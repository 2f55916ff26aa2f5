from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteon.contracts.bounds import Bounds
from osteon.contracts.history import CENSORED, History
from osteon.errors import EstimateError


def test_what_is_left_out_takes_its_default():
    h = History.of(exit=[3, 4], event=[True, False])
    assert (h.entry.tolist(), h.weight.tolist()) == ([0.0, 0.0], [1.0, 1.0])
    assert (h.subject.tolist(), h.stratum.tolist()) == ([0, 1], [0, 0])
    assert (h.from_state.tolist(), h.to_state.tolist()) == ([0, 0], [1, CENSORED])


def test_attributes_are_64_bits_wide_whatever_was_given():
    h = History.of(
        exit=np.array([3], np.int16), event=np.array([1], np.int8), stratum=np.array([0], np.uint8)
    )
    for name in ("entry", "exit", "weight"):
        assert getattr(h, name).dtype == np.float64
    for name in ("to_state", "from_state", "subject", "stratum"):
        assert getattr(h, name).dtype == np.int64


def test_a_part_keeps_the_subjects_of_the_whole():
    part = History.of(exit=[3, 4, 5], event=[1, 1, 0]).where(np.array([False, True, True]))
    assert part.subject.tolist() == [1, 2]
    assert part.where(np.array([False, True])).subject.tolist() == [2]


def test_a_column_replaced():
    h = History.of(entry=[0, 1], exit=[3, 4], event=[1, 0], weight=[1, 2])
    other = replace(h, stratum=np.array([1, 0]), strata=("a", "b"))
    assert (other.stratum.tolist(), other.strata) == ([1, 0], ("a", "b"))
    assert other.to_state.tolist() == [1, CENSORED]
    assert other.columns.event.tolist() == [1, 0]
    assert other.weight.tolist() == [1, 2]
    assert replace(h, weight=None).weight.tolist() == [1, 1]


def test_built_column_by_column():
    h = History(exit=np.array([3.0, 4.0]), to_state=np.array([1, CENSORED]))
    assert (h.entry.tolist(), h.subject.tolist(), len(h)) == ([0, 0], [0, 1], 2)
    assert h.columns.event.tolist() == [1, 0]
    with pytest.raises(TypeError, match="to_state"):
        History(exit=np.array([3.0]))
    with pytest.raises(AttributeError):
        h.exit = np.array([1.0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"exit": [0, 4]}, "1 of 2 rows end at or before they start"),
        ({"entry": [3, 4]}, "2 of 2 rows end at or before they start"),
        ({"exit": [np.nan, 4]}, "1 of 2 rows have a time that is missing or not finite"),
        ({"entry": [-np.inf, 0]}, "1 of 2 rows have a time that is missing or not finite"),
        ({"weight": [1, 0]}, "1 of 2 rows have a weight that is not positive"),
        ({"weight": [np.nan, 1]}, "1 of 2 rows have a weight that is not positive"),
        ({"weight": [np.inf, 1]}, "1 of 2 rows have a weight that is not positive"),
        ({"event": [2, 0]}, "1 of 2 rows have a code in `event` that names none of"),
        ({"event": [0.5, 1]}, "1 of 2 rows have in `event` what is not a whole number"),
        ({"event": [np.nan, 1]}, "1 of 2 rows have no `event`"),
        ({"from_state": [-1, 0]}, "1 of 2 rows have a code in `from_state` that names none of"),
        (
            {"stratum": [0, 3], "strata": ("a",)},
            "1 of 2 rows have a code in `stratum` that names none of",
        ),
        ({"entry": [0, 0, 0]}, r"`entry` has shape \(3,\), `exit` has 2 values"),
        ({"covariates": {"age": [1]}}, r"`age` has shape \(1,\)"),
        ({"exit": 3}, r"`exit` has shape \(\)\. every"),
        ({"exit": [[3], [4]]}, r"`exit` has shape \(2, 1\)\. every"),
        ({"exit": ["3", "4"]}, "`exit` does not hold numbers.*count dates in days"),
        ({"exit": pd.Series(["3", "4"])}, "`exit` does not hold numbers"),
        ({"exit": pd.to_datetime(["2020-01-03", "2020-01-04"])}, "`exit` does not hold numbers"),
        ({"exit": pd.to_timedelta([3, None], unit="D")}, "1 of 2 rows have a time that is missing"),
        (
            {"exit": np.ma.array([3, 4], mask=[True, False])},
            "1 of 2 rows have a time that is missi",
        ),
        ({"event": ["dead", "alive"]}, "write 0 where nothing happened"),
        ({"event": pd.Series([True, None], dtype="boolean")}, "1 of 2 rows have no `event`"),
        ({"stratum": np.ma.array([3, 4], mask=[True, False])}, "1 of 2 rows have no `stratum`"),
        ({"stratum": pd.Series(["a", None])}, "`stratum` is missing or no text in 1 of 2 rows"),
        ({"subject": ["a", None]}, "`subject` is missing or no text in 1 of 2 rows"),
        ({"covariates": {"x": ["a", "b"]}}, "a column of 0 and 1 for each category but one"),
        ({"covariates": ["x"]}, "`covariates` is a list.*or a data frame"),
        ({"subject": [2.0**60, 1.0]}, "1 of 2 rows have a `subject` so large"),
    ],
)
def test_mistakes(change, message):
    with pytest.raises(EstimateError, match=message):
        History.of(**({"exit": [3, 4], "event": [1, 0]} | change))


@pytest.mark.parametrize(
    ("stratum", "strata", "codes"),
    [
        ([1, 2, 1], ("1", "2"), [0, 1, 0]),
        ([0, 2, 0], ("0", "2"), [0, 1, 0]),
        ([1.0, 0.0, 2.0], ("0", "1", "2"), [1, 0, 2]),
        ([True, True, False], ("0", "1"), [1, 1, 0]),
        (pd.Series([1, 2, 2], dtype="category"), ("1", "2"), [0, 1, 1]),
        (pd.Series(["low", "high", "low"]), ("high", "low"), [1, 0, 1]),
        (
            pd.Categorical(["low", "high", "low"], ["low", "middle", "high"]),
            ("low", "high"),
            [0, 1, 0],
        ),
    ],
)
def test_strata_are_those_that_occur(stratum, strata, codes):
    """Sex as 1 and 2 makes no group of nobody; a factor keeps the order of its levels."""
    history = History.of(exit=[3, 4, 5], event=[1, 0, 1], stratum=stratum)
    assert (history.strata, history.stratum.tolist()) == (strata, codes)


def test_strata_below_zero():
    with pytest.raises(EstimateError, match="1 of 2 rows have a `stratum` below 0"):
        Bounds.of(left=[1, 1], right=[2, 2], stratum=[-1, 2])


FRAME = pd.DataFrame(
    {"days": [3, 5, 9], "died": [True, False, True], "age": [61.0, None, 58], "id": ["C", "A", "C"]}
)


@pytest.mark.parametrize(
    "frame", [FRAME, FRAME.convert_dtypes(), pa.Table.from_pandas(FRAME), FRAME.to_dict("list")]
)
def test_columns_of_other_libraries(frame):
    """Nullable, Arrow's and plain lists; spans of time; ids that are not kept."""
    days = np.array([3, 5, 9]) * np.timedelta64(24, "h")
    history = History.of(exit=frame["days"], event=frame["died"], covariates={"age": frame["age"]})
    assert history.exit.tolist() == History.of(exit=days, event=frame["died"]).exit.tolist()
    assert history.to_state.tolist() == [1, CENSORED, 1]
    np.testing.assert_array_equal(history.covariates["age"], [61, np.nan, 58])
    seen = History.of(exit=[3, 5, 9], entry=[0, 0, 3], event=[0, 0, 0], subject=frame["id"])
    assert seen.subject.tolist() == [1, 0, 1]
    assert Bounds.of(left=days, right=days).left.tolist() == [3, 5, 9]


@pytest.mark.parametrize("of", [lambda frame: frame, pa.Table.from_pandas])
def test_covariates_may_be_a_frame(of):
    frame = of(FRAME[["days", "age"]])
    history = History.of(exit=[3, 4, 5], event=[1, 0, 1], covariates=frame)
    assert list(history.covariates) == ["days", "age"]
    assert list(Bounds.of(left=[1] * 3, right=[2] * 3, covariates=frame).covariates) == [
        "days",
        "age",
    ]


def test_columns_in_another_order_are_not_put_together():
    """pandas would match them by their index; row by row they are other patients'."""
    died = FRAME["died"].sort_values()
    with pytest.raises(EstimateError, match="the index of `event` has the rows in another order"):
        History.of(exit=FRAME["days"], event=died)
    with pytest.raises(EstimateError, match="the index of `x` has the rows in another order"):
        Bounds.of(left=FRAME["days"], right=FRAME["days"], covariates={"x": died})
    assert len(History.of(exit=FRAME["days"], event=died.to_numpy())) == 3
    assert len(History.of(exit=FRAME["days"], event=died.reset_index(drop=True))) == 3


def test_bounds_in_a_stratum_that_is_no_number():
    with pytest.raises(EstimateError, match="not a whole number"):
        Bounds.of(left=[1], right=[2], stratum=[0.5])


STATES = {"states": ("well", "ill", "dead")}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        # the same day twice; the second named first; nothing but exits
        ({"entry": [0, 4, 0], "exit": [5, 9, 7]}, "1 interval of 1 subject overlap"),
        ({"entry": [4, 0, 0], "exit": [9, 5, 7]}, "1 interval of 1 subject overlap"),
        ({"exit": [5, 9, 7]}, "1 interval of 1 subject overlap"),
        # alike, and one within the other
        ({"entry": [0, 0, 0], "exit": [5, 5, 7]}, "1 interval of 1 subject overlap"),
        ({"entry": [0, 1, 0], "exit": [9, 2, 7]}, "1 interval of 1 subject overlap"),
        # in two states at once
        ({"entry": [0, 0, 0], "exit": [5, 5, 7], "from_state": [0, 1, 0], **STATES}, "overlap"),
        # three of one and two of another
        (
            {
                "subject": [1, 1, 1, 2, 2],
                "entry": [0, 1, 2, 0, 5],
                "exit": [9] * 5,
                "event": [0] * 5,
            },
            "3 intervals of 2 subjects overlap",
        ),
        # in a state that the interval before did not lead to
        (
            {"entry": [0, 5, 0], "exit": [5, 9, 7], "from_state": [0, 1, 0], **STATES},
            "1 interval of 1 subject are in another state",
        ),
        (
            {"entry": [0, 5, 0], "exit": [5, 9, 7], "event": [1, 2, 1], "from_state": [0, 0, 1]}
            | STATES,
            "1 interval of 1 subject are in another state",
        ),
        # goes on after death, at once or after a gap
        (
            {"entry": [0, 5, 0], "exit": [5, 9, 7], "event": [2, 0, 1], "from_state": [0, 1, 0]}
            | STATES,
            "1 interval of 1 subject come after",
        ),
        (
            {"entry": [0, 6, 0], "exit": [5, 9, 7], "event": [2, 0, 1], "from_state": [0, 1, 0]}
            | STATES,
            "1 interval of 1 subject come after",
        ),
    ],
)
def test_impossible_courses(columns, message):
    """What R's survcheck calls overlap, duplicate and teleport, and a life after death."""
    with pytest.raises(EstimateError, match=message) as told:
        History.of(**({"subject": [1, 1, 2], "event": [0, 0, 0]} | columns))
    assert all(told.value.args[0].count(part) for part in (told.value.allowed, told.value.do))


@pytest.mark.parametrize(
    "columns",
    [
        {"entry": [0, 5, 0], "exit": [5, 9, 7]},
        {"entry": [0, 6, 0], "exit": [5, 9, 7]},  # a gap
        {"exit": [5, 9, 7], "stratum": [0, 1, 1]},  # a clone in each arm
        {"exit": [5, 9, 7], "subject": [1, 1, 1], "stratum": [2, 0, 1]},
        {"entry": [0, 5, 0], "exit": [5, 9, 7], "event": [1, 1, 0]},  # an event that recurs
        {"entry": [0, 5, 0], "exit": [5, 9, 7], "event": [1, 2, 1], "from_state": [0, 1, 0]}
        | STATES,
        {"entry": [0, 6, 0], "exit": [5, 9, 7], "event": [0, 2, 1], "from_state": [0, 1, 0]}
        | STATES,
        # another state after a gap, of one in which others are seen
        {"entry": [0, 6, 0], "exit": [5, 9, 7], "event": [1, 2, 1], "from_state": [0, 0, 1]}
        | STATES,
        {"subject": [2**62, -(2**62), 2], "exit": [5, 9, 7], "stratum": [0, 1, 2]},
    ],
)
def test_possible_courses(columns):
    h = History.of(**({"subject": [1, 1, 2], "event": [0, 0, 0]} | columns))
    assert len(h.where(np.array([False, True, True]))) == 2


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint32, np.uint64, np.int64])
def test_a_course_in_whole_numbers_of_any_width(kind):
    columns = {
        "subject": [1, 1, 2], "from_state": [0, 1, 0], "event": [1, 2, 1], "exit": [5, 9, 7],
        "entry": [0, 5, 0], "stratum": [1, 1, 0],
    }  # fmt: skip
    columns = {name: np.array(column, dtype=kind) for name, column in columns.items()}
    assert "3 intervals of 2 subjects; 2 to ill, 1 to dead" in repr(History.of(**columns, **STATES))
    with pytest.raises(EstimateError, match="overlap"):
        History.of(**(columns | {"entry": np.zeros(3, dtype=kind)}), **STATES)
    far = columns | {"subject": columns["subject"].astype(np.uint64) + np.uint64(2**63)}
    assert len(History.of(**far, **STATES)) == 3


@given(st.integers(0, 10_000))
def test_overlaps_are_found_as_by_looking_at_every_pair(seed):
    rng = np.random.default_rng(seed)
    n = rng.integers(2, 12)
    subject, stratum = rng.integers(-3, 5, n), rng.integers(0, 3, n)
    entry = rng.integers(0, 12, n)
    exit_ = entry + rng.integers(1, 4, n)
    pairs = (subject == subject[:, None]) & (stratum == stratum[:, None]) & ~np.eye(n, dtype=bool)
    at_once = pairs & (entry < exit_[:, None]) & (entry[:, None] < exit_)
    columns = {"subject": subject, "entry": entry, "exit": exit_, "event": np.zeros(n, int)}
    try:
        History.of(**columns, stratum=stratum)
    except EstimateError:
        assert at_once.any()
    else:
        assert not at_once.any()
