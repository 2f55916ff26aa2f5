"""A risk table in a file: what one centre sends another, without a patient in it."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from osteon.errors import EstimateError, OsteonError
from osteon.estimate.arguments import expect
from osteon.estimate.tables.risk_table import RiskTable
from osteon.estimate.tables.tidy_counts import risk_table_of_counts, tidy_counts

FORMAT = "osteon risk table"
VERSION = 1


def write_risk_table(table: RiskTable, path: str | os.PathLike[str]) -> None:
    """Write a risk table as JSON, to be sent to another centre.

    The file names the strata, the states and the transitions, and lists the counts that are not
    0. It holds no subject; but a count of one is one patient, on a day. Nothing is suppressed
    here: coarsen the strata or round the days before you write, if the centres have agreed on a
    smallest cell; what a *report* may show is decided by its own disclosure rules.

    Parameters
    ----------
    table : RiskTable
        From `risk_table`, or a sum of such.
    path : path
        File to write. It appears whole or not at all: it is written under another name first.

    Raises
    ------
    EstimateError
        If the file cannot be written.

    Notes
    -----
    JSON, because any language and any person can read it, and because Python writes floats so
    that they read back to the last bit. A header gives the format, its version and a SHA-256 of
    the content.

    Examples
    --------
    >>> import tempfile
    >>> from osteon.contracts.history import History
    >>> from osteon.estimate import risk_table
    >>> table = risk_table(History.of(exit=[3, 5, 5], event=[1, 0, 1]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_risk_table(table, f"{folder}/ours.json")
    ...     theirs = read_risk_table(f"{folder}/ours.json")
    >>> (table + theirs).at_risk[0, 0].tolist()
    [0.0, 6.0, 4.0]
    """
    expect(str, os.PathLike, path=path)
    counts = {name: values.tolist() for name, values in tidy_counts(table).items()}
    content = {
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
        Equal to the one written, to the bit.

    Raises
    ------
    EstimateError
        If the file cannot be read, is not a risk table, is of a later version, was cut short or
        changed on the way, or its counts do not make a table.

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
    except (OsteonError, TypeError, ValueError, AttributeError) as error:
        raise EstimateError(f"the counts in {name} do not make a risk table: {error}") from error
    return table


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
    if document.get("version") != VERSION:
        raise EstimateError(
            f"{name} is a risk table of version {document.get('version')}",
            f"this program reads version {VERSION}",
            "use the program that wrote it, or a later one",
        )
    content = {k: v for k, v in document.items() if k not in {"format", "version", "sha256"}}
    complete = {"strata", "states", "transitions", "counts"} <= content.keys()
    if not complete or document.get("sha256") != _digest(content):
        raise EstimateError(
            f"the content of {name} is not what was written: its check sum differs",
            "a risk table is sent as it is and not edited",
            "ask for it to be sent again",
        )
    return content


def _digest(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
