"""DuckDB's faults, told as mistakes with a cure.

DuckDB's own words are never passed on where they may quote a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from osteon.errors import RegistryError

_FULL = ("No space left on device", "File too large", "Disk quota exceeded")
_HELD = re.compile(r"Conflicting lock is held.*?\(PID (\d+)\)", re.DOTALL)


@contextmanager
def told_plainly(path: Path) -> Iterator[None]:
    """Turn a fault of DuckDB with this registry into a `RegistryError`."""
    try:
        yield
    except duckdb.ProgrammingError:
        raise  # SQL that does not fit its tables is our fault, not the user's
    except duckdb.Error as fault:
        raise _plainly(str(fault), type(fault).__name__, path) from None


def _plainly(message: str, kind: str, path: Path) -> RegistryError:
    if any(words in message for words in _FULL):
        return RegistryError(
            f"{path}: the disk is full, or the file may not grow any further; the registry is as it "
            "was before",
            do="make room (an import needs about as much as the files imported), then import again",
        )
    if "Conflicting lock" in message or "Could not set lock" in message:
        holder = _HELD.search(message)
        by = f" (process {holder[1]})" if holder else ""
        return RegistryError(
            f"{path} is in use by another program{by}",
            "one program may write, or several may read",
            "close the other one, or wait for it, then try again",
        )
    if "different configuration" in message:
        return RegistryError(
            f"{path} is already open in this program, for reading or for writing",
            do="close it first, or go on with the open one",
        )
    if "not a valid DuckDB database" in message:
        return not_a_registry(path)
    if "Could not read enough bytes" in message or "Corrupt" in message:
        return damaged(path)
    if "ermission denied" in message or "read-only" in message:
        return RegistryError(
            f"{path} may not be written", do="check the permissions of file and folder"
        )
    return RegistryError(
        f"{path}: the database gave up ({kind}); nothing was changed",
        do="try again; if it happens again, report it with this message",
    )


def damaged(path: Path) -> RegistryError:
    """Return the error for a registry of which a part is missing."""
    return RegistryError(
        f"{path} is damaged: part of the file is missing or was changed from outside",
        do="put back a copy, or import the centre's files again into a new registry",
    )


def not_a_registry(path: Path) -> RegistryError:
    """Return the error for a file that is something else."""
    return RegistryError(
        f"{path} is not an osteon registry",
        "a registry is made by `osteon ingest`",
        "check the path",
    )
