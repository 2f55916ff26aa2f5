"""What every public name of `osteon.estimate` has to say of itself.

A function says what it takes (with shapes) and gives, when it refuses, the equation, its source,
R's call that agrees, and an example that runs. A result says what each of its fields is.
"""

import doctest
import inspect
import re
from dataclasses import fields, is_dataclass

import pytest

import osteon.estimate as estimate
from osteon.contracts.bounds import Bounds
from osteon.contracts.history import Columns, History

PUBLIC = {name: getattr(estimate, name) for name in estimate.__all__}
FUNCTIONS = {name: f for name, f in PUBLIC.items() if inspect.isfunction(f)}
RESULTS = {name: c for name, c in PUBLIC.items() if inspect.isclass(c)} | {
    c.__name__: c for c in (History, Bounds, Columns)
}
METHODS = {
    f"{kind}.{name}": getattr(found, "__func__", found)
    for kind, c in RESULTS.items()
    for name, found in vars(c).items()
    if not name.startswith("_") and inspect.isfunction(getattr(found, "__func__", found))
}
PROPERTIES = {
    f"{kind}.{name}": found
    for kind, c in RESULTS.items()
    for name, found in vars(c).items()
    if not name.startswith("_") and hasattr(type(found), "__get__") and name not in METHODS
    if isinstance(found, property) or type(found).__name__ == "cached_property"
}

COUNTS_ONLY = {  # they count, move or draw rows; nothing is estimated
    "bootstrap_weights", "counts_sql", "read_risk_table", "risk_table", "risk_table_of_counts",
    "tidy_counts", "write_risk_table",
}  # fmt: skip
NO_EQUATION = COUNTS_ONLY | {
    "boschloo",  # a maximum over a common share, said in words
    "earliest_start",  # the first time with so many at risk
    "follow_up",  # turns a history round
    "landmark_occupation",  # the Aalen-Johansen estimate among some
    "unbroken_entry",  # the first time with somebody in every risk set after it
}
NO_REFERENCE = COUNTS_ONLY | {
    "earliest_start",  # a count of those at risk
}
NO_R = COUNTS_ONLY | {"earliest_start", "unbroken_entry"}  # R has no such call
CANNOT_REFUSE = {
    "tidy_counts",  # takes what `risk_table` has checked
    "follow_up",  # takes what `History.of` has checked
    "unbroken_entry",  # takes what `Bounds.of` has checked
}
WITHOUT_DOI = {  # the journal gave none, or it could not be confirmed: better none than a wrong one
    "Alioum & Commenges (1996)", "Andersen, Hansen & Keiding (1991)", "Frydman (1994)",
    "Li, Meng, Raghunathan & Rubin (1991)", "Sen & Xu (2015)", "Sun (1996)",
}  # fmt: skip


def sections(documented):
    """Text under each underlined heading of a docstring; the summary under ''."""
    lines = inspect.getdoc(documented).splitlines()
    heads = [i for i, line in enumerate(lines) if i and re.fullmatch("-{4,}", line)]
    ends = [*(i - 1 for i in heads), len(lines)]
    found = {lines[i - 1]: lines[i + 1 : end] for i, end in zip(heads, ends[1:], strict=True)}
    return {name: "\n".join(text) for name, text in {"": lines[: ends[0]], **found}.items()}


def entries(text):
    """[head, description] of each entry of a Parameters, Returns or Attributes section."""
    found = []
    for line in text.splitlines():
        if line and not line.startswith(" "):
            found.append([line, ""])
        elif found:
            found[-1][1] += line.strip() + " "
    return found


def names_of(head):
    return [name.strip() for name in head.partition(" : ")[0].split(",")]


def documented_names(text):
    return [name for head, _ in entries(text) for name in names_of(head)]


def of_parameters(function):
    return sections(function).get("Parameters", "")


def own_parameters(function):
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    return [
        stars.get(p.kind, "") + name
        for name, p in inspect.signature(function).parameters.items()
        if name not in ("self", "cls")
    ]


def test_every_exemption_is_needed():
    exempt = NO_EQUATION | NO_REFERENCE | NO_R | CANNOT_REFUSE
    assert not exempt - set(FUNCTIONS)
    assert not [n for n in CANNOT_REFUSE if "Raises" in sections(FUNCTIONS[n])]
    assert not [n for n in NO_REFERENCE if "References" in sections(FUNCTIONS[n])]
    everything = "".join(map(inspect.getdoc, FUNCTIONS.values()))
    assert all(who in everything for who in WITHOUT_DOI)


