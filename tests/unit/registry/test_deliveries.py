"""The door: a delivery keeps the contract, or is refused whole."""

from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest

from osteon.contracts.tables import Delivery
from osteon.errors import RegistryError
from osteon.registry import delivery_of, import_delivery

TEXT = """
    patients
    patient_id | sex    | age_years | last_contact
    1          | female | 63        | 2015-03-01
    2          | male   | 58        | 2015-03-01
"""


def with_column(name: str, values: list) -> Delivery:
    delivery = delivery_of(TEXT)
    rows = delivery.targets[0].rows
    at = rows.schema.get_field_index(name)
    rows = rows.set_column(
        at, rows.schema.field(name), pa.array(values, rows.schema.field(name).type)
    )
    return replace(delivery, targets=(replace(delivery.targets[0], rows=rows),))


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("patient_id", ["1", None], "1 values of `patient_id` are missing"),
        ("sex", ["female", "f"], "1 values of `sex` are not of the vocabulary"),
        ("age_years", [-1, 58], "1 values of `age_years` are below the least allowed"),
        ("age_years", [130, 121], "2 values of `age_years` are above the greatest allowed"),
        ("age_years", [float("nan"), 58], "1 values of `age_years` are not finite numbers"),
        ("last_contact_precision", ["day", "week"], "`last_contact` have an unknown precision"),
    ],
)
def test_values_outside_the_contract_are_refused(registry, column: str, values: list, message: str):
    with pytest.raises(RegistryError, match=message):
        import_delivery(registry, with_column(column, values))
    assert registry.empty


def test_missing_values_are_welcome(registry):
    import_delivery(registry, with_column("sex", [None, None]))
    assert registry.table("patients").sex.isnull().all().execute()


def test_a_time_that_is_not_finite_is_refused(registry):
    days = delivery_of("patients\npatient_id | last_contact\n1 | inf", clock="diagnosis")
    with pytest.raises(RegistryError, match="`last_contact` are not finite numbers"):
        import_delivery(registry, days)


def test_an_unknown_table_is_refused(registry):
    delivery = delivery_of(TEXT)
    targets = (replace(delivery.targets[0], table="people"),)
    with pytest.raises(RegistryError, match='table "people"'):
        import_delivery(registry, replace(delivery, targets=targets))


def test_rows_with_other_columns_are_refused(registry):
    delivery = delivery_of(TEXT)
    target = delivery.targets[0]
    targets = (replace(target, rows=target.rows.drop_columns(["sex"])),)
    with pytest.raises(RegistryError, match="do not have the table's columns"):
        import_delivery(registry, replace(delivery, targets=targets))


def test_rows_of_another_clock_are_refused(registry):
    with pytest.raises(RegistryError, match="do not have the table's columns and types"):
        import_delivery(registry, replace(delivery_of(TEXT), clock="diagnosis"))


def test_rows_that_vanish_on_the_way_are_refused(registry):
    with pytest.raises(RegistryError, match=r"of 3 rows read, 2 are accounted for"):
        import_delivery(registry, replace(delivery_of(TEXT), rows_in=3))


def test_an_unknown_topic_of_coverage_is_refused(registry):
    with pytest.raises(RegistryError, match=r'complete for "everything".*antiresorptives'):
        import_delivery(registry, replace(delivery_of(TEXT), complete_for=("everything",)))


def test_dates_at_the_ends_of_the_calendar_are_kept(registry):
    first, last = date(1, 1, 1), date(9999, 12, 31)
    import_delivery(registry, with_column("last_contact", [first, last]))
    days = registry.connection.execute("SELECT last_contact FROM patients ORDER BY 1").fetchall()
    assert days == [(first,), (last,)]
