"""The validation pages are not written where a number has no place, a place no numbers, or no reason."""

import importlib
import importlib.util
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "scripts"
PAGES = ROOT / "docs" / "validation"
CASES = """
<testsuite>
  <testcase classname="tests.reference.estimate.cox.test_cox" name="test_ties[efron]"><properties>
    <property name="number" value='["efron.coefficients", "0.5", "0.5"]'/>
    <property name="number" value='["efron.std_error", "0.25", "0.2500001"]'/>
    <property name="data" value="lung (lifelines)"/>
  </properties></testcase>
  <testcase classname="tests.reference.estimate.hand_worked.test_models" name="test_cox"><properties>
    <property name="patients" value='{"exit": ["1", "2"], "event": ["1", "0"]}'/>
    <property name="number" value='["log hazard ratio", "0.1", "0.1"]'/>
  </properties></testcase>
  <testcase classname="tests.reference.estimate.gray.test_gray" name="test_bmt">
    <skipped message="no R"/>
  </testcase>
</testsuite>
"""
BY_HAND = """
[shows.Cox]
ties = ["cox"]
[compared_with]
hand_calculation = ["*"]
"""
COX = """
[shows.Cox]
ties = ["ties"]
[differs]
"the optimiser stops earlier" = ["ties | std_error"]
"""


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module


@pytest.fixture
def validation(script, monkeypatch):
    module = script("validation")
    monkeypatch.setattr(module, "LEAST", 1)
    return module


@pytest.fixture
def cases():
    return list(ElementTree.fromstring(CASES).iter("testcase"))


@pytest.fixture
def found(validation, cases):
    return list(validation.rows(cases))


@pytest.fixture
def missing(validation, cases):
    return list(validation.skipped(cases))


@pytest.fixture
def folders(tmp_path_factory):
    """Folders of reference tests that say what they show; those not given show all there is."""

    def write(cox=COX, hand_worked=BY_HAND, offered='Cox = ["ties"]', **others):
        root = tmp_path_factory.mktemp("estimate")
        (root / "estimators.toml").write_text(offered)
        (root / "unreached.toml").write_text(
            '[[unreached]]\ndata = "psor"\nwhy = "no msm"\ninstead = "cav"\n'
        )
        for name, text in {"cox": cox, "hand_worked": hand_worked, **others}.items():
            (root / name).mkdir()
            (root / name / "options.toml").write_text(text)
            (root / name / "test_it.py").write_text("def test_ties(): ...\ndef test_cox(): ...\n")
        (root / "cox" / "make.R").touch()
        return root

    return write


@pytest.fixture
def evidence(validation, folders):
    return lambda *given, **others: validation.read(folders(*given, **others))


def test_nothing_is_wrong_where_every_number_has_a_place(validation, found, evidence, folders):
    assert not list(validation.faults(found, [], evidence()))
    assert not list(validation.misnamed(folders()))


def test_a_number_of_no_option_is_named(validation, found, evidence):
    said = evidence(COX.replace('"ties"]', '"ties | coefficients"]'))
    assert list(validation.homeless(found, said)) == [
        "cox: ties[efron]: 1 numbers belong to no option"
    ]


@pytest.mark.parametrize("what", ["", "[1]", "[3] (worst of 7)"])
def test_a_number_without_a_name_is_told(validation, found, evidence, what):
    (told,) = validation.faults([*found, replace(found[0], what=what)], [], evidence())
    assert told.startswith("cox: ties[efron]: 1 numbers have no name")


def test_a_folder_that_says_nothing_is_named(validation, found, evidence):
    said = evidence("")
    assert "cox: ties[efron]: 2 numbers belong to no option" in validation.faults(found, [], said)


def test_a_difference_is_explained(validation, found, evidence):
    unsaid = "cox: ties[efron] | efron.std_error: differs by 1e-07, and why is not said"
    for reason in ("", '[differs]\nworn = ["ties | coefficients"]', '[differs]\nworn = ["cox"]'):
        said = evidence(COX.partition("[differs]")[0] + reason)
        assert unsaid in list(validation.unexplained(found, set(), said))


def test_an_explanation_is_of_a_difference(validation, found, evidence):
    said = evidence(COX + 'worn = ["ties | coefficients"]')
    needless = "cox: ties | coefficients: differs by 0e+00, which needs no reason"
    assert list(validation.unexplained(found, set(), said)) == [needless]
    assert not list(validation.unexplained(found, {"cox"}, said))
    none_found = "cox: ties | std_error: differs by 0e+00, which needs no reason"
    assert none_found in list(validation.unexplained(found[:1], set(), evidence()))


