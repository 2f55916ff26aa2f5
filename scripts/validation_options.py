"""What the engine offers and which reference tests show it, read from the files beside them.

``estimators.toml`` lists the estimators and their options, and tells how the ``options.toml`` of
a folder is written; ``unreached.toml`` lists the data sets that no package carries.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from validation_numbers import Row

BY_HAND = "hand_worked"
OF_R = "answers of R and its packages"
KINDS = {
    "hand_calculation": "worked by hand",
    "second_way": "worked out a second way, from the definition",
    "printed_figures": "printed in papers, books and manuals",
    "python_package": "of other Python packages",
}
"""What is not an answer of R; the first kind that holds counts."""
PARTS = ("shows", "compared_with", "differs")


@dataclass(frozen=True)
class Place:
    """Numbers of a folder: of tests whose names begin so, those whose place has the word."""

    folder: str
    test: str
    word: str

    @classmethod
    def read(cls, folder: str, text: str) -> Place:
        """Read ``test | word``."""
        test, _, word = (part.strip() for part in text.partition("|"))
        return cls(folder, test, word)

    def holds(self, row: Row) -> bool:
        """Tell if a number is one of them."""
        named = self.test == "*" or row.test.startswith(self.test)
        return row.folder == self.folder and named and self.word in row.what

    def __str__(self) -> str:
        return f"{self.folder}: {self.test}" + f" | {self.word}" * bool(self.word)


@dataclass(frozen=True)
class Group:
    """Places under one name: an option, a kind of answer, or a reason to differ."""

    name: str
    places: tuple[Place, ...]

    def holds(self, row: Row) -> bool:
        """Tell if a number stands at one of them."""
        return any(place.holds(row) for place in self.places)

    @property
    def folders(self) -> set[str]:
        """Where its places are."""
        return {place.folder for place in self.places}


@dataclass(frozen=True)
class Unreached:
    """A data set that no package carries: what it would show, and what shows it instead."""

    data: str
    why: str
    instead: str


@dataclass(frozen=True)
class Evidence:
    """Every option by estimator, what its numbers are compared with, and why some differ."""

    estimators: dict[str, tuple[Group, ...]]
    kinds: tuple[Group, ...]
    reasons: tuple[Group, ...]
    unreached: tuple[Unreached, ...]

    @property
    def options(self) -> list[Group]:
        """The options of all estimators."""
        return [option for options in self.estimators.values() for option in options]

    def kind(self, row: Row) -> str:
        """What kind of answer a number is compared with."""
        return next((kind.name for kind in self.kinds if kind.holds(row)), OF_R)

    def why(self, row: Row) -> str:
        """Why a number may differ; empty where no reason is given."""
        return next((reason.name for reason in self.reasons if reason.holds(row)), "")


def read(reference: Path) -> Evidence:
    """Read what is offered, and put together what the folders show of it."""
    offered = _toml(reference / "estimators.toml")
    places: dict[tuple[str, ...], list[Place]] = {}
    for folder, said in _said(reference).items():
        for path, texts in _lists(said):
            places.setdefault(path, []).extend(Place.read(folder, text) for text in texts)

    def group(name: str, *path: str) -> Group:
        return Group(name, tuple(places.get(path, ())))

    return Evidence(
        {
            estimator: tuple(group(name, "shows", estimator, name) for name in names)
            for estimator, names in offered.items()
        },
        tuple(group(name, "compared_with", key) for key, name in KINDS.items()),
        tuple(group(path[-1], *path) for path in places if path[0] == "differs"),
        tuple(Unreached(**item) for item in _toml(reference / "unreached.toml")["unreached"]),
    )


def misnamed(reference: Path) -> Iterator[str]:
    """What an ``options.toml`` names that is not there: a part, an option, a kind, a test."""
    offered = _toml(reference / "estimators.toml")
    for estimator, names in offered.items():
        twice = {name for name in names if names.count(name) > 1}
        yield from (f"estimators.toml: {estimator}: {name}: listed twice" for name in twice)
    for folder, said in _said(reference).items():
        shows = said.get("shows", {})
        yield from _unknown(folder, said, PARTS, "part")
        yield from _unknown(folder, said.get("compared_with", {}), KINDS, "kind of answer")
        yield from _unknown(folder, shows, offered, "estimator")
        for estimator in shows.keys() & offered.keys():
            yield from _unknown(folder, shows[estimator], offered[estimator], "option")
        yield from _not_of_r(reference / folder, said.get("compared_with", {}))
        tests = _tests(reference / folder)
        for path, texts in _lists(said):
            yield from (f"{folder}: {path[-1]}: {fault}" for fault in _untested(texts, tests))


def slug(*words: str) -> str:
    """Words as they stand in an anchor or a page's name."""
    plain = re.sub(r"['`]", "", " ".join(words).lower())
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _unknown(folder: str, said: Iterable[str], allowed: Iterable[str], what: str) -> Iterator[str]:
    for name in said:
        if name not in allowed:
            yield f"{folder}: {name!r} is no {what}; allowed: {', '.join(allowed)}"


def _not_of_r(folder: Path, kinds: dict[str, Any]) -> Iterator[str]:
    """Where R was not asked, every number is compared with something else."""
    if not (folder / "make.R").exists() and not any("*" in texts for texts in kinds.values()):
        yield f'{folder.name}: no make.R; [compared_with] names a kind of answer for "*"'


def _untested(texts: Any, tests: list[str]) -> Iterator[str]:
    """Places that begin no test's name."""
    if not isinstance(texts, list):
        yield "wants a list of tests"
        return
    for text in texts:
        begins = Place.read("", text).test.partition("[")[0]
        if begins != "*" and not (begins and any(test.startswith(begins) for test in tests)):
            yield f'no test begins with "{begins}"; "*" is every test of the folder'


def _tests(folder: Path) -> list[str]:
    code = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("test_*.py"))]
    return re.findall(r"^def test_(\w+)", "\n".join(code), re.M)


def _lists(
    said: dict[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every list of places, and the names it stands under."""
    for name, inner in said.items():
        if isinstance(inner, dict):
            yield from _lists(inner, (*path, name))
        else:
            yield (*path, name), inner


def _said(reference: Path) -> dict[str, dict[str, Any]]:
    """What each folder says, that of the answers worked by hand first."""
    paths = sorted(reference.glob("*/options.toml"), key=lambda p: (p.parent.name != BY_HAND, p))
    return {path.parent.name: _toml(path) for path in paths}


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
