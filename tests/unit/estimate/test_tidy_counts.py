import sqlite3
from contextlib import closing

import duckdb
import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteon.contracts.history import History
from osteon.errors import EstimateError
from osteon.estimate import counts_sql, risk_table, risk_table_of_counts, tidy_counts

from .test_properties import STATES, columns, history_of, same_tables

COUNTS = {
    "time": [0, 3, 5],
    "to_state": [None, "dead", None],
    "entries": [2, 0, 0],
    "exits": [0, 1, 1],
    "events": [0, 1, 0],
    "events_squared": [0, 1, 0],
}


def as_numpy(result):
    return result.fetchnumpy()


def as_arrow(result):
    return result.to_arrow_table()


def as_pandas(result):
    return result.df()


def in_duckdb(data, fetch=as_arrow, **columns):
    connection = duckdb.connect()
    connection.register("history", pd.DataFrame(data))
    return fetch(connection.sql(counts_sql("history", **columns)))


@settings(max_examples=30)
@given(columns(), st.sampled_from([as_numpy, as_arrow, as_pandas]))
def test_duckdb_counts_as_numpy_does_to_the_bit(data, fetch):
    data = {name: data[name] for name in ("entry", "exit", "event", "stratum")}
    data["weight"] = 1 + data["stratum"] + data["event"]
    counts = in_duckdb(data, fetch, entry="entry", stratum="stratum", weight="weight")
    table = risk_table_of_counts(counts, states=STATES, strata=("a", "b"))
    whole = risk_table(History.of(**data, states=STATES, strata=("a", "b")))
    assert table.transitions == whole.transitions
    same_tables(table, whole)


@pytest.mark.parametrize("fetch", [as_numpy, as_arrow, as_pandas])
def test_names_instead_of_indices_and_several_states(fetch):
    history = History.of(
        entry=[0, 3, 0],
        exit=[3, 8.5, 5],
        event=[1, 2, 2],
        from_state=[0, 1, 0],
        states=("well", "ill", "dead"),
        stratum=[0, 0, 1],
        strata=("men", "women"),
    )
    data = {
        "from the day": [0, 3, 0],
        "to": [3, 8.5, 5],
        "became": ["ill", "dead", "dead"],
        "was": ["well", "ill", "well"],
        "sex": ["men", "men", "women"],
    }
    counts = in_duckdb(
        data,
        fetch,
        entry="from the day",
        exit="to",
        event="became",
        from_state="was",
        stratum="sex",
    )
    table = risk_table_of_counts(counts, states=history.states)
    assert table.strata == history.strata
    assert table.transitions == risk_table(history).transitions
    same_tables(table, risk_table(history))


def test_the_least_that_a_history_can_have():
    counts = in_duckdb({"exit": [3, 4, 4], "event": [True, False, True]})
    same_tables(
        risk_table_of_counts(counts), risk_table(History.of(exit=[3, 4, 4], event=[1, 0, 1]))
    )


@pytest.mark.filterwarnings("ignore:.*arrow_table.*:DeprecationWarning")  # ibis 12 on DuckDB 1.5
def test_any_ibis_backend_runs_the_same_text():
    data = pd.DataFrame({"exit": [3, 4, 4], "event": [1, 0, 1], "w": [1.0, 2.0, 3.0]})
    there = duckdb.connect()
    there.register("history", data)
    connection = ibis.duckdb.from_connection(there)
    counts = connection.sql(counts_sql("history", weight="w"), dialect="duckdb").to_pyarrow()
    whole = risk_table(History.of(exit=data["exit"], event=data["event"], weight=data["w"]))
    same_tables(risk_table_of_counts(counts), whole)


@settings(max_examples=20)
@given(columns())
def test_sqlite_counts_as_numpy_does_to_the_bit(data):
    data = {name: data[name] for name in ("entry", "exit", "event", "stratum")}
    data["weight"] = 1 + data["stratum"] + data["event"]
    with closing(sqlite3.connect(":memory:")) as connection:
        pd.DataFrame(data).to_sql("history", connection, index=False)
        query = counts_sql("history", entry="entry", stratum="stratum", weight="weight")
        counts = pd.read_sql(query, connection)
    table = risk_table_of_counts(counts, states=STATES, strata=("a", "b"))
    same_tables(table, risk_table(History.of(**data, states=STATES, strata=("a", "b"))))