@pytest.mark.parametrize("name", [*FUNCTIONS, *METHODS])
def test_every_parameter_has_a_type_or_says_where_it_stands(name):
    function = (FUNCTIONS | METHODS)[name]
    text = of_parameters(function)
    assert sorted(documented_names(text)) == sorted(own_parameters(function))
    for head, description in entries(text):
        elsewhere = re.match(r"As in `(\w+)`", description)
        if " : " not in head and elsewhere:
            assert set(names_of(head)) <= set(
                documented_names(of_parameters(FUNCTIONS[elsewhere[1]]))
            )
        else:
            assert " : " in head or head[:2] == "**" or "As the attributes" in description, head


@pytest.mark.parametrize("name", [*FUNCTIONS, *METHODS, *RESULTS])
def test_every_array_has_a_shape(name):
    found = sections((FUNCTIONS | METHODS | RESULTS)[name])
    whole = "every array has shape" in found[""]
    for heading in ("Parameters", "Returns", "Attributes"):
        for head, _ in entries(found.get(heading, "")):
            assert whole or "array" not in head or "shape" in head, head


@pytest.mark.parametrize("name", [*FUNCTIONS, *METHODS])
def test_it_says_what_it_returns(name):
    function = (FUNCTIONS | METHODS)[name]
    returns = inspect.signature(function).return_annotation
    itself = name in ("History.of", "Bounds.of")  # their summary says so
    assert returns == "None" or itself or sections(function)["Returns"].strip()


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n not in CANNOT_REFUSE])
def test_it_says_when_it_refuses(name):
    assert sections(FUNCTIONS[name])["Raises"].startswith("EstimateError\n")


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n not in NO_EQUATION])
def test_it_shows_its_equation(name):
    assert re.search(r"\.\. math::|:math:`", inspect.getdoc(FUNCTIONS[name]))


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n not in NO_R])
def test_it_names_the_call_of_r(name):
    assert re.search(r"(^|\s)R:\s", sections(FUNCTIONS[name])["Notes"])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_has_an_example_that_runs(name):
    examples = doctest.DocTestFinder(recurse=False).find(FUNCTIONS[name], name)
    assert "Examples" in sections(FUNCTIONS[name])
    assert [e for test in examples for e in test.examples if e.want]


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n not in NO_REFERENCE])
def test_every_source_can_be_found(name):
    found = sections(FUNCTIONS[name])
    text = "\n".join(part for heading, part in found.items() if heading != "References")
    sources = dict(re.findall(r"\.\. \[(\d+)\] ((?:.|\n(?!\.\.))*)", found["References"]))
    assert sources
    for number, source in sources.items():
        source = " ".join(source.split())
        who = re.match(r"(.+? \(\d{4}\))", source)[1]
        assert f"[{number}]_" in text, f"{who} is not cited"
        assert (
            re.search(r"doi:10\.\d{4,}/\S+|isbn:[\d-]{13,}|jstor:\d+", source) or who in WITHOUT_DOI
        ), who
        in_a_journal = re.search(r"\d+(\(\d+\))?:\d+(-\d+)?,?|\d+\(\d+\)", source)
        cited = re.findall(rf"\[{number}\]_,? [^.;]*", text.replace("\n", " "))
        place = re.compile("section|chapter|equation|appendix|page|method|type|vignette")
        assert in_a_journal or any(place.search(c) for c in [*cited, source]), f"where in {who}?"


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_says_what_each_field_is(name):
    kind = RESULTS[name]
    if not is_dataclass(kind):
        return
    public = [field.name for field in fields(kind) if not field.name.startswith("_")]
    assert sorted(documented_names(sections(kind)["Attributes"])) == sorted(public)


@pytest.mark.parametrize("name", RESULTS)
def test_a_time_says_its_unit(name):
    times = {"time", "times", "start", "left", "right", "low", "high", "landmarks", "entry", "exit"}
    for head, description in entries(sections(RESULTS[name]).get("Attributes", "")):
        if set(names_of(head)) & times and name != "Columns":  # as in `History`
            assert re.search("day|unit|survival", description.lower()), head


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_property_says_what_it_is(name):
    found = PROPERTIES[name]
    getter = getattr(found, "fget", None) or found.func
    said = inspect.getdoc(getter)
    annotation = str(inspect.signature(getter).return_annotation)
    assert said
    assert "Floats" not in annotation or "shape" in said
