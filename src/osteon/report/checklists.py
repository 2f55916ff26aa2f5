"""STROBE and RECORD: each item filled where the results can fill it, "not done" where not.

The items are data (``checklists.toml``). A rule looks at the results and says where in the report
the item is answered, or nothing, and then the item is not done: never guessed.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable
from functools import cache
from importlib import resources

from osteon.contracts.results import Estimate, Results
from osteon.report import printing
from osteon.report.tables import Column, Row, Table, plain_row

NOT_DONE = "not done"
NAMES = {
    "strobe": "STROBE checklist, cohort studies",
    "record": "RECORD checklist, routinely collected data",
}


def checklist_table(results: Results, name: str) -> Table:
    """Fill a checklist: ``strobe`` or ``record``."""
    return Table(
        name,
        NAMES[name],
        (Column("Item", 0.35), Column("Topic", 1.0), Column("Asks for", 2.0), Column("Where", 2.0)),
        tuple(_row(results, item) for item in _items()[name]),
        notes=("Items that the results cannot fill are not done; they are the authors' to write.",),
    )


@cache
def _items() -> dict[str, list[dict[str, str]]]:
    text = (resources.files("osteon.report") / "checklists.toml").read_text("utf-8")
    return tomllib.loads(text)


def _row(results: Results, item: dict[str, str]) -> Row:
    rule = item.get("filled")
    where = (_RULES[rule](results) if rule else "") or NOT_DONE
    status = "open" if where == NOT_DONE else ""
    return plain_row(item["item"], item["topic"], item["asks"], where, status=status)


def _design(r: Results) -> str:
    p = r.provenance
    return f"Cohort study; protocol {p.protocol_name}, version {p.protocol_version}"


def _questions(r: Results) -> str:
    asked = ", ".join(printing.uncapitalised(printing.in_words(q)) for q in r.questions)
    return f"Protocol, {len(r.questions)} questions: {asked}"


def _setting(r: Results) -> str:
    cut = f"; data cut {r.provenance.data_cut}" if r.provenance.data_cut else ""
    return f"{r.population.rstrip('.')}{cut}" if r.population else ""


def _settings(prefix: str, told: str) -> Callable[[Results], str]:
    def rule(r: Results) -> str:
        n = sum(s.name.startswith(prefix) for s in r.settings)
        return f"Appendix, definitions: {n} {told}" if n else ""

    return rule


def _sources(r: Results) -> str:
    files = {s.source for s in r.provenance.sources}
    return f"Appendix, source accounting: {len(files)} source files" if files else ""


def _ledger(r: Results) -> str:
    return f"Bias ledger: {ledger_summary(r)}" if r.ledger else ""


def _limitations(r: Results) -> str:
    left = [str(e.number) for e in r.ledger if e.status in ("open", "bounded")]
    return f"Bias ledger, open or bounded: numbers {', '.join(left)}" if left else ""


def _groups(r: Results) -> str:
    return "Methods and tables of each question" if any(e.group for e in r.estimates) else ""


def _imputation(r: Results) -> str:
    imputed = [e for e in r.estimates if "imput" in f"{e.method} {e.note}".lower()]
    return f"Imputed in: {_analyses(imputed)}" if imputed else ""


def _follow_up(r: Results) -> str:
    told = [
        f"{printing.value_and_interval(e)} {printing.STYLES[e.style].lower()}"
        for e in r.estimates
        if "follow_up" in e.analysis
    ]
    return f"Median follow-up: {'; '.join(told)}" if told else ""


def _sensitivity(r: Results) -> str:
    found = [e for e in r.estimates if e.style == "sensitivity"]
    return f"Sensitivity columns: {_analyses(found)}" if found else ""


def _absolute(r: Results) -> str:
    found = [e for e in r.estimates if e.unit == "share" and e.time_days is not None]
    return f"At fixed times: {_analyses(found)}" if found or r.curves else ""


def _findings(r: Results) -> str:
    return f"Appendix, findings: {len(r.findings)} rules found something" if r.findings else ""


def _provenance(r: Results) -> str:
    p = r.provenance
    return f"osteon {p.osteon_version} is free software; protocol {p.protocol_hash[:12]}; raw data stay in the centre"


def _present(field: str, told: str) -> Callable[[Results], str]:
    return lambda r: told if getattr(r, field) else ""


def _analyses(estimates: list[Estimate]) -> str:
    return ", ".join(
        dict.fromkeys(printing.uncapitalised(printing.in_words(e.analysis)) for e in estimates)
    )


def ledger_summary(results: Results) -> str:
    """Count the ledger: ``9 handled, 4 bounded, 2 open``."""
    found = Counter[str](e.status for e in results.ledger)
    counted = [(found[s], words) for s, words in printing.STATUSES.items() if found[s]]
    return ", ".join(f"{n} {words}" for n, words in counted)


_RULES: dict[str, Callable[[Results], str]] = {
    "design": _design,
    "answers": _present("cards", "Answers, on the first page"),
    "questions": _questions,
    "setting": _setting,
    "eligibility": _settings("population.", "criteria of the population"),
    "definitions": _settings("", "settings, stated or default"),
    "sources": _sources,
    "ledger": _ledger,
    "limitations": _limitations,
    "methods": _present("methods", "Methods of each question, with references"),
    "groups": _groups,
    "imputation": _imputation,
    "follow_up": _follow_up,
    "sensitivity": _sensitivity,
    "attrition": _present("attrition", "Appendix, attrition"),
    "flow": _present("attrition", "Flow diagram"),
    "baseline": _present("baseline", "Table of characteristics at baseline"),
    "missingness": _present("baseline", "Appendix, not known"),
    "events": _present("estimates", "Events and people at risk beside each estimate and under each curve"),
    "estimates": _present("estimates", "Tables of each question, adjusted and not"),
    "absolute": _absolute,
    "findings": _findings,
    "provenance": _provenance,
}  # fmt: skip
