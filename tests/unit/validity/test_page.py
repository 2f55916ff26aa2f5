"""The page says what the tables say, and recommends what held."""

from __future__ import annotations

import re
from functools import partial
from types import FunctionType

import numpy as np
import pytest

from osteon import estimate
from validity import page as pages
from validity.advice import IN_R, INSTEAD
from validity.cases import TOPICS
from validity.cases.case import Case
from validity.choices import CHOICES, Choice
from validity.coverage import PAGE
from validity.designs import DESIGNS
from validity.kept import _names
from validity.tally import Tally, tallied

TEXT = PAGE.read_text(encoding="utf-8")
VALIDATION = PAGE.with_name("README.md").read_text(encoding="utf-8")
CELL = re.compile(r"(\**)([0-9.]+)\1 \(")


def too_short(design, seed):
    draws = np.random.default_rng(seed).normal(size=design.n)
    half = 1.0 / np.sqrt(design.n)  # one standard error where 1.96 are needed
    yield "one standard error", draws.mean() - half, draws.mean() + half, 0.0
    yield "everything", -np.inf, np.inf, 0.0


def table_rows(text: str) -> dict[str, list[str]]:
    """The eight cells of every row, by its name."""
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 2 + len(DESIGNS) and CELL.match(next(filter(None, cells[2:]), "")):
            found[cells[0].split(" (not given")[0]] = cells[2:]
    return found


ROWS = table_rows(TEXT)


def test_the_page_says_what_is_short_and_what_to_use(monkeypatch):
    case = Case(too_short, 300, lambda design: design.n == 100, "they need no more than 100")
    monkeypatch.setattr(pages, "TOPICS", {"Means": (case,)})
    monkeypatch.setattr(pages, "INSTEAD", {"one standard": "Use two."})
    text = pages.page(lambda case, design: tallied(case, design, range(300)))
    assert "| one standard error | 1.3 | **" in text
    assert "- **one standard error**: " in text
    assert "Use two." in text
    assert "- one standard error, everything: they need no more than 100." in text
    assert "*100.0* (0.0 / 0.0)" in text


def test_a_recommendation_tells_of_every_cell_of_every_row_it_recommends(monkeypatch):
    def cases(design, seed):
        yield "one", 0.0, 1.0, 0.0
        yield "two", 0.0, 1.0, 0.0

    tallies = {
        design: {
            "one": Tally(900 + 10 * k, 100 - 10 * k, 0),
            "two": Tally(920 + 10 * k, 0, 80 - 10 * k),
        }
        for k, design in enumerate(DESIGNS)
    }
    monkeypatch.setattr(pages, "TOPICS", {"Both": (Case(cases, 1000),)})
    monkeypatch.setattr(pages, "INSTEAD", {"one": "-", "two": "-"})
    monkeypatch.setattr(
        pages,
        "CHOICES",
        (
            Choice("both", "`both`", ("one", "two"), but="not always"),
            Choice("the second", "`second`", ("two",)),
            Choice("a third", "`third`", ("one", "three")),
        ),
    )
    text = pages.page(lambda case, design: tallies[design])
    assert "| both | `both`; not always | **90.0-95.0 %** | 94.0-99.0 % |  |" in text
    assert "| the second | `second` | **92.0-95.0 %** | 96.0-99.0 % |  |" in text
    assert "a third" not in text
    words = " ".join(text.split())
    assert (
        "in 92 to 95 of 100 studies of 100 patients and in 96 to 99 of 100 studies of 500" in words
    )
    assert "apart from 1 of its 2 lines" in words


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.question)
def test_the_committed_ranges_are_of_all_their_cells(choice):
    line = next(x for x in TEXT.splitlines() if x.startswith(f"| {choice.question} | {choice.use}"))
    printed = line.split(" | ")[2:4]
    for k, half in enumerate((slice(0, 4), slice(4, 8))):
        cells = [CELL.match(cell) for row in choice.rows for cell in ROWS[row][half] if cell]
        shares = [float(cell[2]) for cell in cells]
        told = [float(x) for x in re.findall(r"[0-9.]+", printed[k])]
        assert (told[0], told[-1]) == (min(shares), max(shares))
        assert printed[k].startswith("**") == any(cell[1] == "**" for cell in cells)


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.question)
def test_what_is_recommended_held_or_the_line_says_where_not(choice):
    short = any(cell.startswith("**") for row in choice.rows for cell in ROWS[row])
    assert short == bool(choice.but)


