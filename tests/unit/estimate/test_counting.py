import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import risk_table, threads
from osteon.estimate.tables import any_times, counting

STATES = ("well", "ill", "dead")


def columns(n, seed=0):
    rng = np.random.default_rng(seed)
    entry = rng.integers(-3, 40, n)
    return {
        "entry": entry,
        "exit": entry + rng.integers(1, 60, n),
        "event": rng.integers(0, 3, n),
        "from_state": rng.integers(0, 2, n),
        "stratum": rng.integers(0, 2, n),
        "weight": rng.random(n) + 0.1,
    }


def bits(table):
    fields = ("time", "entries", "exits", "events", "events_squared", "at_risk")
    return [getattr(table, name).tobytes() for name in fields]


@pytest.mark.parametrize("left_out", [(), ("entry",), ("weight",), ("from_state", "stratum")])
@pytest.mark.parametrize("shift", [0, 0.25])
def test_the_compiled_loop_gives_the_same_bits(monkeypatch, left_out, shift):
    data = columns(500)
    data = {name: value for name, value in data.items() if name not in left_out}
    if "entry" not in data:
        data["exit"] = np.abs(data["exit"]) + 1
    data["exit"] = data["exit"] + shift
    history = History.of(states=STATES, **data)
    by_numpy = risk_table(history)
    monkeypatch.setattr(counting, "COMPILE_FROM", 1)
    compiled = risk_table(history)
    assert bits(compiled) == bits(by_numpy)
    assert compiled.transitions == by_numpy.transitions


@pytest.mark.parametrize(
    "crowded",
    [
        lambda exit_: exit_ / 7,
        lambda exit_: np.where(np.arange(exit_.size) == 3, 1e9 + 0.5, exit_ / 7),
        lambda exit_: np.where(np.arange(exit_.size) == 3, 1e300, exit_ / 1e300),
        lambda exit_: np.ones(exit_.size) + 0.5,
        lambda exit_: np.exp2(-7.0 * exit_),
    ],
    ids=["spread", "one far away", "as far as floats go", "all at one time", "ever closer"],
)
@pytest.mark.parametrize("left_out", [(), ("entry",), ("weight",)])
def test_the_compiled_sort_gives_the_same_bits_wherever_times_crowd(monkeypatch, crowded, left_out):
    data = columns(3000, seed=1)
    data["exit"] = crowded(data["exit"] - data["entry"])
    data["entry"] = -np.abs(data["entry"]) / 3
    history = History.of(states=STATES, **{k: v for k, v in data.items() if k not in left_out})
    by_numpy = risk_table(history)
    monkeypatch.setattr(counting, "COMPILE_FROM", 1)
    assert bits(risk_table(history)) == bits(by_numpy)


TIMES = st.one_of(
    st.floats(1e-300, 1e300),
    st.floats(0.5, 700),
    st.integers(1, 40).map(lambda day: day / 7),
    st.sampled_from([5e-324, 1e-310, 1.0, np.nextafter(1.0, 2.0), 1e15, 1.7e308]),
)


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(st.lists(st.tuples(TIMES, TIMES), min_size=1, max_size=80), st.booleans(), st.integers(0, 9))
def test_whatever_times_there_are_the_bits_are_the_same(pairs, late, seed):
    first, second = np.array(pairs).T
    entry = np.where(seed % 2, -first, np.minimum(first, second)) if late else np.zeros(len(pairs))
    exit_ = second if seed % 2 else np.maximum(first, second)
    keep = entry < exit_
    n = int(keep.sum())
    if n == 0:
        return
    rng = np.random.default_rng(seed)
    data = {"exit": exit_[keep], "event": rng.integers(0, 3, n), "weight": rng.uniform(0.5, 2, n)}
    history = History.of(states=STATES, **data, **({"entry": entry[keep]} if late else {}))
    by_numpy = counting._counted(history, None)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(threads, "SPLIT_FROM", seed * 10)
        compiled = counting._of_times(history)
    for name, counts in vars(by_numpy).items():
        np.testing.assert_array_equal(getattr(compiled, name), counts)


def test_a_history_of_one_state_has_no_transition(monkeypatch):
    monkeypatch.setattr(counting, "COMPILE_FROM", 1)
    for exit_ in ([1, 2, 2], [0.5, 2, 2]):
        h = History.of(exit=exit_, event=[0, 0, 0], weight=[1, 2, 0.5], states=("alive",))
        table = risk_table(h)
        assert table.exits[0, 0].tolist() == [0, 1, 2.5]
        assert table.events.shape == table.events_squared.shape == (1, 0, 3)


