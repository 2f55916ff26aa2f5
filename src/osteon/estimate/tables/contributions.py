"""Whose counts a risk table holds, and which tables may be added.

Counts carry no patient, so that nobody can see in them that a centre was added twice, that two
centres count their days from different events, or that "Male" and "male" are one group.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from osteon.contracts.arrays import Floats
from osteon.errors import EstimateError

NOT_SAID = "not said"
"""Time zero and centre of a table without labels."""


@dataclass(frozen=True)
class Contribution:
    """One centre's part of a risk table.

    Attributes
    ----------
    centre : str
        The label it gave itself; "not said" without one.
    digest : str
        SHA-256 of its names and counts: the same counts under another label are found out.
    """

    centre: str
    digest: str


def check_label(name: str, label: object) -> None:
    """Refuse a label that says nothing."""
    if not isinstance(label, str) or not label.strip() or label == NOT_SAID:
        raise EstimateError(f"`{name}` is {label!r}", "it must be a text that the centres agree on")


def digest_of(names: Sequence[object], counts: Iterable[Floats]) -> str:
    """SHA-256 of names and counts; the same on every machine."""
    digest = hashlib.sha256(json.dumps(names).encode())
    for values in counts:
        digest.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
    return digest.hexdigest()


def refuse_other_time_zero(first: str, second: str) -> None:
    """Refuse two tables whose days are not counted from the same event, as far as they say."""
    if first == second:
        return
    if NOT_SAID in (first, second):
        said = first if second == NOT_SAID else second
        raise EstimateError(
            f'one table counts its days from "{said}", the other does not say from when',
            "tables of one time zero are added",
            "name the other's with `labelled`, or ask its centre",
        )
    raise EstimateError(
        f'one table counts its days from "{first}", the other from "{second}"',
        "tables of one time zero are added",
        "count both from the same event, or write its name alike if it is the same",
    )


def refuse_repeated(first: tuple[Contribution, ...], second: tuple[Contribution, ...]) -> None:
    """Refuse to add what is there already, under its own name or another."""
    centres = {_plain(part.centre): part.centre for part in first if part.centre != NOT_SAID}
    contents = {part.digest: part.centre for part in first}
    for part in second:
        if part.digest in contents:
            raise EstimateError(
                "the same counts are in both tables "
                f'(centres: "{contents[part.digest]}" and "{part.centre}")',
                "each patient is counted once",
                "leave one of the two out",
            )
        if _plain(part.centre) in centres:
            raise EstimateError(
                f'the centre "{part.centre}" is in both tables',
                "each centre is added once",
                "leave one of the two out; if they are different centres, label them apart",
            )


def refuse_alike(kind: str, *groups: Iterable[str]) -> None:
    """Refuse names of different groups that differ only in case or spaces.

    >>> refuse_alike("strata", ["Male"], ["male "])
    Traceback (most recent call last):
    osteon.errors.EstimateError: there are strata "Male" and "male ". names that differ only in case
    or spaces are one name or a slip. write them alike, or rename one of them.
    """
    seen: dict[str, str] = {}
    for group in groups:
        plain = {_plain(name): name for name in group}
        for text in plain.keys() & seen.keys():
            raise EstimateError(
                f'there are {kind} "{seen[text]}" and "{plain[text]}"',
                "names that differ only in case or spaces are one name or a slip",
                "write them alike, or rename one of them",
            )
        seen |= plain


def _plain(name: str) -> str:
    """The name without case, spaces and ways to write an accent."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