def functions_behind(thing, seen=None) -> set[str]:
    """Names of everything that a case uses, through helpers of its own."""
    seen = set() if seen is None else seen
    thing = thing.func if isinstance(thing, partial) else thing
    if not isinstance(thing, FunctionType) or thing in seen:
        return set()
    seen.add(thing)
    names = _names(thing.__code__)
    if not thing.__module__.startswith("validity.cases"):
        return set()
    inner = (functions_behind(thing.__globals__.get(name), seen) for name in names)
    return names.union(*inner)


def test_the_page_is_of_these_cases_and_recommends_what_they_use():
    """No function or scale is recommended that its rows are not of."""
    behind = {}
    for case in (case for topic in TOPICS.values() for case in topic):
        designs = [design for design in DESIGNS if case.makes_sense(design)]
        for design in (designs[0], designs[-1]):
            for name in tallied(case, design, range(1)):
                behind[name] = functions_behind(case.intervals)
    assert set(ROWS) >= set(behind)
    for choice in CHOICES:
        used = set().union(*(behind[row] for row in choice.rows))
        words = set(re.findall(r"`(\w+)", choice.use)) & set(estimate.__all__)
        assert words <= used | {"earliest_start"}, choice.question
        for scale in re.findall(r'"([\w-]+)"', choice.use):
            assert any(scale in row for row in choice.rows) or "default" in choice.use


def test_every_short_interval_has_an_answer():
    assert pages.NO_ADVICE not in TEXT
    for start in INSTEAD:
        assert f"**{start}" in TEXT


R_SAYS = {
    "median on the log scale 93.2 %": ("median survival, log", 0),
    "survival at day 60 91.6 % (log and plain)": ("survival at day 60, log", 0),
    "restricted mean with late entry 93.0 %": ("restricted mean survival", 2),
    "hazard ratio in families 74.0 % by the model": ("hazard ratio in families, Cox, Wald", 0),
    "and 91.0 % by family": ("hazard ratio in families, Cox, robust by family", 0),
}


@pytest.mark.parametrize("words", R_SAYS)
def test_what_r_counts_is_what_the_page_counts(words):
    row, column = R_SAYS[words]
    assert words in IN_R
    assert re.findall(r"[0-9.]+ %", words)[0] == f"{CELL.match(ROWS[row][column])[2]} %"


COMPARED = {
    "kaplan_meier": ("survival at day 60", "median survival"),
    "restricted_mean": ("restricted mean survival",),
    "time_lost": ("time lost to the event",),
    "nelson_aalen": ("cumulative hazard",),
    "robust": ("weighted survival", "survival at 1 year in families, robust"),
    "robust_means": (
        *(
            "weighted restricted mean",
            "weighted time lost",
            "difference in survival at 1 year, clones, r",
        ),
        *("difference in incidence at 1 year, clones, r", "ratio of survival at 1 year, clones"),
        *("difference in restricted mean, clones", "ratio of restricted means, clones"),
        "difference in time lost to the event, clones",
    ),
    "counts": (
        "proportion 6 %, mid-p",
        "rate of recurrent events, Garwood",
        "ratio of rates of recurrent events, e",
    ),
    "pooled_profiles": ("hazard ratio, Firth's Cox, pooled profiles",),
    "cox": ("hazard ratio",),
    "cox_curves": ("survival predicted by Cox",),
    "predicted_contrasts": ("restricted mean predicted by Cox",),
    "fine_gray": ("subdistribution hazard ratio",),
    "mean_cumulative": ("ratio of mean cumulative counts",),
    "robust_rates": ("ratio of rates of recurrent events, robust",),
    "state_occupation": ("transition probability",),
}
"""Folders of reference tests that compare with R what the page calls short."""
NOT_IN_R = (
    "length of stay predicted",  # without a standard error there
    "difference in survival at 1 year, clones, b",  # draws of its own
    "difference in incidence at 1 year, clones, b",
    "survival at 1 year in families, bootstrap",
    "hazard of onset on day 75, illness-death, smoothness",  # SmoothHazard could not be reached
    "cumulative incidence predicted at 2 years, illness-death, smoothness",
)
OTHERWISE = {"counts": "fisher", "fine_gray": "crr with groups"}
"""What these parts hold besides, with differences that the page of validation explains."""


