"""Which of R's calls that the docstrings name were run for the reference tests.

A call counts as run where a ``make.R`` calls every function that the docstring's call names, and
the test beside it calls the estimator; as a printed example where a ``printed.toml`` names one of
them. Nothing is said here by hand.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FunctionType

import osteon.estimate

REFERENCE = Path(__file__).resolve().parents[1] / "tests" / "reference" / "estimate"
NAME = r"(?<![\w.])\.?[A-Za-z][\w.]*"


def call_of_r(function: FunctionType) -> str:
    """What stands after ``R:`` in a docstring, up to its first call; the rest is told there."""
    said = inspect.getdoc(function) or ""
    after = " ".join(re.split(r"(?:^|\s)R:\s", said, maxsplit=1)[1:]).partition("\n\n")[0]
    found = (
        re.match(r"[^`;]*(?:``[^`(]+``[^`;]*)*?``[^`]*\([^`]*``", after)
        or re.match(r"[^`;]*``[^`]+``", after)
        or re.match(r"[^;]*", after)
    )
    return " ".join(found[0].split()) if found else ""


def run_here(function: FunctionType) -> str:
    """Say if R's call was run for the reference tests, with a link to where."""
    names = _functions_of_r(function)
    if not names:
        return "none"
    run = [f.name for f in _folders(function) if names <= _called(f / "make.R")]
    if run:
        return f"[run]({_nearest(function, run)}/make.R)"
    printed = [f.name for f in _folders(function) if names & _called(f / "printed.toml")]
    if printed:
        return f"[printed example]({_nearest(function, printed)}/printed.toml)"
    missing = sorted(set(re.findall(r"([\w.]+)::", call_of_r(function))) - _packages())
    return f"not run ({missing[0]} not at hand)" if missing else "not run"


def _nearest(function: FunctionType, folders: list[str]) -> str:
    """Of several folders the one with the estimator's name; seen from docs/reference."""
    own = [f for f in folders if f in function.__name__ or function.__name__ in f]
    return f"../../tests/reference/estimate/{min(own or folders)}"


def _functions_of_r(function: FunctionType) -> set[str]:
    """Functions that the call names, or that of another estimator whose call it points to."""
    call = call_of_r(function)
    other = re.match(r"as `(\w+)`", call)
    if other:
        return _functions_of_r(getattr(osteon.estimate, other[1]))
    codes = re.findall(r"``(.+?)``", call)
    alone = {code.rpartition(":")[2] for code in codes if re.fullmatch(r"[\w.]+(::+[\w.]+)?", code)}
    named = {name for code in codes for name in re.findall(rf"{NAME}(?=\()", code)}
    return (named or alone) - {"function"}


def _folders(function: FunctionType) -> Iterator[Path]:
    """Folders of reference tests that call the estimator."""
    for test in sorted(REFERENCE.glob("*/test_*.py")):
        if re.search(rf"\b{function.__name__}\(", test.read_text()):
            yield test.parent


@cache
def _packages() -> set[str]:
    """Packages of R that made answers."""
    answers = [json.loads(f.read_text())["made_with"] for f in REFERENCE.glob("*/expected.json")]
    return {name for made in answers for name in dict(made["packages"])}


@cache
def _called(file: Path) -> set[str]:
    """Functions that a script of R calls, or that a printed example is of."""
    text = file.read_text() if file.exists() else ""
    text = re.sub(r"#.*", "", text) if file.suffix == ".R" else text
    return set(re.findall(rf"{NAME}(?=\()", text))
