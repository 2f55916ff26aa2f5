"""A centre's export files become rows of the contract's tables.

`deliver` reads one file (CSV, TSV, XLSX, Parquet) through a mapping (TOML): which column means
what. Every source row ends in exactly one place a block of the mapping: stored, not applicable,
or set aside with a rule and a reason (`RULES`). No message and no reason holds a patient's value.

>>> from pathlib import Path
>>> from tempfile import TemporaryDirectory
>>> mapping = parse_mapping('''
...     [source]
...     dates = ["DD.MM.YYYY"]
...     [patients]
...     patient_id = "PatID"
...     sex        = { column = "Geschlecht", values = { W = "female", M = "male" } }
...     death      = "Sterbedatum"
... ''')
>>> with TemporaryDirectory() as folder:
...     export = Path(folder) / "patienten.csv"
...     _ = export.write_text("PatID;Geschlecht;Sterbedatum\\nP1;W;31.02.2020\\n;M;\\n")
...     [patients] = deliver(export, mapping).targets
>>> len(patients.rows), [(one.source_row, one.rule) for one in patients.set_aside]
(1, [(3, 'S002')])
>>> [(one.column, one.reason) for one in patients.unreadable]
[('death', 'is a day that does not exist')]
"""

from osteon.sources.deliver import Progress, deliver
from osteon.sources.draft import draft_mapping
from osteon.sources.mapping import Mapping, parse_mapping, read_mapping
from osteon.sources.rules import RULES, Rule
from osteon.sources.template import identity_mapping, identity_toml, write_template

__all__ = [
    "RULES",
    "Mapping",
    "Progress",
    "Rule",
    "deliver",
    "draft_mapping",
    "identity_mapping",
    "identity_toml",
    "parse_mapping",
    "read_mapping",
    "write_template",
]