def numbers_of(folder: str) -> dict[str, list[float]]:
    """The differences of a folder's numbers, by test, whatever estimator's page they stand on."""
    found: dict[str, list[float]] = {}
    for page in sorted(PAGE.with_name("numbers").glob("*.md")):
        for part in f"\n{page.read_text(encoding='utf-8')}".split("\n## "):
            if part.startswith(f"{folder}\n"):
                for test in part.split("\n### ")[1:]:
                    name, _, numbers = test.partition("\n")
                    differences = re.findall(r"\| ([0-9.e+-]+) \|$", numbers, re.M)
                    found.setdefault(name.rpartition(">")[2], []).extend(map(float, differences))
    return found


def test_numbers_are_found_on_every_page_that_has_some():
    assert set(numbers_of("robust")) >= {"kaplan meier", "nelson aalen", "cumulative incidence"}
    assert len(numbers_of("robust")["kaplan meier"]) > 50


@pytest.mark.parametrize("folder", COMPARED)
def test_what_is_short_agrees_with_r_to_1e_8(folder):
    other = OTHERWISE.get(folder, "nothing else")
    tests = {
        name: worst for name, worst in numbers_of(folder).items() if not name.startswith(other)
    }
    assert tests
    assert all(tests.values())
    assert max(map(max, tests.values())) <= 1e-8


@pytest.mark.parametrize("folder", OTHERWISE)
def test_what_else_a_folder_holds_differs(folder):
    others = numbers_of(folder).items()
    assert max(max(worst) for name, worst in others if name.startswith(OTHERWISE[folder])) > 1e-8


def test_every_short_interval_is_compared_with_r_or_not_in_it():
    short = TEXT.split("## Where it is too short")[1].split("\n## ")[0]
    known = (*(start for starts in COMPARED.values() for start in starts), *NOT_IN_R)
    for name in re.findall(r"\*\*([^*]+)\*\*:", short):
        assert name.startswith(known)


def test_differences_above_1e_6_are_of_what_is_not_called_short():
    text = VALIDATION.split("## Differences above 1e-06")[1].split("\n## ")[0]
    assert set(re.findall(r"^- \[([^\]]+)\]", text, re.M)) == {
        "Exact small-sample answers, Fisher, conditional limits",
        "Exact small-sample answers, Fisher, mid-p",
        "Exact small-sample answers, exact comparison of rates",
        "Fine-Gray, as crr, groups of censoring",
        "Interval censoring, Turnbull NPMLE",
        "Interval censoring, illness-death, piecewise hazards",
        "Panel-observed Markov, exact death",
    }
    assert "README.md#differences-above-1e-06" in TEXT


def test_the_short_answer_is_that_of_the_table():
    kept = [choice for choice in CHOICES if not choice.but]
    found = re.findall(r"in (\d+) to (\d+) of 100 studies", " ".join(TEXT.split()))
    for (low, high), half in zip(found, (slice(0, 4), slice(4, 8)), strict=True):
        cells = [
            CELL.match(cell) for c in kept for row in c.rows for cell in ROWS[row][half] if cell
        ]
        shares = [float(cell[2]) for cell in cells]
        assert min(shares) == pytest.approx(int(low), abs=0.55)
        assert max(shares) == pytest.approx(int(high), abs=0.55)
    told = f"apart from {len(CHOICES) - len(kept)} of its {len(CHOICES)} lines"
    assert told in " ".join(TEXT.split())
