import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import risk_table, threads
from osteon.estimate.tables import counting

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
    ],
    ids=["spread", "one far away", "as far as floats go", "all at one time"],
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


def test_two_threads_count_the_same(monkeypatch):
    rng, n = np.random.default_rng(4), 5000
    entry = rng.integers(0, 9, n)
    history = History.of(
        states=STATES, entry=entry, exit=entry + rng.integers(1, 9, n), event=rng.integers(0, 3, n),
        stratum=rng.integers(0, 2, n),
    )  # fmt: skip
    by_numpy = risk_table(history)
    monkeypatch.setattr(counting, "COMPILE_FROM", 1)
    monkeypatch.setattr(counting, "_THREADS_FROM", 0)
    monkeypatch.setattr(threads, "SPLIT_FROM", 0)
    asked = []
    monkeypatch.setattr(
        counting,
        "threaded",
        lambda work, parts: asked.append(parts) or threads.threaded(work, parts),
    )
    assert bits(risk_table(history)) == bits(by_numpy)
    assert [len(parts) for parts in asked] == [threads.THREADS]


def test_a_centre_never_waits_for_the_compiler(monkeypatch):
    monkeypatch.setitem(sys.modules, "osteon.estimate.tables.compiled", None)
    assert counting.COMPILE_FROM > 2_000
    risk_table(History.of(states=STATES, **columns(2_000)))


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
