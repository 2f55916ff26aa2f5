"""How long a risk table takes, and how much memory, beside reading its columns.

    python scripts/bench_tables.py                  every case at a million and ten million rows
    python scripts/bench_tables.py 1000000 entry    one case, in this process: a line of JSON

*Reading* is the least that anything can do with the columns: one pass of `numpy.sum` over each.
*Counting days* is the least that a table can do: one compiled loop that adds every row to the cell
of its day, without a check. Building is ``risk_table(History.of(...))``: checks included. Memory
is what the process holds at its peak beyond what it held before, in bytes of the input: the table
that is returned is part of it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from bench_aims import rounded

ROWS = (1_000_000, 10_000_000)
CASES = {
    "whole days": ("days", "event"),
    "whole days, late entry": ("days", "event", "entry"),
    "whole days, late entry, weights, strata": ("days", "event", "entry", "weight", "stratum"),
    "any times": ("times", "event"),
    "any times, late entry": ("times", "event", "early"),
    "any times, weights": ("times", "event", "weight"),
}
NAMES = {"days": "exit", "times": "exit", "early": "entry"}
AIM = 2.0
RUNS = 9
WARM = 100_000


def columns(n: int) -> dict[str, np.ndarray]:
    """Simulate ten years of follow-up, on whole days or at any time."""
    rng = np.random.default_rng([20250101, n])
    days = rng.integers(1, 3651, n, dtype=np.int32)
    entry = (days * rng.uniform(0, 0.9, n)).astype(np.int32)
    return {
        "days": days,
        "entry": entry,
        "times": days - rng.random(n),
        "early": entry * 0.9 - rng.random(n),
        "event": rng.random(n) < 0.4,
        "weight": rng.uniform(0.5, 2, n),
        "stratum": rng.integers(0, 2, n, dtype=np.int8),
    }


def measured(n: int, case: str) -> dict[str, float]:
    """Seconds of reading, counting days and building, and memory in bytes of the input."""
    import numba

    from osteon.contracts.history import History
    from osteon.estimate import risk_table

    def build(given: dict[str, np.ndarray]) -> object:
        return risk_table(History.of(**given))

    @numba.njit
    def add(cells: np.ndarray, day: np.ndarray) -> None:
        for t in day:
            cells[np.int64(t)] += 1

    build(_given(columns(WARM), case))
    every = columns(n)
    given = _given(every, case)
    del every
    day = given["exit"]
    add(np.zeros(3652), day)
    size = sum(column.nbytes for column in given.values())
    before = _peak_bytes(reset=True)
    table = build(given)
    grown = _peak_bytes() - before
    del table
    return {
        "rows": n,
        "reading": _seconds(lambda: [column.sum() for column in given.values()]),
        "counting": _seconds(lambda: add(np.zeros(3652), day)),
        "building": _seconds(lambda: build(given)),
        "memory": grown / size,
    }


def section() -> str:
    """The page's part on risk tables, every case in a process of its own."""
    lines = [
        "## Building a risk table\n",
        "Reading is one pass of `numpy.sum` over every column; counting days one compiled loop that",
        "adds each row to the cell of its day, without a check; building is",
        "`risk_table(History.of(...))`. In brackets: how many times as long as reading. Memory is",
        "the peak beyond the input, the table included, in bytes of the input. Where time is",
        "missed: any times are put in order first, which moves every one of them twice and compares",
        "it with its neighbours, and the table has a column for every one, which is written too; with",
        "weights a row writes three numbers, to cells that lie apart. Where memory is: the columns of",
        "a table of any times hold three numbers (four with late entry), and so it is itself that",
        "large; beside it there is one byte an end for what happens at it, and with weights these, in",
        "order. Any times are counted in two threads, whole days from 4,000,000 rows on, weighted ones",
        "from 500,000.\n",
        "| columns | rows | reading | counting days | building | memory | aim of 2x |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for case in CASES:
        for n in ROWS:
            command = [sys.executable, str(Path(__file__).resolve()), str(n), case]
            found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            lines.append(_row(case, found))
    return "\n".join([*lines, ""])


def _row(case: str, found: dict[str, float]) -> str:
    times = found["building"] / found["reading"]
    late = [
        f"{x} {rounded(r, 2)} times"
        for x, r in (("time", times), ("memory", found["memory"]))
        if r > AIM
    ]
    verdict = "missed: " + ", ".join(late) if late else "reached"
    milliseconds = [f"{rounded(1e3 * found[x], 3)} ms" for x in ("reading", "counting", "building")]
    return (
        f"| {case} | {found['rows']:,} | {milliseconds[0]} | {milliseconds[1]} "
        f"| {milliseconds[2]} ({rounded(times, 2)}x) | {rounded(found['memory'], 2)}x | {verdict} |"
    )


def _given(every: dict[str, np.ndarray], case: str) -> dict[str, np.ndarray]:
    return {NAMES.get(name, name): every[name] for name in CASES[case]}


def _seconds(work: Callable[[], object]) -> float:
    work()
    seconds = []
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def _peak_bytes(reset: bool = False) -> float:
    """Most memory this process has held, or holds now and counts from; nan outside Linux."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
    return 1024.0 * int(line.split()[1])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measured(int(sys.argv[1]), " ".join(sys.argv[2:]))))
    else:
        print(section())
