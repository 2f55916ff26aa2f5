"""A risk table in a file: what one centre sends another, without a patient in it."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from osteon.errors import EstimateError, OsteonError
from osteon.estimate.arguments import expect
from osteon.estimate.tables.contributions import Contribution
from osteon.estimate.tables.risk_table import RiskTable
from osteon.estimate.tables.tidy_counts import risk_table_of_counts, tidy_counts

FORMAT = "osteon risk table"
VERSION = 2
UNIT = "days"
CONTENT = {"unit", "time_zero", "contributions", "strata", "states", "transitions", "counts"}


def write_risk_table(table: RiskTable, path: str | os.PathLike[str]) -> None:
    """Write a risk table as JSON, to be sent to another centre.

    The file says whose counts they are and from which event their days are counted, names the
    strata, the states and the transitions, and lists the counts that are not 0. It holds no
    subject; but a count of one is one patient, on a day. Nothing is suppressed here: coarsen the
    strata or round the days before you write, if the centres have agreed on a smallest cell; what
    a *report* may show is decided by its own disclosure rules.

    Parameters
    ----------
    table : RiskTable
        From `risk_table`, or a sum of such. Give it its centre and its time zero first, by
        `labelled`: without them the file says "not said", and cannot be added to one that says.
    path : path
        File to write. It appears whole or not at all: it is written under another name first.

    Raises
    ------
    EstimateError
        If the file cannot be written.

    Notes
    -----
    JSON, because any language and any person can read it, and because Python writes floats so
    that they read back to the last bit. A header gives the format, its version, a SHA-256 of all
    that follows, the unit of time (days), the time zero, and of each centre its label and the
    SHA-256 of what it gave.

    Examples
    --------
    >>> import tempfile
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import risk_table
    >>> ours = risk_table(History.of(exit=[3, 5, 5], event=[1, 0, 1]))
    >>> ours = ours.labelled(centre="ours", time_zero="first diagnosis")
    >>> theirs = risk_table(History.of(exit=[3, 4], event=[1, 0]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     to = f"{folder}/theirs.json"
    ...     write_risk_table(theirs.labelled(centre="theirs", time_zero="first diagnosis"), to)
    ...     both = ours + read_risk_table(to)
    >>> both.at_risk[0, 0].tolist(), [part.centre for part in both.contributions]
    ([0.0, 5.0, 3.0, 2.0], ['ours', 'theirs'])
    """
    expect(str, os.PathLike, path=path)
    expect(RiskTable, table=table)
    counts = {name: values.tolist() for name, values in tidy_counts(table).items()}
    content = {
        "unit": UNIT,
        "time_zero": table.time_zero,
        "contributions": [{"centre": c.centre, "sha256": c.digest} for c in table.told],
        "strata": list(table.strata),
        "states": list(table.states),
        "transitions": [list(pair) for pair in table.transitions],
        "counts": counts,
    }
    text = json.dumps(
        {"format": FORMAT, "version": VERSION, "sha256": _digest(content), **content},
        ensure_ascii=False,
    )
    target = Path(path)
    unfinished = target.with_name(target.name + ".part")
    try:
        unfinished.write_text(text + "\n", encoding="utf-8")
        unfinished.replace(target)
    except OSError as error:
        raise EstimateError(
            f"{target.name} cannot be written ({error.strerror})", do="check its folder"
        ) from error


def read_risk_table(path: str | os.PathLike[str]) -> RiskTable:
    """Read a risk table written by `write_risk_table`, exactly as it was.

    Parameters
    ----------
    path : str or path
        The file.

    Returns
    -------
    RiskTable
        Equal to the one written, to the bit, with its labels. Tables add up, but the same file
        not twice, nor a centre twice, nor tables of different time zeros.

    Raises
    ------
    EstimateError
        If the file cannot be read, is not a risk table, is of another version or unit, was cut
        short or changed on the way, or its counts do not make a table.

    Examples
    --------
    >>> import tempfile
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import risk_table
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_risk_table(risk_table(History.of(exit=[3, 5], event=[1, 0])), f"{folder}/a.json")
    ...     read_risk_table(f"{folder}/a.json").time.tolist()
    [0.0, 3.0, 5.0]
    """
    expect(str, os.PathLike, path=path)
    name = Path(path).name
    content = _content(Path(path), name)
    strata, states = tuple(content["strata"]), tuple(content["states"])
    try:
        counts = {key: np.asarray(values) for key, values in content["counts"].items()}
        table = risk_table_of_counts(counts, states=states, strata=strata)
        return _labelled(table, content)
    except (OsteonError, TypeError, ValueError, AttributeError, KeyError) as error:
        raise EstimateError(f"the counts in {name} do not make a risk table: {error}") from error


def _labelled(table: RiskTable, content: dict[str, Any]) -> RiskTable:
    labels = [(part["centre"], part["sha256"]) for part in content["contributions"]]
    if not all(isinstance(x, str) for x in (content["time_zero"], *chain(*labels))):
        raise TypeError("a label is no text")
    parts = tuple(Contribution(centre, digest) for centre, digest in labels)
    return replace(table, time_zero=content["time_zero"], contributions=parts)


def _content(path: Path, name: str) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise EstimateError(
            f"there is no file {name}", do="check its folder and its name"
        ) from None
    except OSError as error:
        raise EstimateError(f"{name} cannot be read ({error.strerror})") from error
    except ValueError:  # not JSON, or not UTF-8
        raise EstimateError(
            f"{name} is not a risk table, or only part of one",
            'a whole file begins with {"format": "osteon risk table" and ends with }',
            "ask for it to be sent again",
        ) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise EstimateError(
            f"{name} is not a risk table",
            f'its "format" would be "{FORMAT}"',
            "write one with `write_risk_table`",
        )
    _refuse_other_version(document.get("version"), name)
    content = {k: v for k, v in document.items() if k not in {"format", "version", "sha256"}}
    if CONTENT - content.keys() or document.get("sha256") != _digest(content):
        raise EstimateError(
            f"the content of {name} is not what was written: its check sum differs",
            "a risk table is sent as it is and not edited",
            "ask for it to be sent again",
        )
    if content["unit"] != UNIT:
        raise EstimateError(
            f'the times of {name} are in "{content["unit"]}"',
            f"a risk table counts {UNIT}",
            "ask for a table of days",
        )
    return content


def _refuse_other_version(version: object, name: str) -> None:
    if version == VERSION:
        return
    older = isinstance(version, int) and version < VERSION
    raise EstimateError(
        f"{name} is a risk table of version {version}",
        f"this program reads version {VERSION}, which says its centre, unit and time zero",
        "ask for it to be written again" if older else "use the program that wrote it, or a later",
    )


def _digest(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
