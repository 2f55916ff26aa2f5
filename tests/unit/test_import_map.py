"""Data flows one way: which folder may import which, held here and printed as a map."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import osteon

ROOT = Path(osteon.__file__).parent
FOUNDATIONS = {"contracts", "vocabulary", "errors", "__version__"}
MAY_IMPORT = {
    "sources": set(),
    "registry": set(),
    "estimate": set(),
    "simulate": set(),
    "report": set(),
    "protocols": set(),
    "cohort": {"registry"},
    "study": {"cohort", "estimate", "simulate"},
}
COMPOSER = "cli"


def test_imports_follow_the_map():
    found = {}
    for stage, target in edges():
        found.setdefault(stage, set()).add(target)
    print(drawn(found))
    for stage, targets in found.items():
        allowed = FOUNDATIONS | MAY_IMPORT.get(stage, set()) | {stage}
        assert targets <= allowed, f"{stage} imports {sorted(targets - allowed)}"


def test_foundations_stand_below_everything():
    for stage, target in edges():
        if stage in FOUNDATIONS:
            assert target in FOUNDATIONS, f"{stage} imports {target}"
        if stage in {"vocabulary", "errors"}:
            assert target == stage, f"{stage} imports {target}"


def test_every_folder_has_a_place_on_the_map():
    folders = {p.name for p in ROOT.iterdir() if (p / "__init__.py").exists()}
    assert folders <= FOUNDATIONS | set(MAY_IMPORT)


def edges() -> Iterator[tuple[str, str]]:
    """Pairs (folder, folder it imports), imports inside functions included; the composer left out."""
    for path in ROOT.rglob("*.py"):
        stage = path.relative_to(ROOT).with_suffix("").parts[0]
        if stage in {COMPOSER, "__init__", "__main__"}:
            continue
        for module in imported(ast.parse(path.read_text(encoding="utf-8"))):
            if module.startswith("osteon."):
                yield stage, module.split(".")[1]


def imported(tree: ast.Module) -> Iterator[str]:
    """Full names of the modules that a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def drawn(found: dict[str, set[str]]) -> str:
    """The map as text."""
    return "\n".join(
        f"{stage:<10} -> {', '.join(sorted(targets - {stage}))}"
        for stage, targets in sorted(found.items())
    )