@pytest.mark.parametrize("left_out", [(), ("entry",), ("weight",), ("entry", "weight")])
@pytest.mark.parametrize(("module", "unit"), [(counting, 1), (any_times, np.pi)])
def test_two_threads_count_the_same(monkeypatch, module, unit, left_out):
    data = columns(5000, seed=4)
    data["exit"] = unit * (data["exit"] - data["entry"])
    data["entry"] = -unit * np.abs(data["entry"])
    data = {name: value for name, value in data.items() if name not in left_out}
    history = History.of(states=STATES, **data)
    by_numpy = risk_table(history)
    monkeypatch.setattr(counting, "COMPILE_FROM", 1)
    monkeypatch.setattr(counting, "_THREADS_FROM", 0)
    monkeypatch.setattr(counting, "_WEIGHTS_THREADS_FROM", 0)
    monkeypatch.setattr(threads, "SPLIT_FROM", 0)
    asked = []

    def threaded(work, parts):
        asked.append(len(parts))
        return threads.threaded(work, parts)

    monkeypatch.setattr(module, "threaded", threaded)
    assert bits(risk_table(history)) == bits(by_numpy)
    assert set(asked) == {1 if module is counting and "entry" in left_out else threads.THREADS}


def test_a_centre_never_waits_for_the_compiler(monkeypatch):
    for name in ("compiled_days", "compiled_times"):
        monkeypatch.setitem(sys.modules, f"osteon.estimate.tables.{name}", None)
    assert counting.COMPILE_FROM > 2_000
    for shift in (0, 0.25):
        data = columns(2_000)
        data["exit"] = data["exit"] + shift
        risk_table(History.of(states=STATES, **data))


def test_negative_entries_and_far_days():
    table = risk_table(History.of(entry=[-5, 0], exit=[2, 900_000_000], event=[1, 0]))
    assert table.time.tolist() == [-5, 0, 2, 900_000_000]
    assert table.at_risk[0, 0].tolist() == [0, 1, 2, 1]


def test_censored_written_as_minus_one():
    a = risk_table(History.of(exit=[3, 4, 5], event=[1, -1, 0]))
    b = risk_table(History.of(exit=[3, 4, 5], event=[1, 0, 0]))
    assert bits(a) == bits(b)


def test_columns_are_not_copied_and_defaults_cost_nothing():
    exit_, event = np.arange(1, 1001), np.ones(1000, dtype=bool)
    history = History.of(exit=exit_, event=event)
    risk_table(history)
    assert np.shares_memory(history.columns.exit, exit_)
    assert np.shares_memory(history.columns.event, event)
    assert not {"entry", "exit", "weight", "subject"} & set(vars(history))


def test_importing_the_estimators_does_not_load_the_compiler():
    code = "import osteon.estimate, sys; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_very_long_history_takes_no_copy_of_its_columns():
    n = counting.COMPILE_FROM
    columns_ = {"exit": np.arange(n, dtype=np.int32) % 3000 + 1, "event": np.arange(n) % 3 == 0}
    risk_table(History.of(**columns_))  # compiled by now
    tracemalloc.start()
    risk_table(History.of(**columns_))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * sum(values.nbytes for values in columns_.values())


def test_each_column_is_read_for_its_extremes_once():
    history = History.of(
        exit=np.arange(1, 200_001), event=np.zeros(200_000), entry=np.zeros(200_000)
    )
    assert history.ranges == {"exit": (1, 200_000), "event": (0, 0), "entry": (0.0, 0.0)}
    with_a_gap = np.arange(1.0, 200_001.0)
    with_a_gap[150_000] = np.nan
    with pytest.raises(
        EstimateError, match="1 of 200000 rows have a time that is missing or not finite"
    ):
        History.of(exit=with_a_gap, event=np.zeros(200_000))


def test_a_table_of_few_times_does_not_keep_the_memory_of_all(monkeypatch):
    monkeypatch.setattr(counting, "COMPILE_FROM", 1)
    table = risk_table(History.of(exit=np.arange(5000) % 3 + 0.5, event=np.ones(5000)))
    assert table.time.tolist() == [0, 0.5, 1.5, 2.5]
    assert table.time.base is None
