"""Tallies of earlier runs, kept in ``out/validity`` as long as what made them stays as it is.

A tally belongs to a case and a design. Its key is a digest of all code behind it: the case, what
it uses of this package, and every module of osteon that those use. Comments and docstrings do not
count.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from validity.cases.case import Case
from validity.designs import SEED, Design
from validity.tally import Tally

FOLDER = Path(__file__).resolve().parents[1] / "out" / "validity"

Tallies = dict[str, Tally]


def kept(case: Case, design: Design, make: Callable[[], Tallies]) -> Tallies:
    """Read the tallies of a case on a design, or make and keep them."""
    file = FOLDER / f"{case.name}-{digest(case, design)[:16]}.json"
    if not file.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".part")
        unfinished.write_text(json.dumps(make(), indent=1), encoding="utf-8")
        unfinished.rename(file)  # a cut leaves no half of a file
    return {name: Tally(*counts) for name, counts in json.loads(file.read_text("utf-8")).items()}


@cache
def digest(case: Case, design: Design) -> str:
    """Digest of the code behind a case, its design and its number of replicates.

    Ask for all of them before a long run: files may be edited while it lasts.
    """
    parts = sorted({*_code(case.intervals), f"{design}, {case.replicates} from {SEED}"})
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def _code(thing: FunctionType) -> frozenset[str]:
    return frozenset(_behind(thing))


def _behind(thing: Any, seen: set[int] | None = None) -> Iterator[str]:
    """Code of a function or class of this package, and of all that it uses."""
    seen = set() if seen is None else seen
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, partial):
        thing = thing.func
    module = str(getattr(thing, "__module__", "") or "")
    if module.startswith("osteon"):
        yield from _modules(module)
    elif module.startswith("validity") and isinstance(thing, FunctionType | type):
        yield _without_words(inspect.getsource(thing))
        for used in _used(thing):
            yield from _behind(used, seen)
    elif not callable(thing) and not isinstance(thing, ModuleType):
        yield repr(thing)  # a constant


def _used(thing: FunctionType | type) -> Iterator[Any]:
    functions = [thing] if isinstance(thing, FunctionType) else _methods(thing)
    for function in functions:
        for name in sorted(_names(function.__code__)):
            if name in function.__globals__:
                yield function.__globals__[name]


def _methods(kind: type) -> Iterable[FunctionType]:
    for member in vars(kind).values():
        inner = getattr(member, "fget", None) or getattr(member, "func", None) or member
        if isinstance(inner, FunctionType):
            yield inner


def _names(code: CodeType) -> set[str]:
    inner = (_names(part) for part in code.co_consts if isinstance(part, CodeType))
    return set(code.co_names).union(*inner)


@cache
def _modules(name: str) -> tuple[str, ...]:
    """Code of a module of osteon and of those that it imports."""
    found, waiting = {}, [name]
    while waiting:
        name = waiting.pop()
        module = sys.modules.get(name)
        if name in found or module is None:
            continue
        tree = ast.parse(inspect.getsource(module))
        found[name] = _without_words(inspect.getsource(module))
        if module.__file__ and module.__file__.endswith("__init__.py"):
            continue  # a list of names
        for node in tree.body:  # what is imported later, for large data only, is not behind a case
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("osteon"):
                waiting.append(str(node.module))
    return tuple(found.values())


def _without_words(source: str) -> str:
    """Code without comments, docstrings and layout."""
    tree = ast.parse(textwrap.dedent(source))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [part for part in node.body if not _is_word(part)]
    return ast.dump(tree)


def _is_word(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
