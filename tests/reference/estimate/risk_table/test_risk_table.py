"""Risk tables counted in every way there is, against what survfit counts and estimates."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from osteon.estimate import (
    counts_sql,
    kaplan_meier,
    read_risk_table,
    risk_table,
    risk_table_of_counts,
    write_risk_table,
)
from osteon.estimate.tables import counting

GROUPS = ("0", "1", "2")
FIELDS = ("at_risk", "events", "estimate", "std_error")
WEIGHTS = {"whole": None, "copies": "copies", "weighted": "weight"}


@pytest.fixture
def history(cohort, history_of):
    def build(weights=None, **changes):
        weight = {} if weights is None else {"weight": cohort[weights]}
        return history_of(cohort, stratum=cohort["group"], strata=GROUPS, **weight, **changes)

    return build


@pytest.fixture
def agree(expected, close):
    def check(table, name):
        on = f"t = {expected['day']:g}"
        for group, curve in kaplan_meier(table).items():
            points = curve.at(expected["day"])
            for field in FIELDS:
                close(getattr(points, field)[0], expected[name][group][field], what=on)

    return check


@pytest.mark.parametrize("name", WEIGHTS)
def test_by_days(history, agree, name):
    agree(risk_table(history(WEIGHTS[name])), name)


@pytest.mark.parametrize("name", WEIGHTS)
def test_by_distinct_times(history, agree, monkeypatch, name):
    monkeypatch.setattr(counting, "_first_day", lambda history: None)
    agree(risk_table(history(WEIGHTS[name])), name)


@pytest.mark.parametrize("name", WEIGHTS)
def test_by_compiled_loop(history, agree, monkeypatch, name):
    monkeypatch.setattr(counting, "COMPILE_FROM", 1)
    agree(risk_table(history(WEIGHTS[name])), name)


def test_of_continuous_times(cohort, history, agree):
    shift = cohort["id"] / 1000
    times = {"entry": cohort["entry"] + shift, "exit": cohort["exit"] + shift + 0.25}
    agree(risk_table(history(**times)), "hours")


@pytest.mark.parametrize("name", WEIGHTS)
def test_by_sql(cohort, agree, name):
    con = duckdb.connect()
    con.register("cohort", pd.DataFrame(cohort).astype({"group": int, "cause": int}))
    query = counts_sql(
        "cohort", entry="entry", event="cause", stratum="group", weight=WEIGHTS[name]
    )
    counts = con.execute(query).fetchnumpy()
    agree(risk_table_of_counts(counts, states=("free", "first", "second"), strata=GROUPS), name)


@pytest.mark.parametrize("name", WEIGHTS)
def test_of_seven_sites_added_up(cohort, history, agree, name):
    whole, site = history(WEIGHTS[name]), cohort["id"] % 7
    agree(sum(risk_table(whole.where(site == s)) for s in np.unique(site)), name)


@pytest.mark.parametrize("name", WEIGHTS)
def test_of_another_centres_file(history, agree, tmp_path, name):
    write_risk_table(risk_table(history(WEIGHTS[name])), tmp_path / "table.json")
    agree(read_risk_table(tmp_path / "table.json"), name)
