"""Results are kept as long as the code behind them stays as it is, and no longer."""

from __future__ import annotations

import pytest

from validity import kept
from validity.cases import TOPICS
from validity.cases.case import Case
from validity.designs import DESIGNS
from validity.tally import Tally

CASE = TOPICS["Counts and rates"][0]


def test_a_second_run_reads_what_the_first_one_found(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    found = {"one": Tally(9, 1, 0, 0), "two": Tally(8, 1, 1, 2)}
    assert kept.kept(CASE, DESIGNS[0], lambda: found) == found

    def never():
        raise AssertionError("it was kept")

    again = kept.kept(CASE, DESIGNS[0], never)
    assert again == found
    assert list(again) == list(found)
    assert again["two"].absent == 2


def test_a_run_that_was_cut_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "FOLDER", tmp_path)

    def cut():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept.kept(CASE, DESIGNS[0], cut)
    assert not list(tmp_path.glob("*.json"))


def test_the_key_is_of_case_design_and_replicates():
    more = Case(CASE.intervals, CASE.replicates + 1)
    keys = [
        kept.digest(CASE, DESIGNS[0]),
        kept.digest(CASE, DESIGNS[4]),
        kept.digest(more, DESIGNS[0]),
    ]
    assert len(set(keys)) == 3
    assert kept.digest(Case(CASE.intervals, CASE.replicates), DESIGNS[0]) == keys[0]


def test_the_key_reaches_the_samples_the_truths_and_the_estimators():
    behind = "".join(kept._behind(TOPICS["Curves of one group"][0].intervals))
    for name in (
        "survival_curves",
        "_candidates",
        "kaplan_meier",
        "probability_limits",
        "quantile",
    ):
        assert f"name='{name}'" in behind
    assert "0.0014285714285714286" in behind  # EVENT_HAZARD
    assert "name='turnbull'" not in behind


def test_words_do_not_count():
    plain = "def f(x):\n    return x + 1\n"
    worded = 'def f(x):\n    """Add one."""\n    # why\n    return x + 1\n'
    assert kept._without_words(plain) == kept._without_words(worded)
    assert kept._without_words(plain) != kept._without_words(plain.replace("1", "2"))
