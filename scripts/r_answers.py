"""The answers of R that a folder of reference tests holds: its versions, and what R was asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from r_definitions import LONGEST, on_one_line

REFERENCE = Path(__file__).resolve().parents[1] / "tests" / "reference" / "estimate"

WIDTH = 110
"""Of a longer list the parts are told."""


@cache
def answers(folder: str) -> dict[str, Any]:
    """What stands in a folder's expected.json; nothing where there is none."""
    path = REFERENCE / folder / "expected.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def made_with(folder: str) -> list[str]:
    """R and the packages that answered, with their versions."""
    made = answers(folder)["made_with"]
    packages = sorted(dict(made["packages"]).items())
    return [f"R {made['R']}", *(f"{name} {version}" for name, version in packages)]


def asked(script: Path, places: Iterable[str]) -> dict[str, str]:
    """The expressions of a ``make.R`` whose values stand at these places of its answers."""
    known = _expressions(script)
    begun = (max(_beginnings(place, known), key=len, default="") for place in places)
    return {key: known[key] for key in begun if key}


def _beginnings(place: str, known: dict[str, str]) -> Iterator[str]:
    for key in known:
        if place.startswith(key) and place[len(key) : len(key) + 1] in ("", ".", "[", ","):
            yield key


@cache
def _expressions(script: Path) -> dict[str, str]:
    """Name and expression of every answer that it reports in ``report(list(...))``."""
    text = script.read_text(encoding="utf-8") if script.exists() else ""
    start = re.search(
        r"^report\((packages = (c\(.*?\)|[^,]*), )?(suppressWarnings\()?list\(", text, re.M
    )
    return dict(_named(text[start.end() :])) if start else {}


def _named(arguments: str, place: str = "") -> Iterator[tuple[str, str]]:
    """Named arguments of a call, those of a long list within one by one."""
    for argument in _arguments(arguments):
        named = re.match(r"`?([^`=(]+?)`?\s*=\s*(.+)", on_one_line(argument))
        if named and len(named[2]) > WIDTH and named[2].startswith("list("):
            yield from _named(named[2].removeprefix("list("), f"{place}{named[1]}.")
        elif named:
            yield f"{place}{named[1]}", _short(named[2])


def _short(expression: str) -> str:
    return expression if len(expression) <= LONGEST else f"{expression[:LONGEST].rstrip()} ..."


def _arguments(text: str) -> Iterator[str]:
    """The arguments of a call, from behind its opening bracket; without comments."""
    depth, argument = 0, ""
    for piece in re.findall(r"""#.*|"[^"]*"|'[^']*'|[^#"']""", text):
        depth += (piece in "([{") - (piece in ")]}") if len(piece) == 1 else 0
        if depth < 0:
            break
        if piece == "," and depth == 0:
            yield argument
            argument = ""
        elif not piece.startswith("#"):
            argument += piece
    yield argument
