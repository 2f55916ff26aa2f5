"""The validation page: every number that the reference tests compare, printed as they ran.

Runs ``tests/reference`` and writes ``docs/validation/numbers.md``. A comparison that failed
fails the run: the page never shows a number that does not agree. So does an estimator or option
of `OPTIONS` with fewer than `LEAST` numbers, unless a test that would show it was skipped; a number
that belongs to no option; and a difference above `EXACT` that its option does not explain.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain, groupby
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from validation_options import LEAST, OPTIONS, OTHERS, UNREACHED, Option

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "validation" / "numbers.md"
TESTS = "tests/reference"
BY_HAND = "hand_worked"
EXACT = 1e-8
LARGE = 1e-6
OF_R = "answers of R and its packages"
INTRODUCTION = """\
{numbers} numbers of osteon beside those of others:

{sources}

A second way is the definition written out again (loops, `optim()`, `uniroot()` or differences of
refits, in `make.R` or the test), where no package at hand has the estimator. Of a curve only the
point that agrees least is listed. Find an estimator in the table; its link leads to the numbers. How
often the intervals hold the truth is told in [coverage](coverage.md).

Scripts, answers and versions stand in `tests/reference`; `make reference` asks R again, `make
validation` writes this page. The difference is relative, and absolute below 1.

Made with osteon {osteon}, {python}; answers of {r}.
"""
HAND = (
    "Eight patients or fewer, who stand in `tests/reference/estimate/hand_worked`; the arithmetic "
    "is evaluated as it is printed. `z` is 1.959963984540054, `q` 0.6744897501960817, `r` the hazard "
    "ratio sqrt(2), `s` the root of 3 s**2 + s - 1."
)


@dataclass(frozen=True)
class Row:
    """One number: where it comes from, what was expected, what was obtained."""

    folder: str
    test: str
    data: tuple[str, ...]
    source: str
    what: str
    expected: str
    obtained: str

    @property
    def difference(self) -> float:
        """Relative difference; absolute below 1."""
        theirs, ours = float(self.expected), float(self.obtained)
        same = theirs == ours or not isfinite(theirs)
        return 0.0 if same else abs(ours - theirs) / max(1.0, abs(theirs))

    @property
    def anchor(self) -> str:
        """Where on the page its test begins."""
        return f"{self.folder}-{self.test.split('[')[0]}".replace("_", "-")


@dataclass(frozen=True)
class Skip:
    """A test that could not run, and why."""

    folder: str
    test: str
    why: str


def main() -> None:
    """Run the reference tests and write the page."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "reference.xml"
        noting = ["-o", "junit_family=xunit1", f"--junitxml={report}"]
        ran = subprocess.run([sys.executable, "-m", "pytest", "-q", TESTS, *noting], cwd=ROOT)
        if ran.returncode:
            sys.exit("a reference test failed; the page was not written")
        cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    found, missing = list(rows(cases)), list(skipped(cases))
    faults = [*too_little(found, missing), *homeless(found), *unexplained(found, missing)]
    if faults:
        sys.exit("\n".join(faults))
    PAGE.write_text(page(found, missing), encoding="utf-8")
    print(f"{len(found)} numbers in {PAGE.relative_to(ROOT)}")


def rows(cases: list[ElementTree.Element]) -> Iterator[Row]:
    """Every number that a test noted."""
    for case in cases:
        noted = [(p.get("name"), p.get("value", "")) for p in case.iter("property")]
        data = tuple(dict.fromkeys(value for name, value in noted if name == "data"))
        source = next((value for name, value in noted if name == "source"), "")
        for name, value in noted:
            if name == "number":
                what, theirs, ours = json.loads(value)
                yield Row(*_place(case), data, source, what, theirs, ours)


def skipped(cases: list[ElementTree.Element]) -> Iterator[Skip]:
    """What could not be reached, and why."""
    for case in cases:
        for skip in case.iter("skipped"):
            yield Skip(*_place(case), skip.get("message", ""))


