"""The pages of docs/validation/numbers: every number of an estimator, test by test."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from r_answers import REFERENCE, answers, asked, made_with
from validation_numbers import Row
from validation_options import BY_HAND, OF_R, slug
from validation_proof import (
    GENERATED,
    Proof,
    anchor,
    data_of,
    difference,
    line,
    page_of,
    text_of,
    worst,
)

SEEN_FROM_A_PAGE = "../../../tests/reference/estimate"
FILES = (".R", ".json", ".toml", ".txt", ".py")
BLANK = "\n\n"
HAND = (
    "Eight patients or fewer, who stand in "
    f"[hand_worked]({SEEN_FROM_A_PAGE}/{BY_HAND}); the arithmetic "
    "is evaluated as it is printed. `z` is 1.959963984540054, `q` 0.6744897501960817, `r` the hazard "
    "ratio sqrt(2), `s` the root of 3 s**2 + s - 1.\n"
)


def pages(proof: Proof) -> dict[str, str]:
    """The page of every estimator, by its name in docs/validation."""
    return {page_of(name): estimator_page(name, proof) for name in proof.evidence.estimators}


def estimator_page(estimator: str, proof: Proof) -> str:
    """The numbers that show one estimator."""
    group = proof.of[estimator]
    kinds = "\n".join(f"- {count} {name}" for name, count in proof.kinds(group))
    return text_of(
        [GENERATED, f"# {estimator}: the numbers\n"],
        [f"{len(group)} numbers beside those of others, the largest difference {worst(group)}:\n"],
        [kinds, "\n[All estimators, and how to read the tables](../README.md#estimators)\n"],
        ["## Options\n", *_options(estimator, proof), ""],
        *(_of_folder(folder, group, proof) for folder in _in_order(group)),
    )


def _options(estimator: str, proof: Proof) -> Iterator[str]:
    """The options of an estimator, and the tests that show each."""
    why = bool(proof.why(proof.of[estimator]))
    yield line("option", "numbers", "largest difference", *["why above 1e-08"] * why, "shown by")
    yield "|---|---:|---:|---|" + "---|" * why
    for option in proof.evidence.estimators[estimator]:
        group = proof.shown[option]
        yield line(
            f'<a id="{anchor(option)}"></a>{option.name}',
            str(len(group)),
            worst(group),
            *[proof.why(group)] * why,
            "; ".join(_shown_by(group)),
        )


def _shown_by(group: list[Row]) -> Iterator[str]:
    """Folder by folder, its tests with links."""
    tests = dict.fromkeys((row.folder, row.name) for row in group)
    for folder, of_folder in groupby(tests, key=lambda test: test[0]):
        links = ", ".join(f"[{_words(name)}](#{slug(folder, name)})" for _, name in of_folder)
        yield f"{'by hand' if folder == BY_HAND else folder}: {links}"


def _in_order(group: list[Row]) -> list[str]:
    """Folders: worked by hand, then those with most numbers."""
    most = Counter(row.folder for row in group)
    return sorted(most, key=lambda folder: (folder != BY_HAND, -most[folder], folder))


def _of_folder(folder: str, group: list[Row], proof: Proof) -> Iterator[str]:
    """A folder's numbers of one estimator, test by test."""
    if folder == BY_HAND:
        yield from ("## Worked by hand\n", HAND)
    else:
        yield from (f"## {folder}\n", *_about(folder))
    here = [row for row in group if row.folder == folder]
    for name in dict.fromkeys(row.name for row in here):
        yield f'### <a id="{slug(folder, name)}"></a>{_words(name)}\n'
        yield from _of_test([row for row in here if row.name == name], proof)


def _about(folder: str) -> Iterator[str]:
    """What a folder of reference tests is: in its own words, its files, and the call of R."""
    here, known = REFERENCE / folder, answers(folder)
    told = ast.get_docstring(ast.parse((here / f"test_{folder}.py").read_text(encoding="utf-8")))
    yield f"{(told or '').split(BLANK)[0]}\n"
    files = sorted(f.name for f in here.iterdir() if f.suffix in FILES and f.name != "options.toml")
    links = ", ".join(f"[{name}]({SEEN_FROM_A_PAGE}/{folder}/{name})" for name in files)
    yield f"Files: {links}." + (f" Answers of {', '.join(made_with(folder))}." if known else "")
    yield f"In short: `{known['call']}`.\n" if known.get("call") else ""


def _of_test(rows: list[Row], proof: Proof) -> Iterator[str]:
    """What a test's numbers are compared with, then the numbers."""
    data = data_of(rows)
    kinds = [name for name, _ in proof.kinds(rows)]
    beside = " and ".join(kind if kind == OF_R else f"numbers {kind}" for kind in kinds)
    told = [f"Data: {', '.join(data)}."] * bool(data)
    told += [f"Beside {beside}."] * (kinds != [OF_R] and rows[0].folder != BY_HAND)
    if told:
        yield f"{' '.join(told)}\n"
    yield from _asked(rows)
    for source, of_source in groupby(rows, key=lambda row: row.source):
        if source and source != answers(rows[0].folder).get("call"):
            yield f"Source: {source.rstrip('.')}.\n"
        yield from _table(list(of_source))


def _asked(rows: list[Row]) -> Iterator[str]:
    """What R was asked for these answers."""
    told = asked(REFERENCE / rows[0].folder / "make.R", (row.what for row in rows))
    if told:
        yield "\n".join(["```r", *(f"{key} = {what}" for key, what in told.items()), "```\n"])


def _table(rows: list[Row]) -> Iterator[str]:
    """Number by number; the case and its data where they are several."""
    cases = any(row.case for row in rows) and not _told_by_place(rows)
    data = len({row.data for row in rows}) > 1
    yield line(*["case"] * cases, *["data"] * data, "number", "expected", "obtained", "difference")
    yield "|---" * (cases + data) + "|---|---:|---:|---:|"
    for row in rows:
        which = [row.case] * cases + [", ".join(row.data)] * data
        values = _digits(row.expected), _digits(row.obtained), difference(row.difference)
        yield line(*which, row.what.strip(" ,"), *values)
    yield ""


def _told_by_place(rows: list[Row]) -> bool:
    """Tell if each case is named by the places of its numbers too."""
    names = {row.case: row.case.split("-")[0] for row in rows}
    apart = len(set(names.values())) == len(names)
    return apart and all(names[row.case] in re.split(r"[.\[,]", row.what) for row in rows)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _digits(number: str) -> str:
    """Ten digits are enough to see, in line where they can be; a printed figure stays as printed."""
    if len(number) <= 12:
        return number
    value = float(number)
    return f"{value:.10f}" if 1e-3 <= abs(value) < 1e5 else f"{value:.9e}"
