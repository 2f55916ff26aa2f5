"""The validation page is not written where a number has no place, a place no numbers, or no reason."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
CASES = """
<testsuite>
  <testcase classname="tests.reference.estimate.cox.test_cox" name="test_ties[efron]"><properties>
    <property name="number" value='["efron.coefficients", "0.5", "0.5"]'/>
    <property name="number" value='["efron.std_error", "0.25", "0.2500001"]'/>
  </properties></testcase>
  <testcase classname="tests.reference.estimate.hand_worked.test_models" name="test_cox"><properties>
    <property name="number" value='["log hazard ratio", "0.1", "0.1"]'/>
  </properties></testcase>
</testsuite>
"""


@pytest.fixture
def validation(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    spec = importlib.util.spec_from_file_location("validation", SCRIPTS / "validation.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "validation", module)  # a dataclass looks its module up
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "LEAST", 1)
    return module


@pytest.fixture
def found(validation):
    return list(validation.rows(list(ElementTree.fromstring(CASES).iter("testcase"))))


@pytest.fixture
def promise(validation, monkeypatch):
    def options(*places, why="the optimiser stops earlier"):
        option = validation.Option("ties", places, why)
        monkeypatch.setattr(validation, "OPTIONS", {"Cox": (option,)})
        monkeypatch.setattr(validation, "OTHERS", {"worked by hand": ("hand_worked: ",)})

    return options


def test_nothing_is_wrong_where_every_number_has_a_place(validation, found, promise):
    promise("cox: ties", "hand_worked: cox")
    assert not list(validation.homeless(found))
    assert not list(validation.unexplained(found, []))
    assert not list(validation.too_little(found, []))


def test_a_number_of_no_option_is_named(validation, found, promise):
    promise("cox: ties | coefficients", "hand_worked: cox")
    assert list(validation.homeless(found)) == ["cox: ties[efron]: 1 numbers belong to no option"]


def test_a_difference_is_explained_and_an_explanation_is_of_a_difference(
    validation, found, promise
):
    promise("cox: ties", why="")
    assert list(validation.unexplained(found, [])) == [
        "ties: differs by 1e-07, and why is not said"
    ]
    promise("cox: ties | coefficients")
    assert len(list(validation.unexplained(found, []))) == 1
    assert not list(validation.unexplained(found, [validation.Skip("cox", "one", "no R")]))


def test_a_place_without_numbers_is_named_unless_its_tests_were_skipped(validation, found, promise):
    promise("cox: ties", "gray: ", "hand_worked: cox")
    assert list(validation.too_little(found, [])) == ["ties: nothing at gray: "]
    assert not list(validation.too_little(found, [validation.Skip("gray", "one", "no R")]))


def test_sources_are_counted(validation, found, promise):
    promise("cox: ties", "hand_worked: cox")
    assert validation._sources(found) == "- 2 answers of R and its packages\n- 1 worked by hand"


def test_the_largest_differences_come_first_on_the_page(validation, found, promise):
    promise("cox: ties", "hand_worked: cox")
    worse = [replace(row, obtained="0.6") for row in found]
    text = validation.page(worse, [])
    assert "- Cox, ties: 5e-01: the optimiser stops earlier." in text
    assert text.index("## Not reached") < text.index("## Differences") < text.index("| estimator")
    assert text.index("hand-worked-cox") < text.index("cox-ties")


def test_estimators_page_knows_which_calls_were_run(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import r_calls

    import osteon.estimate as e

    assert r_calls.run_here(e.cox) == "[run](../../tests/reference/estimate/cox/make.R)"
    assert r_calls.run_here(e.restricted_mean_difference) == "not run (survRM2 not at hand)"
    assert r_calls.run_here(e.bootstrap) == "not run"  # its draws are others
    assert r_calls.run_here(e.fixed_time_ratio) == "none"
    assert r_calls.run_here(e.predicted_occupation).startswith("[printed example]")
    as_another = e.robust_restricted_mean_difference, e.robust_restricted_mean
    assert len({r_calls.run_here(function) for function in as_another}) == 1
