"""Settings files (protocol, mapping, scenario): TOML, unknown keys refused with the nearest name."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from osteon.errors import OsteonError, did_you_mean


class Settings(BaseModel):
    """A part of a settings file. A setting's docstring is its meaning, printed in reports."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


S = TypeVar("S", bound=BaseModel)


def parse_settings(text: str, model: type[S], where: str, error: type[OsteonError]) -> S:
    """Read TOML text as ``model``; every fault is told at once, as one ``error``."""
    try:
        return model.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as fault:
        raise error(f"{where} is not TOML: {fault}", do="mend that line") from None
    except ValidationError as faults:
        told = "\n".join(f"  {_tell(fault, model)}" for fault in faults.errors())
        raise error(f"{where} does not fit its contract:\n{told}") from None


def read_settings(path: Path, model: type[S], error: type[OsteonError]) -> S:
    """Read a TOML file as ``model``."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise error(f"there is no file {path}", do="check the path") from None
    except UnicodeDecodeError:
        raise error(f"{path} is not UTF-8 text", "settings files are TOML in UTF-8") from None
    return parse_settings(text, model, where=str(path), error=error)


def _tell(fault: Any, model: type[BaseModel]) -> str:
    where = _place(fault["loc"]) or "the file"
    if fault["type"] == "extra_forbidden":
        *path, key = fault["loc"]
        allowed = _keys_at(model, path)
        known = f"Allowed are {', '.join(allowed)}." if allowed else ""
        return f"`{where}` is not a setting. {did_you_mean(str(key), allowed)} {known}".strip()
    if fault["type"] == "literal_error":
        allowed = fault["ctx"]["expected"].replace("'", '"')
        names = [part.strip(' "') for part in allowed.replace(" or ", ", ").split(",")]
        hint = did_you_mean(str(fault["input"]), names)
        return f'`{where}` is "{fault["input"]}"; allowed are {allowed}. {hint}'.strip()
    if fault["type"] == "missing":
        return f"`{where}` is missing; it has to be set."
    message = fault["msg"].removeprefix("Value error, ")
    return f"`{where}`: {message[0].lower()}{message[1:]}."


def _place(parts: Iterable[str | int]) -> str:
    """Where in the file; people count from one.

    >>> _place(("published", 1, "value")), _place(("questions", 0))
    ('published 2.value', 'questions 1')
    """
    names = (f" {part + 1}" if isinstance(part, int) else f".{part}" for part in parts)
    return "".join(names).lstrip(". ")


def _keys_at(model: Any, path: list[Any]) -> list[str]:
    for part in path:
        found = getattr(model, "model_fields", {}).get(str(part))
        if found is None:
            continue
        candidates = (found.annotation, *getattr(found.annotation, "__args__", ()))
        model = next((c for c in candidates if hasattr(c, "model_fields")), None)
    return [field.alias or name for name, field in getattr(model, "model_fields", {}).items()]
