"""Run as a program: one large import that waits to be killed, or meets a full disk.

python import_in_child.py REGISTRY wait STAGE      stops at a stage until it is killed
python import_in_child.py REGISTRY limit BYTES     no file may grow beyond so many bytes
"""

import resource
import sys
import time
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa

from osteon.contracts.tables import TABLES, Delivery, TargetRows
from osteon.errors import RegistryError
from osteon.registry import delivery_of, import_delivery

PATIENT = """
    patients
    patient_id | last_contact
    1          | 2018-02-01
"""
MANY = 150_000


def large_delivery(rows: int = MANY) -> Delivery:
    """One patient with many laboratory values: enough to be written before the commit."""
    small = delivery_of(PATIENT, source="large")
    values = {
        "patient_id": np.full(rows, "1"),
        "date": np.full(rows, np.datetime64(date(2014, 5, 2))),
        "analyte": [f"analyte {number}" for number in range(rows)],
        "value": np.random.default_rng(1).normal(size=rows),
        "unit": np.full(rows, "mmol/l"),
        "source_row": np.arange(rows),
    }
    schema = TABLES["labs"].schema("calendar")
    labs = pa.table(
        [
            pa.array(values[f.name], f.type) if f.name in values else pa.nulls(rows, f.type)
            for f in schema
        ],
        schema=schema,
    )
    patients = replace(small.targets[0], not_applicable=rows - 1)
    return replace(small, rows_in=rows, targets=(patients, TargetRows("labs", 1, labs)))


def wait_at(stage: str, told: str) -> None:
    """Say that the stage is reached, and stay there."""
    if told.startswith(stage):
        print(told, flush=True)
        time.sleep(120)


def main(path: str, mode: str, what: str) -> None:
    """Import, as asked."""
    if mode == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(what), int(what)))
    try:
        import_delivery(
            path,
            large_delivery(),
            progress=lambda told, _: wait_at(what, told) if mode == "wait" else None,
        )
        print("imported")
    except RegistryError as error:
        print(error)


if __name__ == "__main__":
    main(*sys.argv[1:])