def test_a_place_without_numbers_is_named_unless_its_tests_were_skipped(
    validation, found, missing, evidence
):
    said = evidence(gray='[shows.Cox]\nties = ["ties"]')
    assert list(validation.faults(found, [], said)) == ["ties: nothing at gray: ties"]
    assert not list(validation.faults(found, missing, said))
    said = evidence(COX + '[compared_with]\nsecond_way = ["ties | loglik"]')
    assert list(validation.faults(found, [], said)) == [
        "worked out a second way, from the definition: nothing at cox: ties | loglik"
    ]


def test_an_option_wants_eight_numbers(validation, found, missing, evidence, monkeypatch):
    monkeypatch.undo()
    assert validation.LEAST == 8
    few = "ties: 3 numbers, 8 are asked for"
    assert list(validation.faults(found, [], evidence())) == [few]
    said = evidence(gray='[shows.Cox]\nties = ["ties"]')
    assert not list(validation.faults(found, missing, said))
    said = evidence(offered='Cox = ["ties", "strata"]')
    assert "strata: 0 numbers, 8 are asked for" in validation.faults(found, missing, said)


def test_what_several_folders_show_is_put_together(evidence, found):
    (option,) = evidence().estimators["Cox"]
    assert [str(place) for place in option.places] == ["hand_worked: cox", "cox: ties"]
    assert all(option.holds(row) for row in found)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[show.Cox]\nties = ["ties"]', "cox: 'show' is no part; allowed: shows, compared_with"),
        ('[shows.Coks]\nties = ["ties"]', "cox: 'Coks' is no estimator; allowed: Cox"),
        ('[shows.Cox]\ntie = ["ties"]', "cox: 'tie' is no option; allowed: ties"),
        ('[compared_with]\nR = ["ties"]', "cox: 'R' is no kind of answer; allowed: hand_calc"),
        ('[shows.Cox]\nties = "ties"', "cox: ties: wants a list of tests"),
        ('[shows.Cox]\nties = ["tied"]', 'cox: ties: no test begins with "tied"; "*" is every'),
        ('[shows.Cox]\nties = ["| efron"]', 'cox: ties: no test begins with ""; "*" is every'),
        ('[differs]\nworn = ["tied[a]"]', 'cox: worn: no test begins with "tied"'),
    ],
)
def test_a_name_that_is_not_there_is_told(validation, folders, text, fault):
    (told,) = validation.misnamed(folders(text))
    assert told.startswith(fault)


def test_where_r_was_not_asked_no_number_is_an_answer_of_r(validation, folders):
    (told,) = validation.misnamed(folders(hand_worked=BY_HAND.replace('"*"', '"cox"')))
    assert told == 'hand_worked: no make.R; [compared_with] names a kind of answer for "*"'


def test_an_option_is_listed_once(validation, folders):
    twice = list(validation.misnamed(folders(offered='Cox = ["ties", "ties"]')))
    assert twice == ["estimators.toml: Cox: ties: listed twice"]


def test_the_committed_folders_name_what_is_there(validation):
    assert not list(validation.misnamed(validation.REFERENCE))


def test_the_face_counts_sources_and_leads_with_the_largest_differences(
    validation, found, missing, evidence
):
    worse = [replace(row, obtained="0.55") if row.folder == "cox" else row for row in found]
    reasons = evidence(COX.replace("ties | std_error", "ties"))
    text = validation.face(validation.Proof(worse, missing, reasons))
    assert "- 2 answers of R and its packages\n- 1 worked by hand" in text
    assert "- [Cox, ties](numbers/cox.md#option-ties): 3e-01: the optimiser stops earlier." in text
    assert "- psor: no msm. Instead: cav.\n- skipped here, gray: bmt: no R" in text
    assert "| [Cox](numbers/cox.md) | 1 | 3 | 2 | 1 |  |  |  | 3e-01 |" in text
    assert text.index("## Estimators") < text.index("## Differences") < text.index("## Not reached")
    assert "| lung (lifelines) | 228 patients with lung cancer, days | 2 | [Cox]" in text


def test_an_estimator_has_a_page_of_all_its_numbers(validation, found, missing, evidence):
    pages = validation.pages(validation.Proof(found, missing, evidence()))
    (text,) = pages.values()
    assert list(pages) == ["numbers/cox.md"]
    assert text.index("## Worked by hand") < text.index("## cox") < text.index("make.R")
    assert "[ties](#cox-ties)" in text
    assert (
        "</a>ties\n\nData: lung (lifelines), 228 patients with lung cancer, days.\n\n```r\n" in text
    )
    assert "\nefron = " in text
    assert "| efron.std_error | 0.25 | 0.2500001 | 1e-07 |" in text
    assert "| log hazard ratio | 0.1 | 0.1 | 0 |" in text
    assert "| exit | event |\n|---:|---:|\n| 1 | 1 |\n| 2 | 0 |\n\n| number |" in text


