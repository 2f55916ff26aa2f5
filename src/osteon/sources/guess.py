"""Guess from their names which columns of an export feed which columns of the contract."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from osteon.contracts.tables import TABLES, Table
from osteon.sources.synonyms import COLUMNS, GENERIC, PATIENT_ID, plain

_ALIKE = 0.86  # SequenceMatcher's ratio from which a name counts as a misspelling of another
_LONG_ENOUGH = 5  # letters a name needs for a misspelling to be told from another word
_ASSUMED = ("tumour_id",)  # required, but the mapping knows what to take


@dataclass(frozen=True)
class Guess:
    """What a file may tell one table: contract column -> source column."""

    table: Table
    columns: dict[str, str]

    @property
    def lacking(self) -> list[str]:
        """Required contract columns for which nothing was found."""
        return [
            column.name
            for column in self.table.columns
            if column.required
            and column.name not in self.columns
            and column.name not in _ASSUMED
            and not (self.table.name == "assignments" and column.name == "name")
        ]


def guess_tables(names: Iterable[str]) -> list[Guess]:
    """Guess the tables a file feeds, complete ones first; a source column feeds one table.

    >>> [guess] = guess_tables(["PatID", "Geschlecht", "Sterbedatum", "Schuhgröße"])
    >>> guess.table.name, guess.columns
    ('patients', {'patient_id': 'PatID', 'sex': 'Geschlecht', 'death': 'Sterbedatum'})
    """
    free = list(names)
    identifier = _exactly(PATIENT_ID.split(), free) or _nearly(PATIENT_ID.split(), free)
    if identifier:
        free.remove(identifier)
    found: list[Guess] = []
    tables = list(TABLES.values())
    while tables:
        guesses = [_guess(table, free, identifier) for table in tables]
        best = max(guesses, key=_weight)
        if _weight(best) < (True, 1):
            incomplete = max(guesses, key=lambda guess: _weight(guess)[1])
            if _weight(incomplete)[1] < 1:
                break
            best = incomplete
        found.append(best)
        tables.remove(best.table)
        free = [name for name in free if name not in best.columns.values()]
    order = list(TABLES)
    return sorted(found, key=lambda guess: (bool(guess.lacking), order.index(guess.table.name)))


def _guess(table: Table, free: list[str], identifier: str | None) -> Guess:
    found = {"patient_id": identifier} if identifier else {}
    left = list(free)
    for named in (_exactly, _nearly):  # a misspelling of one must not take the name of another
        for column in table.columns:
            if column.name in found:
                continue
            name = named(COLUMNS[table.name].get(column.name, "").split(), left)
            if name:
                found[column.name] = name
                left.remove(name)
    ordered = [column.name for column in table.columns if column.name in found]
    return Guess(table, {column: found[column] for column in ordered})


def _weight(guess: Guess) -> tuple[bool, float]:
    own = [column for column in guess.columns if column != "patient_id"]
    telling = [column for column in own if column not in GENERIC]
    if guess.table.name == "assignments":
        telling = own
    return not guess.lacking, len(telling) + 0.1 * len(own)


def _exactly(known: list[str], names: list[str]) -> str | None:
    bare = {plain(re.sub(r"\(.*?\)", "", name)): name for name in reversed(names)}
    by_name = bare | {plain(name): name for name in reversed(names)}
    return next((by_name[synonym] for synonym in known if synonym in by_name), None)


def _nearly(known: list[str], names: list[str]) -> str | None:
    alike = [
        (_likeness(synonym, plain(name)), name)
        for name in names
        for synonym in known
        if len(synonym) > _LONG_ENOUGH and _digits(synonym) == _digits(plain(name))
    ]
    ratio, name = max(alike, default=(0.0, ""))
    return name if ratio >= _ALIKE else None


@lru_cache(maxsize=100_000)  # every table asks about every name again
def _likeness(synonym: str, name: str) -> float:
    return SequenceMatcher(None, synonym, name).ratio()


def _digits(name: str) -> str:
    return "".join(sign for sign in name if sign.isdigit())