def _place(case: ElementTree.Element) -> tuple[str, str]:
    """Folder and name of a test."""
    return case.get("classname", "").split(".")[-2], case.get("name", "").removeprefix("test_")


def shown(option: Option, found: Iterable[Row]) -> list[Row]:
    """The numbers that show an option, those worked by hand first."""
    group = [row for row in found if any(_shows(place, row) for place in option.shown_by)]
    return sorted(group, key=lambda row: row.folder != BY_HAND)


def _shows(place: str, row: Row) -> bool:
    test, _, word = (part.strip() for part in place.partition(":")[2].partition("|"))
    return row.folder == _folder(place) and row.test.startswith(test) and word in row.what


def too_little(found: list[Row], missing: list[Skip]) -> Iterator[str]:
    """Options with too few numbers and places that show none, though no test there was skipped."""
    waiting = {skip.folder for skip in missing}
    named = [(option.name, option.shown_by) for option in _every_option()]
    for name, places in [*named, *OTHERS.items()]:
        idle = [place for place in places if not any(_shows(place, row) for row in found)]
        yield from (f"{name}: nothing at {x}" for x in idle if _folder(x) not in waiting)
    for option in _every_option():
        numbers = len(shown(option, found))
        if numbers < LEAST and not waiting.intersection(map(_folder, option.shown_by)):
            yield f"{option.name}: {numbers} numbers, {LEAST} are asked for"


def homeless(found: list[Row]) -> Iterator[str]:
    """Tests with numbers that belong to no option, and so to no largest difference."""
    places = list(chain.from_iterable(option.shown_by for option in _every_option()))
    alone = (row for row in found if not any(_shows(place, row) for place in places))
    for (folder, test), numbers in Counter((row.folder, row.test) for row in alone).items():
        yield f"{folder}: {test}: {numbers} numbers belong to no option"


def unexplained(found: list[Row], missing: list[Skip]) -> Iterator[str]:
    """Options that differ above `EXACT` and do not say why, or say why and do not differ."""
    waiting = {skip.folder for skip in missing}
    for option in _every_option():
        worst = _largest(shown(option, found))
        if worst > EXACT and not option.why:
            yield f"{option.name}: differs by {worst:.0e}, and why is not said"
        if (
            worst <= EXACT
            and option.why
            and not waiting.intersection(map(_folder, option.shown_by))
        ):
            yield f"{option.name}: differs by {worst:.0e}, which needs no reason"


def source_of(row: Row) -> str:
    """What kind of answer a number is compared with."""
    kinds = (name for name, places in OTHERS.items() if any(_shows(x, row) for x in places))
    return next(kinds, OF_R)


def _every_option() -> Iterator[Option]:
    return chain.from_iterable(OPTIONS.values())


def _folder(place: str) -> str:
    return place.partition(":")[0]


def page(found: list[Row], missing: list[Skip]) -> str:
    """Render the page: what is missing and what differs, what is shown where, every number."""
    folders = sorted({row.folder for row in found}, key=lambda name: (name != BY_HAND, name))
    parts = ["<!-- Generated by `make validation`; do not edit. -->\n", "# Validation\n"]
    parts += [INTRODUCTION.format(numbers=len(found), sources=_sources(found), **_versions())]
    parts += ["## Not reached\n", *_not_reached(missing)]
    parts += ["", "## Differences above 1e-06\n", *_large(found)]
    parts += ["", "## Estimators and options\n", *_options(found)]
    parts += ["", "## Worked by hand\n", f"{HAND}\n"]
    parts += _table([row for row in found if row.folder == BY_HAND])
    parts += ["## Data sets\n", *_data_sets(found)]
    parts += ["", "## All numbers\n"]
    for name in folders:
        if name != BY_HAND:
            group = [row for row in found if row.folder == name]
            parts += [f"### {name}\n", *_table(group)]
    return "\n".join(parts).rstrip() + "\n"