def test_digits_stand_below_each_other_and_printed_ones_as_they_are_printed(script):
    digits = script("validation_pages")._digits
    assert digits("0.12345678901234567") == "0.1234567890"
    assert digits("-661.17945212618") == "-661.1794521262"
    assert digits("1.2345678901234567e-07") == "1.234567890e-07"
    assert digits("0.0500") == "0.0500"
    assert digits("nan") == "nan"


def test_the_page_of_an_estimator_that_is_no_more_goes(validation, tmp_path):
    (tmp_path / "coverage.md").write_text("stays")
    validation.write({"README.md": "face", "numbers/cox.md": "old", "numbers/old.md": ""}, tmp_path)
    validation.write({"README.md": "face", "numbers/cox.md": "new"}, tmp_path)
    assert [path.name for path in (tmp_path / "numbers").iterdir()] == ["cox.md"]
    assert (tmp_path / "numbers" / "cox.md").read_text() == "new"
    assert (tmp_path / "coverage.md").read_text() == "stays"


def test_the_committed_pages_are_of_what_is_offered(validation, script):
    page_of = script("validation_proof").page_of
    face = (PAGES / "README.md").read_text(encoding="utf-8")
    offered = validation.read(validation.REFERENCE).estimators
    assert {f"numbers/{path.name}" for path in (PAGES / "numbers").iterdir()} == {
        page_of(estimator) for estimator in offered
    }
    at = 0
    for estimator, options in offered.items():
        text = (PAGES / page_of(estimator)).read_text(encoding="utf-8")
        assert f"# {estimator}: the numbers" in text
        for option in options:
            assert f"></a>{option.name} | " in text
            at = face.index(f"| [{option.name}](", at)  # in the order of estimators.toml


def test_pages_are_short_enough_to_be_shown():
    assert (PAGES / "README.md").stat().st_size < 60_000
    assert max(path.stat().st_size for path in (PAGES / "numbers").iterdir()) < 200_000


def test_the_expressions_of_an_r_script_are_its_answers(script, tmp_path):
    path = tmp_path / "make.R"
    path.write_text(
        """
efron <- coxph(Surv(t, d) ~ x)
report(packages = c("survival", "etm"), list(  # a list (of two
  call = "f(x, y)", `log-log` = at(fit, c(1, 2), type = "a)"),   # efron, the usual
  many = list(one = 1, two = 2, rest = """
        + "3 + " * 30
        + """3),
  long = { f <- function(k) k^2; """
        + "f(1) + " * 60
        + """0 }
))
later <- list(a = 1)
"""
    )
    asked = script("r_answers").asked
    assert asked(path, ["log-log[1]", "log-log[3] (worst of 7)"]) == {
        "log-log": 'at(fit, c(1, 2), type = "a)")'
    }
    assert asked(path, ["many.one.estimate[2]", "many.two"]) == {"many.one": "1", "many.two": "2"}
    assert asked(path, ["long"])["long"].endswith(" ...")
    assert not asked(path, ["a", "log", "many", "S(1) = `5/6`"])
    assert not asked(tmp_path / "none.R", ["log-log"])


def test_what_an_expression_stands_on_is_told_where_it_is_short(script, tmp_path):
    path = tmp_path / "make.R"
    path.write_text(
        """
x <- cohort(); entry <- 1
dead <- x$cause > 0
m <- coxph(Surv(entry, exit) ~ dead, x)   # the usual
of <- function(k, dead) {
  s <- k$coef
  s }
long <- function(a) c(LONG)
report(list(one = of(m), two = sapply(1:2, function(m) m), three = f(of = 1)))
""".replace("LONG", "1, " * 200)
    )
    defined = script("r_definitions").defined
    data, model = "x <- cohort(); entry <- 1", "m <- coxph(Surv(entry, exit) ~ dead, x)"
    assert defined(path, ["of(m)"]) == [data, model, "of <- function(k, dead) { s <- k$coef; s }"]
    assert not defined(path, ["sapply(1:2, function(m) m)", "f(of = 1)", 'g("x", long)'])


def test_a_data_set_is_described(validation, found):
    assert not list(validation.undescribed(found))
    (told,) = validation.undescribed([replace(found[0], data=("lungs",))])
    assert told.startswith("lungs: not in data_sets.toml")


def test_estimators_page_knows_which_calls_were_run(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import r_calls

    import osteon.estimate as e

    assert r_calls.run_here(e.cox) == "[run](../../tests/reference/estimate/cox/make.R)"
    assert r_calls.run_here(e.restricted_mean_difference) == "not run (survRM2 not at hand)"
    assert r_calls.run_here(e.bootstrap) == "not run"  # its draws are others
    assert r_calls.run_here(e.predicted_survival_difference) == "none"
    assert r_calls.run_here(e.predicted_occupation).startswith("[printed example]")
    as_another = e.robust_restricted_mean_difference, e.robust_restricted_mean
    assert len({r_calls.run_here(function) for function in as_another}) == 1
