import csv

import pytest

from osteon.contracts.tables import TABLES
from osteon.errors import InputError
from osteon.sources import deliver, identity_mapping, identity_toml, read_mapping, write_template
from osteon.sources.example import EXAMPLE
from osteon.sources.mapping import parse_mapping


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("template") / "new"
    write_template(folder)
    return folder


@pytest.mark.parametrize("table", TABLES)
def test_the_template_reads_back_as_it_was_written(template, table):
    delivery = deliver(template / f"{table}.csv", read_mapping(template / f"{table}.toml"))
    [target] = delivery.targets
    assert (delivery.source, delivery.synthetic) == (table, True)
    assert not target.set_aside
    assert not target.unreadable
    assert target.rows.num_rows == len(EXAMPLE[table]) == delivery.rows_in
    for row, written in zip(target.rows.to_pylist(), EXAMPLE[table], strict=True):
        for name, text in written.items():
            read = row[name]
            if isinstance(read, bool):
                assert text == ("true" if read else "false")
            elif isinstance(read, int | float):
                assert read == float(text)
            else:
                assert str(read).startswith(text)
        filled = {name for name, value in row.items() if value is not None}
        precisions = {name for name in filled if name.endswith("_precision")}
        assert filled - precisions == {*written, "source_row"}


def test_the_example_is_one_patient_marked_as_such():
    rows = [row for rows in EXAMPLE.values() for row in rows]
    assert {row["patient_id"] for row in rows} == {"EXAMPLE-1"}
    assert set(EXAMPLE) == set(TABLES)


def test_a_month_written_as_a_month_is_one(template):
    [target] = deliver(template / "patients.csv", read_mapping(template / "patients.toml")).targets
    assert target.rows["birth_precision"].to_pylist() == ["month"]


def test_every_column_of_the_contract_is_described(template):
    readme = (template / "README.md").read_text(encoding="utf-8")
    for table in TABLES.values():
        section = readme.split(f"\n## {table.name}\n")[1].split("\n## ")[0]
        for column in table.columns:
            line = next(x for x in section.splitlines() if x.startswith(f"| `{column.name}` |"))
            assert column.doc in line
            assert ("| yes |" in line) == column.required
            assert all(f"`{value}`" in line for value in column.allowed)


def test_filled_in_rows_come_through(template, tmp_path):
    with (template / "patients.csv").open(newline="", encoding="utf-8") as file:
        names = next(csv.reader(file))
    path = tmp_path / "patients.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerow({"patient_id": "P1", "death": "2020-05-17", "death_precision": "month"})
    [target] = deliver(path, identity_mapping("patients")).targets
    [row] = target.rows.to_pylist()
    assert (str(row["death"]), row["death_precision"]) == ("2020-05-01", "month")


def test_a_template_overwrites_nothing(template):
    with pytest.raises(InputError, match=r"already holds README\.md, patients\.csv"):
        write_template(template)


@pytest.mark.parametrize("clock", ["calendar", "diagnosis"])
@pytest.mark.parametrize("table", TABLES)
def test_identity_mappings_fill_every_column(table, clock):
    mapping = identity_mapping(table, clock=clock)
    [block] = mapping.blocks()
    assert list(block.fillings) == [column.name for column in TABLES[table].columns]
    assert mapping.source.clock == clock
    assert parse_mapping(identity_toml(TABLES[table], clock=clock)).digest == mapping.digest
