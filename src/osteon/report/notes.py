"""Notes and cautions under a table or a figure: each said once, however many numbers need it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from osteon.report import printing

CAUTION = "caution"
MARK = "†"
"""Stands beside a drawn number that an estimator cautions about."""


class Notes:
    """Notes under a table, each marked once however often it is referred to."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def mark(self, note: str) -> str:
        """Return the mark of a note, which is added if it is new."""
        note = printing.full_sentence(printing.prose(note))
        if not note:
            return ""
        if note not in [text.partition("] ")[2] for text in self.texts]:
            self.texts.append(f"[{_letter(len(self.texts))}] {note}")
        return next(text for text in self.texts if text.endswith(f"] {note}")).partition(" ")[0]

    def marks(self, note: str, cautions: Sequence[str]) -> str:
        """Return the marks of a note and of what an estimator cautions about.

        >>> notes = Notes()
        >>> notes.marks("all stay in", ["few events"]), notes.marks("", ["few events"])
        ('[a] [b]', '[b]')
        >>> notes.texts
        ['[a] All stay in.', '[b] Caution: few events.']
        """
        told = (note, *(f"{CAUTION}: {said}" for said in cautions))
        return " ".join(mark for mark in map(self.mark, told) if mark)


def caution(said: Iterable[str], of: str = "") -> str:
    """Print cautions as one sentence, each once; nothing where there is none.

    >>> caution(["few events", "few at risk", "few events"], "as published")
    'Caution, as published: few events; few at risk.'
    >>> caution([])
    ''
    """
    each = list(dict.fromkeys(said))
    whose = f", {of}" if of else ""
    return printing.full_sentence(f"{CAUTION}{whose}: {'; '.join(each)}") if each else ""


def _letter(i: int) -> str:
    return chr(ord("a") + i) if i < 26 else _letter(i // 26 - 1) + _letter(i % 26)
