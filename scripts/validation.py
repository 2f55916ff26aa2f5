"""The validation page: every number that the reference tests compare, printed as they ran.

Runs ``tests/reference`` and writes ``docs/reference/validation.md``. A comparison that failed
fails the run: the page never shows a number that does not agree. So does an estimator or option
of `OPTIONS` with fewer than `LEAST` numbers, unless a test that would show it was skipped.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain, groupby
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from validation_options import LEAST, OPTIONS, UNREACHED, Option

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "validation.md"
TESTS = "tests/reference"
BY_HAND = "hand_worked"
LARGE = 1e-6
WHY = {
    "counts": "`fisher.test` stops its search for the limits at 1e-4; ours are roots to 1e-12, and "
    "agree with tightly searched ones",
    "fine_gray": "`crr(cengroup=)` divides its variance by everybody at risk of being censored, "
    "ours by the group; ours agrees with finite differences of refits",
    "illness_death": "`msm` stops its optimiser earlier, and differentiates numerically",
    "reference_values": "ten printed digits, and `msm` at its default rule stops earlier",
    "turnbull": "`survfit` crawls to a stop before the maximum; the masses are certified",
}
"""Why an estimator differs by more than `LARGE`."""
INTRODUCTION = """\
{numbers} numbers of osteon beside those of R, of printed tables and of hand calculation. Of a curve
only the point that agrees least is listed. Find an estimator in the first table; its link leads to
the numbers. How often the intervals hold the truth is told in [coverage](coverage.md).

Scripts, answers and versions stand in `tests/reference`; `make reference` asks R again, `make
validation` writes this page. The difference is relative, and absolute below 1.

Made with osteon {osteon}, {python}; answers of {r}.
"""


HAND = (
    "Eight patients or fewer, who stand in `tests/reference/estimate/hand_worked`; the arithmetic "
    "is evaluated as it is printed. `z` is 1.959963984540054, `r` the hazard ratio sqrt(2)."
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
    faults = list(too_little(found, missing))
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
    """The numbers that show an option."""
    return [row for row in found if any(_shows(place, row) for place in option.shown_by)]


def _shows(place: str, row: Row) -> bool:
    test, _, word = (part.strip() for part in place.partition(":")[2].partition("|"))
    return row.folder == _folder(place) and row.test.startswith(test) and word in row.what


def too_little(found: list[Row], missing: list[Skip]) -> Iterator[str]:
    """Options with too few numbers and places that show none, though no test there was skipped."""
    waiting = {skip.folder for skip in missing}
    for option in chain.from_iterable(OPTIONS.values()):
        idle = [place for place in option.shown_by if not any(_shows(place, r) for r in found)]
        yield from (f"{option.name}: nothing at {x}" for x in idle if _folder(x) not in waiting)
        numbers = len(shown(option, found))
        if numbers < LEAST and not waiting.intersection(map(_folder, option.shown_by)):
            yield f"{option.name}: {numbers} numbers, {LEAST} are asked for"


def _folder(place: str) -> str:
    return place.partition(":")[0]


def page(found: list[Row], missing: list[Skip]) -> str:
    """Render the page: what is shown where, then every number by folder, by hand first."""
    folders = sorted({row.folder for row in found}, key=lambda name: (name != BY_HAND, name))
    parts = ["<!-- Generated by `make validation`; do not edit. -->\n", "# Validation\n"]
    parts += [INTRODUCTION.format(numbers=len(found), **_versions())]
    parts += ["## Estimators and options\n", *_options(found)]
    parts += [
        "",
        "## Worked by hand\n",
        f"{HAND}\n",
        *_table([r for r in found if r.folder == BY_HAND]),
    ]
    parts += ["## Data sets\n", *_data_sets(found)]
    parts += ["", "## Not reached\n", *_not_reached(missing)]
    parts += ["", "## Differences above 1e-06\n", *_large(found, folders)]
    parts += ["", "## All numbers\n"]
    for name in folders:
        if name != BY_HAND:
            group = [row for row in found if row.folder == name]
            parts += [f"### {name}\n", *_table(group)]
    return "\n".join(parts).rstrip() + "\n"


def _versions() -> dict[str, str]:
    """What ran here, and what the committed answers were made with."""
    made = [json.loads(f.read_text())["made_with"] for f in (ROOT / TESTS).rglob("expected.json")]
    packages = {name: v for m in made for name, v in dict(m["packages"]).items()}
    answers = [f"R {made[0]['R']}", *(f"{name} {v}" for name, v in sorted(packages.items()))]
    python = [f"Python {platform.python_version()}"]
    python += [f"{name} {version(name)}" for name in ("numpy", "scipy", "numba")]
    return {"osteon": version("osteon"), "python": ", ".join(python), "r": ", ".join(answers)}


def _options(found: list[Row]) -> Iterator[str]:
    yield "| estimator | option | numbers | largest difference | data | shown by |"
    yield "|---|---|---:|---:|---|---|"
    for family, options in OPTIONS.items():
        for i, option in enumerate(options):
            group = shown(option, found)
            tests = {row.anchor: row.test.split("[")[0].replace("_", " ") for row in group}
            yield _line(
                family if i == 0 else "",
                option.name,
                str(len(group)),
                _worst(group),
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
    yield "| data | why | shown instead by |"
    yield "|---|---|---|"
    for item in UNREACHED:
        yield _line(item.data, item.why, item.instead)
    if missing:
        yield "\nSkipped in this run:\n"
    yield from (f"- {skip.folder}: {skip.test}: {skip.why}" for skip in missing)


def _large(found: list[Row], folders: list[str]) -> Iterator[str]:
    yield "| numbers of | largest difference | why |"
    yield "|---|---:|---|"
    for name in folders:
        group = [row for row in found if row.folder == name]
        if max(row.difference for row in group) > LARGE:
            yield _line(f"[{name}](#{name})", _worst(group), WHY.get(name, "not explained"))


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
    return f"{max((row.difference for row in group), default=0.0):.0e}"


def _digits(number: str) -> str:
    """Ten digits are enough to see; a printed figure stays as printed."""
    return f"{float(number):.10g}" if len(number) > 12 else number


if __name__ == "__main__":
    main()
