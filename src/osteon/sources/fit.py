"""Does this mapping fit this file? Asked before any row is read; all that is wrong is told at once."""

from __future__ import annotations

from collections.abc import Iterator

from osteon.errors import MappingError, did_you_mean
from osteon.sources.conditions import When, never_holds
from osteon.sources.mapping import Mapping, Source
from osteon.sources.sheet import Sheet


def check_fit(mapping: Mapping, sheet: Sheet) -> None:
    """Hold a mapping against the file it is to map.

    Raises
    ------
    MappingError
        If it names columns that the file lacks (the nearest is suggested), or asks a column in
        ``when`` for a text where the column holds numbers, so that the condition could never hold.
    """
    absent = list(dict.fromkeys(_absent_columns(mapping, sheet)))
    if absent and len(sheet.columns) == 1:
        absent.append("the file has one column only; is `delimiter` in [source] right?")
    refuse(absent or list(dict.fromkeys(_idle_conditions(mapping, sheet))), sheet.file)


def refuse(told: list[str], file: str) -> None:
    """Raise one `MappingError` for all that was told, if anything was."""
    if told:
        lines = "\n".join(f"  {line}" for line in told)
        raise MappingError(f"the mapping does not fit {file}:\n{lines}")


def _absent_columns(mapping: Mapping, sheet: Sheet) -> Iterator[str]:
    for block in mapping.blocks():
        for place, column in _named(block.name, block.when, block.fillings):
            if column not in sheet.columns:
                hint = did_you_mean(column, sheet.columns)
                yield f'`{place}`: the file has no column "{column}". {hint}'.rstrip()


def _named(block: str, when: When, fillings: dict) -> Iterator[tuple[str, str]]:
    yield from ((f"{block}.when", column) for column in when)
    for name, alternatives in fillings.items():
        for filling in alternatives:
            yield from ((f"{block}.{name}", column) for column in filling.columns)


def _idle_conditions(mapping: Mapping, sheet: Sheet) -> Iterator[str]:
    for block in mapping.blocks():
        yield from _idle(f"{block.name}.when", block.when, sheet, mapping.source)
        for name, alternatives in block.fillings.items():
            for filling in alternatives:
                yield from _idle(f"{block.name}.{name}.when", filling.when, sheet, mapping.source)


def _idle(place: str, when: When, sheet: Sheet, source: Source) -> Iterator[str]:
    for column, test in when.items():
        looks = never_holds(test, sheet.columns[column], source.missing_texts())
        if looks:
            yield (
                f'`{place}` can never hold: column "{column}" looks like {looks}; '
                f"asked for is {', '.join(test.equals)}"
            )
