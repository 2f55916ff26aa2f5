"""What the expressions of a ``make.R`` stand on: its data, models and short functions, as R has them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

NAME = r"[A-Za-z][\w.]*+"
LONGEST = 360
"""A longer definition is left to the script."""
OF_FILES = 'system2|tempfile|importlib|^rows <- "try'
"""A definition that says where files lie says nothing of statistics."""
OF_FORMULAS = r"Surv\([^()]*(\([^()]*\)[^()]*)*\)(\s*~[^,;)]*)?"


def defined(script: Path, expressions: Iterable[str]) -> list[str]:
    """The short definitions of a script that these expressions stand on, in its order."""
    statements, used = _definitions(script), set[str]()
    waiting = list(expressions)
    while waiting:
        names = _used_in(waiting.pop())
        found = {code for code, own in statements.items() if own & names} - used
        used |= found
        waiting += found
    return [code for code in statements if code in used]


def _used_in(code: str) -> set[str]:
    """Names that an expression uses: no columns of a formula, no arguments, none of its own."""
    bare = re.sub(rf'"[^"]*"|{OF_FORMULAS}', "", code)
    own = re.findall(rf"({NAME}) <-", bare)
    for arguments in re.findall(r"function\(([^()]*)\)", bare):
        own += re.findall(NAME, arguments)
    return set(re.findall(rf"(?<![\w.$]){NAME}(?! ?=[^=])", bare)) - set(own)


@cache
def _definitions(script: Path) -> dict[str, set[str]]:
    """The definitions before the answers that are short, and the names that each gives."""
    text = script.read_text(encoding="utf-8") if script.exists() else ""
    before = re.split(r"^report\(", text, maxsplit=1, flags=re.M)[0]
    statements = ((code, _given(code)) for code in _statements(before))
    return {
        code: names
        for code, names in statements
        if names and len(code) <= LONGEST and not re.search(OF_FILES, code)
    }


def _given(code: str) -> set[str]:
    """Names that a statement gives a value to, outside all brackets."""
    return set(re.findall(rf"(?:^|; ?)({NAME}) <- ", _outside(code)))


def _outside(code: str) -> str:
    """Code with an @ for what stands in brackets."""
    less = re.sub(r"\([^()]*\)|\[[^][]*\]|\{[^{}]*\}", "@", code)
    return less if less == code else _outside(less)


def _statements(text: str) -> Iterator[str]:
    """Lines without comments, those of one bracket together."""
    code = ""
    for row in text.splitlines():
        code += "\n" + re.sub(r"(^|\s)#[^\"']*$", "", row)
        if not re.search(r"[(\[{]|function@$", _outside(code).rstrip()):
            yield on_one_line(code)
            code = ""


def on_one_line(code: str) -> str:
    """Code on one line, its statements apart."""
    apart = re.sub(r"(?<=[\w)\]}])\s*\n\s*(?=[\w(])", "; ", code.strip())
    return re.sub(r"(?<=[(\[]) ", "", " ".join(apart.split()))