@pytest.mark.parametrize("dialect", ["spark", "postgres", "sqlite", "mysql", "tsql", "bigquery"])
def test_the_query_is_understood_by_other_dialects(dialect):
    sqlglot = pytest.importorskip("sqlglot")
    query = counts_sql("h", entry="e", stratum="s", weight="w", from_state="f")
    assert "GROUP BY" in sqlglot.transpile(query, read="duckdb", write=dialect)[0]


def test_a_query_in_the_place_of_a_table():
    counts = duckdb.connect().sql(counts_sql("(SELECT 5 AS exit, 1 AS event) AS one")).df()
    assert risk_table_of_counts(counts).events[0, 0].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"exit": [0, 4, 4]}, 1),
        ({"entry": [3, 4, 0]}, 2),
        ({"weight": [1, 0, -1]}, 2),
        ({"exit": [None, 4, 4]}, 1),
        ({"weight": [None, 1, 1]}, 1),
        ({"stratum": [None, "a", "a"]}, 1),
    ],
)
def test_rows_that_break_the_contract_are_refused_with_their_number(change, faults):
    data = {"entry": [0, 0, 0], "exit": [3, 4, 4], "event": [1, 0, 1]}
    data |= {"weight": [1, 1, 1], "stratum": ["a"] * 3}
    counts = in_duckdb(data | change, entry="entry", weight="weight", stratum="stratum")
    with pytest.raises(EstimateError, match=f"{faults} rows of the history"):
        risk_table_of_counts(counts)


@given(columns())
def test_tidy_counts_read_back_exactly(data):
    table = risk_table(history_of(data, weight=0.1 + data["event"] / 3))
    tidy = tidy_counts(table)
    back = risk_table_of_counts(tidy, states=table.states, strata=table.strata)
    assert back.transitions == table.transitions
    same_tables(back, table)


def test_rows_that_repeat_add_up():
    twice = {name: values * 2 for name, values in COUNTS.items()}
    assert risk_table_of_counts(twice).at_risk[0, 0].tolist() == [0, 4, 2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"to_state": [None, "deed", None]}, r"`to_state` 'deed'.*Did you mean \"dead\""),
        ({"to_state": [None, 7, None]}, "`to_state` 7 without a name"),
        ({"from_state": [0, None, 0]}, "`from_state` None without a name"),
        ({"entries": [-2, 0, 0]}, "1 of 3 rows of the counts have a `entries` that is negative"),
        ({"exits": [0, np.nan, 1]}, "1 of 3 rows of the counts have a `exits`"),
        ({"time": [0, np.inf, 5]}, "1 of 3 rows of the counts have a `time` that is not finite"),
        ({"entries": [1, 0, 0]}, "do not balance"),
        ({"entries": [3, 0, 0]}, "do not balance"),
        ({"entries": [0, 0, 2]}, "do not balance"),
        ({"events": [0, 2, 0]}, "do not balance"),
        ({"entries": [0] * 3, "exits": [0] * 3, "events": [0] * 3}, "of nobody"),
    ],
)
def test_mistakes(change, message):
    with pytest.raises(EstimateError, match=message):
        risk_table_of_counts(COUNTS | change)


def test_a_missing_column():
    with pytest.raises(EstimateError, match="no column `exits`"):
        risk_table_of_counts({k: v for k, v in COUNTS.items() if k != "exits"})
    with pytest.raises(EstimateError, match="no column `exits`"):
        risk_table_of_counts(pd.DataFrame(COUNTS).drop(columns="exits"))


def test_strata_by_number_are_those_that_occur():
    """As in a history: sex as 1 and 2 makes no group of nobody."""
    data = {"exit": [3, 4, 5], "event": [1, 0, 1], "stratum": [1, 2, 1]}
    table = risk_table_of_counts(in_duckdb(data, stratum="stratum"))
    assert table.strata == risk_table(History.of(**data)).strata == ("1", "2")
    assert table.events[:, 0].sum(axis=1).tolist() == [2, 0]
