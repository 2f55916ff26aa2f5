"""osteon beside its peers: the same data, one run, through the public interface that validates.

A *cell* is one operation by one package at one size. It runs in a process of its own, apart from
loading and simulating, several times within a limit of seconds; the median counts. Its answer is
compared with osteon's, so that nobody is faster by being wrong. `scripts/bench_cells/` holds the
cells: a module of Python and a script of R a subject, found by their names.

    make bench                                           every cell; writes docs/validation/speed.md
    python scripts/bench.py --only Kaplan --sizes 1000   some of them; writes nothing
    python scripts/bench.py --demo                       wall time and peak memory of the demo
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
CELLS = HERE / "bench_cells"
PAGE = HERE.parent / "docs" / "validation" / "speed.md"
SIZES = (1_000, 10_000, 100_000, 1_000_000)
SEED = 20250101
LIMIT_S = 60.0
MOST_RUNS = 15
ONCE_S = 8.0  # what takes longer is run once
DEMO_RUNS = 3
OURS = "osteon"
SLOW, MISSING, FAILED = "not run (too slow)", "not installed", "failed"

sys.path[:0] = [str(CELLS), str(HERE)]

import bench_aims  # noqa: E402 - beside this script, which tests load by its path
import bench_tables  # noqa: E402

APART = 1e-6  # a larger difference is explained below the table
WHY_APART: dict[tuple[str, str], str] = {
    ("Cumulative incidence with variance", "lifelines"): (
        "moves tied events by a random amount; agrees where none are tied"
    ),
    ("Cox, Efron, five covariates, late entry", "statsmodels"): (
        "counts who enters on the day of a death as at risk that day, [entry, exit] for (entry, "
        "exit]; agrees with entries half a day later"
    ),
    ("Fine-Gray, five covariates, with robust errors", "R mets"): (
        "orders an event of interest and a censoring or competing event of one day otherwise than "
        "R cmprsk and osteon; agrees where there are none"
    ),
    (bench_aims.TURNBULL, "R survival"): (
        "stops when its curve moves by less than 5e-5 in a step, short of the maximum"
    ),
    (bench_aims.TURNBULL, "lifelines"): (
        "stops when the likelihood hardly grows, short of the maximum; comes nearer with a smaller "
        "`tol`"
    ),
}
"""Why a peer's answer differs by more than `APART`: found out by small examples."""


@dataclass(frozen=True)
class Result:
    """One cell: median and first run in seconds, runs and answer; or why there is none."""

    operation: str
    peer: str
    n: int
    seconds: float | None = None
    first: float | None = None
    runs: int = 0
    answer: float | None = None
    why: str = ""


def main() -> None:
    """Run what was asked for; write the page if it was everything."""
    asked = _arguments()
    if asked.worker:
        _work(asked.worker, asked.peer, [int(n) for n in asked.sizes], Path(asked.data))
        return
    if asked.demo:
        print(demo())
        return
    sizes = [int(n) for n in asked.sizes]
    with tempfile.TemporaryDirectory() as folder:
        for n in sorted({*sizes, *_other_sizes(sizes)}):
            _write(cohort(n), Path(folder) / str(n))
        results = list(_run(asked.only, sizes, Path(folder), asked.limit))
    everything = not asked.only and tuple(sizes) == SIZES
    text = page(results, asked.limit)
    if everything:
        text += "\n" + bench_tables.section()
    print(text)
    if everything:
        PAGE.write_text(text, encoding="utf-8")
        print(f"written: {PAGE.relative_to(HERE.parent)}")


def cohort(n: int) -> dict[str, np.ndarray]:
    """Simulate n patients: whole days up to ten years, 2 competing outcomes, 2 groups, 5 covariates.

    ``exit`` counts from diagnosis; ``entry`` and ``late_exit`` are the same course seen from a
    later first visit on.
    """
    rng = np.random.default_rng([SEED, n])
    group = rng.integers(0, 2, n)
    x = np.column_stack(
        [
            rng.normal(size=n),
            rng.normal(size=n),
            rng.integers(0, 2, n),
            rng.integers(0, 4, n),
            rng.random(n),
        ]
    ).round(3)
    risk = np.exp(0.3 * group + x @ [0.3, -0.2, 0.4, 0.1, 0.0])
    first = rng.exponential(1 / (4e-5 * risk))
    second = rng.exponential(1 / (8e-5 * risk))
    censored = rng.uniform(1, 3650, n)
    end = np.minimum(np.minimum(first, second), censored)
    exit_ = np.maximum(np.ceil(end), 1).astype(np.int32)
    event = np.where(end == censored, 0, np.where(end == first, 1, 2)).astype(np.int32)
    entry = np.floor(exit_ * rng.uniform(0, 0.5, n)).astype(np.int32)
    return {
        "id": np.arange(n, dtype=np.int32),
        "entry": entry,
        "exit": exit_,
        "event": event,
        "group": group.astype(np.int32),
        **{f"x{j + 1}": x[:, j].copy() for j in range(5)},
    }


