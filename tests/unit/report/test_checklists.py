from dataclasses import replace

import pytest

from osteon.report.checklists import _RULES, NOT_DONE, _items, checklist_table, ledger_summary


@pytest.mark.parametrize(("name", "items"), [("strobe", 34), ("record", 13)])
def test_every_item_is_there_once(results, name, items):
    table = checklist_table(results, name)
    numbers = [row.cells[0][0] for row in table.rows]
    assert len(numbers) == len(set(numbers)) == items


def test_strobe_runs_from_1_to_22(results):
    numbers = {row.cells[0][0].rstrip("abcde") for row in checklist_table(results, "strobe").rows}
    assert numbers == {str(i) for i in range(1, 23)}


def test_every_rule_is_used_and_known():
    used = {item["filled"] for items in _items().values() for item in items if "filled" in item}
    assert used == set(_RULES)


def where(results, name, item):
    table = checklist_table(results, name)
    return next(row.cells[3][0] for row in table.rows if row.cells[0][0] == item)


def test_what_the_results_cannot_fill_is_not_done(results):
    assert where(results, "strobe", "22") == NOT_DONE
    assert where(results, "record", "12.3") == NOT_DONE


def test_what_is_gone_is_no_longer_done(results):
    assert where(results, "strobe", "13c") == "Flow diagram"
    assert where(replace(results, attrition=()), "strobe", "13c") == NOT_DONE
    assert "imputed" not in where(results, "strobe", "12c").lower().replace("imputed in", "")
    without = tuple(e for e in results.estimates if "imputed" not in e.method)
    assert where(replace(results, estimates=without), "strobe", "12c") == NOT_DONE


def test_limitations_name_what_the_ledger_leaves(results):
    assert where(results, "strobe", "19").endswith("numbers 2, 8, 12, 14, 15")
    assert ledger_summary(results) == "10 handled, 3 bounded, 2 open"
