"""The face of docs/validation: what was compared with what, what differs, and where it stands."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import version
from itertools import chain

from r_answers import REFERENCE, made_with
from validation_numbers import largest
from validation_options import KINDS, OF_R
from validation_proof import (
    DATA_SETS,
    GENERATED,
    Proof,
    anchor,
    data_of,
    line,
    page_of,
    text_of,
    worst,
)

LARGE = 1e-6
SHORT = {
    OF_R: "R",
    **dict(zip(KINDS.values(), ("by hand", "second way", "printed", "Python"), strict=True)),
}
INTRODUCTION = """\
How each estimator of osteon was proved: {numbers} numbers beside those of others.

{sources}

A second way is the definition written out again (loops, `optim()`, `uniroot()` or differences of
refits, in `make.R` or the test), where no package at hand has the estimator.

Right numbers are one question; the next are whether the intervals hold the truth as often as they
promise, which [coverage](coverage.md) counts in simulated studies, and how long an answer takes
beside R and the packages of Python, which [speed](speed.md) measures.
"""
HOW = """\
Choose an estimator: its page has every number, those worked out by hand first, then test by test, with
data, script and what R was asked (what is not defined there is in the script). *Number* is
where the answer stands in the `expected.json` of its folder and which it is: `log-log.0.conf_low,
t = 300` is the lower limit of group 0 on day 300. Of a curve only the point that agrees least is listed
("worst of 7"). The difference is relative, and absolute below 1. Ten
decimals are shown, more are compared; printed figures stand as they are printed.

Scripts, answers and versions stand in [tests/reference](../../tests/reference/estimate); `make
reference` asks R again, `make validation` writes these pages.
"""
MADE = "osteon {osteon}, {python}; answers of {r}.\n"
DATA = """\
Without a package's name: [simulated](../../tests/reference/estimate/inputs/README.md) from a
committed seed; `cosmesis` as SAS prints it.
"""


def face(proof: Proof) -> str:
    """What was compared with what, what differs, what is missing, and where each number stands."""
    found = proof.found
    sources = "\n".join(f"- {count} {name}" for name, count in proof.kinds(found))
    return text_of(
        [GENERATED, "# Validation\n"],
        [INTRODUCTION.format(numbers=len(found), sources=sources)],
        ["## Estimators\n", HOW, *_estimators(proof)],
        ["\n## Differences above 1e-06\n", *_large(proof)],
        ["\n## Not reached\n", *_not_reached(proof)],
        ["\n## Estimators and options\n", *_options(proof)],
        ["\n## Data sets\n", DATA, *_data_sets(proof)],
        ["\n## Made with\n", MADE.format(**_versions())],
    )


def _estimators(proof: Proof) -> Iterator[str]:
    yield f"| estimator | options | numbers | {' | '.join(SHORT.values())} | largest difference |"
    yield "|---|---:|---:|" + "---:|" * len(SHORT) + "---:|"
    for estimator, options in proof.evidence.estimators.items():
        group = proof.of[estimator]
        kinds = dict(proof.kinds(group))
        counts = [str(kinds.get(kind, "")) for kind in SHORT]
        name = f"[{estimator}]({page_of(estimator)})"
        yield line(name, str(len(options)), str(len(group)), *counts, worst(group))
    twice = sum(len(proof.of[estimator]) for estimator in proof.evidence.estimators)
    if twice > len(proof.found):
        yield f"\n{twice - len(proof.found)} numbers show two estimators, and stand on both pages."


def _large(proof: Proof) -> Iterator[str]:
    """The options that differ most, the largest difference first."""
    every = [
        (proof.shown[option], estimator, option)
        for estimator, options in proof.evidence.estimators.items()
        for option in options
    ]
    for group, estimator, option in sorted(every, key=lambda of: -largest(of[0])):
        if largest(group) > LARGE:
            where = f"{page_of(estimator)}#{anchor(option)}"
            name, why = f"{estimator}, {option.name}", proof.why(group, LARGE)
            yield f"- [{name}]({where}): {worst(group)}: {why}."


def _not_reached(proof: Proof) -> Iterator[str]:
    for item in proof.evidence.unreached:
        yield f"- {item.data}: {item.why}. Instead: {item.instead}."
    for skip in proof.missing:
        yield f"- skipped here, {skip.folder}: {skip.test}: {skip.why}"


def _options(proof: Proof) -> Iterator[str]:
    yield "| estimator | option | numbers | largest difference | why above 1e-08 | data |"
    yield "|---|---|---:|---:|---|---|"
    for estimator, options in proof.evidence.estimators.items():
        for i, option in enumerate(options):
            group = proof.shown[option]
            yield line(
                f"[{estimator}]({page_of(estimator)})" * (i == 0),
                f"[{option.name}]({page_of(estimator)}#{anchor(option)})",
                str(len(group)),
                worst(group),
                proof.why(group),
                ", ".join(data_of(group)),
            )


def _data_sets(proof: Proof) -> Iterator[str]:
    yield "| data set | what it is | numbers | used by |"
    yield "|---|---|---:|---|"
    users = {estimator: proof.of[estimator] for estimator in proof.evidence.estimators}
    for name in sorted(data_of(proof.found), key=str.lower):
        numbers = sum(name in row.data for row in proof.found)
        used = [e for e, group in users.items() if any(name in row.data for row in group)]
        pages = ", ".join(f"[{e}]({page_of(e)})" for e in used)
        yield line(name, DATA_SETS.get(name, ""), str(numbers), pages)


def _versions() -> dict[str, str]:
    """What ran here, and what the committed answers were made with."""
    folders = sorted(path.parent.name for path in REFERENCE.glob("*/expected.json"))
    answers = dict.fromkeys(chain.from_iterable(made_with(f) for f in folders))
    python = [f"Python {platform.python_version()}"]
    python += [f"{name} {version(name)}" for name in ("numpy", "scipy", "numba")]
    r = sorted(answers, key=lambda name: (not name.startswith("R "), name))
    return {"osteon": version("osteon"), "python": ", ".join(python), "r": ", ".join(r)}
