"""Coverage by simulation, written to ``docs/validation/coverage.md`` by `make validity`.

Every replicate has its own seed, so the page is the same on every machine. One process, as the
run is long and the machine has other work; what is done is kept (`validity.kept`), so that a run
that was cut goes on where it was. Arguments name the cases to run first.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter

from validity.cases import TOPICS
from validity.cases.case import Case
from validity.designs import DESIGNS, SEED, Design
from validity.kept import Tallies, digest, kept
from validity.page import page
from validity.tally import tallied

PAGE = Path(__file__).resolve().parents[1] / "docs" / "validation" / "coverage.md"


def main(first: list[str]) -> None:
    """Run every case on every design and write the page."""
    cases = [case for topic in TOPICS.values() for case in topic]
    runs = [(case, design) for case in cases for design in filter(case.makes_sense, DESIGNS)]
    for case, design in runs:
        digest(case, design)
    for case, design in sorted(runs, key=lambda run: run[0].name not in first):
        _told(case, design)
    PAGE.write_text(page(run), encoding="utf-8")


def run(case: Case, design: Design) -> Tallies:
    """Tallies of a case on a design, from an earlier run or a new one."""
    seeds = range(SEED, SEED + case.replicates)
    return kept(case, design, lambda: tallied(case, design, seeds))


def _told(case: Case, design: Design) -> None:
    begun = perf_counter()
    tallies = run(case, design)
    print(f"{case.name}, {design}: {perf_counter() - begun:.0f} s", flush=True)
    for name, tally in tallies.items():
        if tally.given and tally.verdict:
            print(f"    {tally.verdict}: {100 * tally.share:.1f} % {name}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
