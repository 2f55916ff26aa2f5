"""The pages of docs/validation/numbers: every number of an estimator, test by test."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import groupby, pairwise

from r_answers import REFERENCE, answers, asked, made_with
from r_definitions import defined
from validation_numbers import Row
from validation_options import BY_HAND, OF_R, slug
from validation_proof import (
    GENERATED,
    Proof,
    anchor,
    data_of,
    described,
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
    "Eight patients or fewer, each table of them before its numbers: a line a patient, or an interval "
    "of one; times in days, a patient is at risk after `entry` and up to `exit`, `event` 0 is censored. "
    f"The arithmetic is evaluated as it is printed ([tests]({SEEN_FROM_A_PAGE}/{BY_HAND})). `z` is "
    "1.959963984540054, `q` 0.6744897501960817 (the normal quantiles of 0.975 and 0.75), `r` sqrt(2), "
    "`s` the positive root of 3 s**2 + s - 1.\n"
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
    if says := _says(rows[0].folder, rows[0].name):
        yield f"{says}\n"
    told = [f"Data: {'; '.join(map(described, data))}."] * bool(data)
    told += [f"Beside {beside}."] * (kinds != [OF_R] and rows[0].folder != BY_HAND)
    if told:
        yield f"{' '.join(told)}\n"
    yield from _asked(rows)
    for source, of_source in groupby(rows, key=lambda row: row.source):
        if source and source != answers(rows[0].folder).get("call"):
            yield f"Source: {source.rstrip('.')}.\n"
        yield from _tables(list(of_source))


def _asked(rows: list[Row]) -> Iterator[str]:
    """What R was asked for these answers."""
    script = REFERENCE / rows[0].folder / "make.R"
    told = asked(script, (row.what for row in rows))
    if told:
        answers = (f"{key} = {what}" for key, what in told.items())
        yield "\n".join(["```r", *defined(script, told.values()), *answers, "```\n"])


def _says(folder: str, name: str) -> str:
    """What a test says of itself."""
    return _sayings(folder).get(name, "")


@cache
def _sayings(folder: str) -> dict[str, str]:
    code = [
        path.read_text(encoding="utf-8") for path in sorted((REFERENCE / folder).glob("test_*.py"))
    ]
    tests = (
        node for text in code for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)
    )
    return {
        test.name.removeprefix("test_"): " ".join((ast.get_docstring(test) or "").split()).replace(
            "``", "`"
        )
        for test in tests
    }


def _tables(rows: list[Row]) -> Iterator[str]:
    """The numbers, each after the patients it is of."""
    begins = [i for i, row in enumerate(rows) if row.patients or i == 0]
    for begin, end in pairwise([*begins, len(rows)]):
        for patients in rows[begin].patients:
            yield from _patients(json.loads(patients))
        yield from _table(rows[begin:end])


def _patients(columns: dict[str, list[str]]) -> Iterator[str]:
    """A line for each patient, or each interval of one."""
    yield line(*columns)
    yield "|" + "---:|" * len(columns)
    yield from (line(*cells) for cells in zip(*columns.values(), strict=True))
    yield ""


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
    return all(slug(row.case) in slug(row.what) for row in rows)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _digits(number: str) -> str:
    """Ten digits are enough to see, in line where they can be; a printed figure stays as printed."""
    if len(number) <= 12:
        return number
    value = float(number)
    return f"{value:.10f}" if 1e-3 <= abs(value) < 1e5 else f"{value:.9e}"
