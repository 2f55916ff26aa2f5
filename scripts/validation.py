"""The validation pages: every number that the reference tests compare, printed as they ran.

Runs ``tests/reference`` and writes ``docs/validation``: its face, and one page for each estimator. A
comparison that failed fails the run: a page never shows a number that does not agree. So does an
option of ``estimators.toml`` with fewer than `LEAST` numbers, unless a test that would show it was
skipped; a number without a name, or that shows no option; a data set that is not described; and a
difference above `EXACT` without a reason.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from os import environ
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from r_answers import REFERENCE
from validation_face import face
from validation_numbers import Row, Skip, largest, rows, skipped
from validation_options import Evidence, misnamed, read
from validation_pages import pages
from validation_proof import DATA_SETS, EXACT, Proof

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "validation"
TESTS = "tests/reference"
LEAST = 8
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""Sums of matrices in one order, as `make` has them: the last digits are those of the last run."""


def main() -> None:
    """Run the reference tests and write the pages."""
    _stop(list(misnamed(REFERENCE)))
    evidence, cases = read(REFERENCE), _run()
    found, missing = list(rows(cases)), list(skipped(cases))
    _stop(list(faults(found, missing, evidence)))
    proof = Proof(found, missing, evidence)
    write({"README.md": face(proof)} | pages(proof), PAGES)
    print(f"{len(found)} numbers in {PAGES.relative_to(ROOT)}")


def faults(found: list[Row], missing: list[Skip], evidence: Evidence) -> Iterator[str]:
    """Why the pages must not be written."""
    waiting = {skip.folder for skip in missing}
    yield from too_little(found, waiting, evidence)
    yield from nameless(found)
    yield from homeless(found, evidence)
    yield from unexplained(found, waiting, evidence)
    yield from undescribed(found)


def too_little(found: list[Row], waiting: set[str], evidence: Evidence) -> Iterator[str]:
    """Options with too few numbers, and places without one, though no test there was skipped."""
    for group in (*evidence.options, *evidence.kinds):
        idle = (place for place in group.places if not any(place.holds(row) for row in found))
        yield from (f"{group.name}: nothing at {x}" for x in idle if x.folder not in waiting)
    for option in evidence.options:
        numbers = sum(option.holds(row) for row in found)
        if numbers < LEAST and not waiting & option.folders:
            yield f"{option.name}: {numbers} numbers, {LEAST} are asked for"


def nameless(found: list[Row]) -> Iterator[str]:
    """Tests whose numbers do not say what they are: an index, or nothing."""
    unsaid = (row for row in found if not re.search("[A-Za-z]", row.what.partition("(worst")[0]))
    for (folder, test), numbers in Counter((row.folder, row.test) for row in unsaid).items():
        yield f"{folder}: {test}: {numbers} numbers have no name; give close() a place, or what="


def homeless(found: list[Row], evidence: Evidence) -> Iterator[str]:
    """Tests with numbers that show no option, and so belong to no largest difference."""
    alone = (row for row in found if not any(option.holds(row) for option in evidence.options))
    for (folder, test), numbers in Counter((row.folder, row.test) for row in alone).items():
        yield f"{folder}: {test}: {numbers} numbers belong to no option"


def unexplained(found: list[Row], waiting: set[str], evidence: Evidence) -> Iterator[str]:
    """Numbers that differ above `EXACT` and no reason is given, and reasons without a difference."""
    for row in found:
        if row.difference > EXACT and not evidence.why(row):
            yield f"{row.folder}: {row.test} | {row.what}: differs by {row.difference:.0e}, and why is not said"
    for place in (place for reason in evidence.reasons for place in reason.places):
        worst = largest(row for row in found if place.holds(row))
        if worst <= EXACT and place.folder not in waiting:
            yield f"{place}: differs by {worst:.0e}, which needs no reason"


def undescribed(found: list[Row]) -> Iterator[str]:
    """Data sets of which is not said what they are."""
    for data in sorted({name for row in found for name in row.data} - DATA_SETS.keys()):
        yield f"{data}: not in data_sets.toml; say how many, of whom, the unit of time"


def write(texts: dict[str, str], folder: Path) -> None:
    """Write the pages, and take away those of estimators that are no more."""
    (folder / "numbers").mkdir(parents=True, exist_ok=True)
    for path in (folder / "numbers").glob("*.md"):
        path.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def _run() -> list[ElementTree.Element]:
    with TemporaryDirectory() as folder:
        report = Path(folder) / "reference.xml"
        noting = ["-o", "junit_family=xunit1", f"--junitxml={report}"]
        command = [sys.executable, "-m", "pytest", "-q", TESTS, *noting]
        ran = subprocess.run(command, cwd=ROOT, env=environ | ONE_THREAD)
        if ran.returncode:
            sys.exit("a reference test failed; the pages were not written")
        return list(ElementTree.parse(report).getroot().iter("testcase"))


def _stop(found: list[str]) -> None:
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