def _sources(found: list[Row]) -> str:
    """How many numbers there are of each kind, the most first."""
    kinds = Counter(map(source_of, found)).most_common()
    return "\n".join(f"- {count} {name}" for name, count in kinds)


def _versions() -> dict[str, str]:
    """What ran here, and what the committed answers were made with."""
    made = [json.loads(f.read_text())["made_with"] for f in (ROOT / TESTS).rglob("expected.json")]
    packages = {name: v for m in made for name, v in dict(m["packages"]).items()}
    answers = [f"R {made[0]['R']}", *(f"{name} {v}" for name, v in sorted(packages.items()))]
    python = [f"Python {platform.python_version()}"]
    python += [f"{name} {version(name)}" for name in ("numpy", "scipy", "numba")]
    return {"osteon": version("osteon"), "python": ", ".join(python), "r": ", ".join(answers)}


def _options(found: list[Row]) -> Iterator[str]:
    yield "| estimator | option | numbers | largest difference | why above 1e-08 | data | shown by |"
    yield "|---|---|---:|---:|---|---|---|"
    for family, options in OPTIONS.items():
        for i, option in enumerate(options):
            group = shown(option, found)
            tests = {row.anchor: row.test.split("[")[0].replace("_", " ") for row in group}
            yield _line(
                family if i == 0 else "",
                option.name,
                str(len(group)),
                _worst(group),
                option.why,
                ", ".join(_data(group)),
                ", ".join(f"[{test}](#{anchor})" for anchor, test in tests.items()),
            )


def _data(group: list[Row]) -> list[str]:
    return list(dict.fromkeys(chain.from_iterable(row.data for row in group)))


def _data_sets(found: list[Row]) -> Iterator[str]:
    yield "Without a package's name: simulated from a committed seed; `cosmesis` as SAS prints it.\n"
    yield "| data set | numbers | used by |"
    yield "|---|---:|---|"
    for name in sorted(_data(found), key=str.lower):
        group = [row for row in found if name in row.data]
        folders = dict.fromkeys(row.folder for row in group)
        yield _line(name, str(len(group)), ", ".join(folders))


def _not_reached(missing: list[Skip]) -> Iterator[str]:
    for item in UNREACHED:
        yield f"- {item.data}: {item.why}. Instead: {item.instead}."
    yield from (f"- skipped here, {skip.folder}: {skip.test}: {skip.why}" for skip in missing)


def _large(found: list[Row]) -> Iterator[str]:
    """The options that differ most, the largest difference first."""
    rows = [(shown(o, found), family, o) for family, options in OPTIONS.items() for o in options]
    for group, family, option in sorted(rows, key=lambda row: -_largest(row[0])):
        if _largest(group) > LARGE:
            yield f"- {family}, {option.name}: {_worst(group)}: {option.why}."


def _table(group: list[Row]) -> Iterator[str]:
    before = ""
    for source, of_source in groupby(group, key=lambda row: row.source):
        if source:
            yield f"`{source}`\n"
        yield "| what | data | number | expected | obtained | difference |"
        yield "|---|---|---|---:|---:|---:|"
        for row in of_source:
            anchor = "" if row.anchor == before else f'<a id="{row.anchor}"></a>'
            before = row.anchor
            yield _line(
                anchor + row.test.replace("_", " "),
                ", ".join(row.data),
                row.what,
                _digits(row.expected),
                _digits(row.obtained),
                f"{row.difference:.0e}",
            )
        yield ""


def _line(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _worst(group: list[Row]) -> str:
    return f"{_largest(group):.0e}"


def _largest(group: list[Row]) -> float:
    return max((row.difference for row in group), default=0.0)


def _digits(number: str) -> str:
    """Ten digits are enough to see; a printed figure stays as printed."""
    return f"{float(number):.10g}" if len(number) > 12 else number


if __name__ == "__main__":
    main()