def page(results: list[Result], limit_s: float) -> str:
    """Every operation as a table: a row a package, a column a size, and its ratio to osteon."""
    lines = [
        "<!-- Generated by `make bench`; do not edit. -->\n",
        "# Speed\n",
        "One run on one machine: the same simulated patients for every package, through the public",
        "interface that validates. A figure is the median of repeated runs in a fresh process;",
        "loading packages, data and compiled code is not counted (the first run is not, either). In",
        "brackets: how many times as long as osteon. A cell that would not end within",
        f"{limit_s:g} seconds is marked *{SLOW}*; a package that this machine lacks is *{MISSING}*.",
        "The last column is the largest relative difference of its answer from osteon's; one above",
        f"{APART:.0e} is explained below its table, a smaller one is of rounding, or of iterations that",
        "stop earlier.\n",
        f"{_machine()}\n",
    ]
    lines.append(bench_aims.section(results))
    for operation in dict.fromkeys(r.operation for r in results):
        lines += _table([r for r in results if r.operation == operation])
    return "\n".join(lines)


def demo() -> str:
    """Wall time and peak memory of the demo, run as a user runs it, in a process of its own."""
    seconds = []
    for _ in range(DEMO_RUNS):
        with tempfile.TemporaryDirectory() as out:
            started = time.perf_counter()
            command = [sys.executable, "-m", "osteon", "demo", "--out", out]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds.append(time.perf_counter() - started)
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return (
        f"demo: {min(seconds):.1f} s (best of {DEMO_RUNS}, worst {max(seconds):.1f} s), "
        f"peak {peak_mb:.0f} MB"
    )


def _run(only: str, sizes: list[int], data: Path, limit_s: float) -> Iterator[Result]:
    for operation, peer, language, own_sizes in _cells():
        if only.lower() not in operation.lower():
            continue
        for result in _measure(operation, peer, language, own_sizes or sizes, data, limit_s):
            print(_line(result), file=sys.stderr, flush=True)
            yield result


def _cells() -> list[tuple[str, str, str, list[int] | None]]:
    """(operation, peer, language, sizes of its own) of every cell, osteon first in each."""
    from bench_cell import CELLS as python

    for path in sorted(CELLS.glob("*.py")):
        importlib.import_module(path.stem)
    cells = [(c.operation, c.peer, "python", c.sizes) for c in python]
    if shutil.which("Rscript"):
        listed = subprocess.run(
            ["Rscript", str(CELLS / "bench_cell.R"), "list"],
            capture_output=True,
            text=True,
            check=True,
        )
        own = {operation: sizes for operation, _, _, sizes in cells}
        for line in listed.stdout.splitlines():
            operation, peer = line.split("\t")
            cells.append((operation, peer, "R", own.get(operation)))
    order = list(dict.fromkeys(operation for operation, *_ in cells))
    return sorted(cells, key=lambda c: (order.index(c[0]), c[1] != OURS, c[2] != "R"))


def _measure(
    operation: str, peer: str, language: str, sizes: list[int], data: Path, limit_s: float
) -> Iterator[Result]:
    """Ask one process for all sizes, the smallest first, until one takes too long."""
    numbers = [str(n) for n in sizes]
    python = [sys.executable, __file__, "--worker", operation, "--peer", peer, "--data", str(data)]
    r = ["Rscript", str(CELLS / "bench_cell.R"), "run", operation, peer, str(data)]
    command = [*r, *numbers] if language == "R" else [*python, "--sizes", *numbers]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    left, why = list(sizes), SLOW
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, env=environment)
        seen, since = 0, time.monotonic()
        while True:
            ended = process.poll() is not None
            out.seek(0)
            lines = out.read().splitlines()
            for line in lines[seen:]:
                found = json.loads(line)
                if "why" in found:
                    why = found["why"]
                    continue
                left.remove(found["n"])
                yield Result(operation, peer, **found)
                since = time.monotonic()
            seen = len(lines)
            if ended:
                why = why if why != SLOW or not left else FAILED
                break
            if time.monotonic() - since > limit_s + 10:  # loading is not counted
                process.kill()
                process.wait()
                break
            time.sleep(0.02)
    for n in left:
        yield Result(operation, peer, n, why=why)


