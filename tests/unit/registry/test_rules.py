"""Every rule finds its own smallest example, and none of them finds healthy patients."""

import re
from dataclasses import dataclass

import pytest

from osteon.contracts.tables import ANALYSES
from osteon.registry import RULES, check, delivery_of, import_delivery, marked, rules_markdown
from osteon.registry.rules import Rule


def left_out(registry, rule: str) -> set[str]:
    analyses = "SELECT DISTINCT analysis FROM excluded WHERE rule = ?"
    return {analysis for (analysis,) in registry.connection.execute(analyses, [rule]).fetchall()}


EVERY_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def findings_of(registry, rule: str) -> list[tuple]:
    return registry.connection.execute(
        "SELECT table_name, source_row FROM findings WHERE rule = ? ORDER BY source_row", [rule]
    ).fetchall()


@EVERY_RULE
def test_a_rule_finds_its_smallest_example_and_does_what_its_severity_says(registry, rule: Rule):
    import_delivery(registry, delivery_of(rule.example))
    expected = [(rule.tables[0], None)] if rule.of_registry else marked(rule.example)
    assert expected
    assert findings_of(registry, rule.id) == expected
    assert left_out(registry, rule.id) == set(rule.excludes)
    for table, source_row in marked(rule.example):
        kept = registry.connection.execute(
            f"SELECT count(*) FROM {table} WHERE source_row = ?", [source_row]
        ).fetchone()
        assert kept == (0 if rule.severity == "reject" else 1,)


def test_no_rule_finds_healthy_patients(registry, healthy):
    report = import_delivery(registry, healthy)
    assert report.checks.findings == ()
    assert report.checks.not_run == ()


@EVERY_RULE
def test_a_rule_is_told_completely(rule: Rule):
    assert re.fullmatch(r"T\d{3}", rule.id)
    assert (rule.severity == "exclude") == bool(rule.excludes)
    assert set(rule.excludes) <= set(ANALYSES)
    assert not rule.reason.endswith(".")
    assert rule.cure.endswith(".") or rule.cure.endswith(")")


@EVERY_RULE
def test_an_example_also_shows_a_row_that_is_not_found(rule: Rule):
    tables = {table for table, _ in marked(rule.example)}
    targets = [t for t in delivery_of(rule.example).targets if t.table in tables]
    assert rule.of_registry or sum(t.rows.num_rows for t in targets) > len(marked(rule.example))


def test_no_id_is_used_twice():
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_rules_that_need_a_calendar_say_so_instead_of_keeping_silent(registry):
    days = """
        patients
        patient_id | last_contact
        1          | 400.5
    """
    report = import_delivery(registry, delivery_of(days, clock="diagnosis"))
    assert {rule.rule for rule in report.checks.not_run} == {
        rule.id for rule in RULES if rule.needs_calendar
    }
    assert "T026 Not heard of for a year: not run, it needs calendar dates." in (
        check(registry).sentences()
    )


def test_the_page_explains_every_rule_once():
    page = rules_markdown()
    for rule in RULES:
        assert page.count(f'### <a id="{rule.id.lower()}"></a>{rule.id} {rule.title}\n') == 1
        assert rule.cure in page


@dataclass(frozen=True)
class ReadersRule:
    id: str = "S001"
    title: str = "a required value is empty"
    scope: str = "row"
    reason: str = "a required value is empty"
    example: str = "an exam without a date"
    cure: str = "fill it in"


def test_the_page_puts_the_readers_rules_first():
    page = rules_markdown([ReadersRule()])
    assert page.index("## While files are read") < page.index("## When the registry is checked")
    assert (
        '### <a id="s001"></a>S001 A required value is empty\n\nA required value is empty.\n\n'
        "**What follows.** The row is set aside."
    ) in page
    assert "**What to do.** Fill it in.\n\n**Smallest example.** an exam without a date" in page