def _work(operation: str, peer: str, sizes: list[int], data: Path) -> None:
    """Time one cell in this process; a line of JSON a size."""
    from bench_cell import CELLS as cells

    for path in sorted(CELLS.glob("*.py")):
        importlib.import_module(path.stem)
    cell = next(c for c in cells if (c.operation, c.peer) == (operation, peer))
    for n in sizes:
        try:
            run = cell.prepare(_read(data / str(n)))
        except ModuleNotFoundError:
            print(json.dumps({"why": MISSING}), flush=True)
            return
        print(json.dumps({"n": n, **_timed(run)}), flush=True)


def _timed(run) -> dict[str, float]:
    started = time.perf_counter()
    answer = run()
    first = time.perf_counter() - started
    seconds = [first] if first > ONCE_S else []
    while first <= ONCE_S and (len(seconds) < 3 or (len(seconds) < MOST_RUNS and sum(seconds) < 2)):
        started = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - started)
    return {
        "seconds": statistics.median(seconds),
        "first": first,
        "runs": len(seconds),
        "answer": float(answer),
    }


def _table(results: list[Result]) -> list[str]:
    sizes = sorted({r.n for r in results})
    ours = {r.n: r for r in results if r.peer == OURS}
    lines = [f"## {results[0].operation}\n"]
    lines.append("| package | " + " | ".join(f"n = {n:,}" for n in sizes) + " | difference |")
    lines.append("|---|" + "---:|" * (len(sizes) + 1))
    for peer in dict.fromkeys(r.peer for r in results):
        of_peer = {r.n: r for r in results if r.peer == peer}
        cells = [_cell(of_peer.get(n), ours.get(n)) for n in sizes]
        lines.append(f"| {peer} | " + " | ".join(cells) + f" | {_difference(of_peer, ours)} |")
    return [*lines, "", *_apart(results, ours)]


def _cell(result: Result | None, ours: Result | None) -> str:
    if result is None:
        return ""
    if result.seconds is None:
        return f"*{result.why}*"
    text = _duration(result.seconds)
    if result.peer != OURS and ours is not None and ours.seconds:
        text += f" ({bench_aims.rounded(result.seconds / ours.seconds, 2)}x)"
    return text


def _difference(peer: dict[int, Result], ours: dict[int, Result]) -> str:
    found = _largest_difference(peer, ours)
    if found is None or next(iter(peer.values())).peer == OURS:
        return ""
    return f"{found:.0e}" if found > 0 else "0"


def _largest_difference(peer: dict[int, Result], ours: dict[int, Result]) -> float | None:
    both = [
        abs(r.answer - ours[n].answer) / max(abs(ours[n].answer), 1e-300)
        for n, r in peer.items()
        if r.answer is not None and n in ours and ours[n].answer is not None
    ]
    return max(both, default=None)


def _apart(results: list[Result], ours: dict[int, Result]) -> list[str]:
    """Why some answers differ from osteon's, a line a peer."""
    lines = []
    for peer in dict.fromkeys(r.peer for r in results):
        difference = _largest_difference({r.n: r for r in results if r.peer == peer}, ours)
        if difference is not None and difference > APART:
            why = WHY_APART.get((results[0].operation, peer), "differs: not yet looked into")
            lines.append(f"- {peer} {why}.")
    return [*lines, ""] if lines else []


def _duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size or unit == "µs":
            return f"{seconds / size:.3g} {unit}"
    return ""


def _line(r: Result) -> str:
    what = r.why or f"{_duration(r.seconds or 0)} (first {_duration(r.first or 0)}, {r.runs} runs)"
    return f"{r.operation:45} {r.peer:16} n={r.n:<9,} {what}"


def _machine() -> str:
    processor = platform.processor() or platform.machine()
    return (
        f"{os.cpu_count()} processors ({processor}), Python {platform.python_version()}, "
        f"NumPy {np.__version__}; one thread a package, except osteon's Cox, Fine-Gray and risk "
        "tables, which use two at large n."
    )


def _other_sizes(sizes: list[int]) -> set[int]:
    return {n for *_, own in _cells() for n in own or () if own}


def _write(columns: dict[str, np.ndarray], folder: Path) -> None:
    """Raw columns, which both languages read in no time: *.i32 and *.f64."""
    folder.mkdir()
    for name, values in columns.items():
        values.tofile(folder / f"{name}.{'i32' if values.dtype == np.int32 else 'f64'}")


def _read(folder: Path) -> dict[str, np.ndarray]:
    return {
        path.stem: np.fromfile(path, np.int32 if path.suffix == ".i32" else np.float64)
        for path in sorted(folder.iterdir())
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="operations whose name contains this")
    parser.add_argument("--sizes", nargs="+", default=SIZES, help="numbers of patients")
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="seconds a cell may take")
    parser.add_argument("--demo", action="store_true", help="the demo instead")
    for hidden in ("worker", "peer", "data"):
        parser.add_argument(f"--{hidden}", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
