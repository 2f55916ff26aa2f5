"""What the speed page aims at, what one run obtained, and why where that is less.

The ratios are those of the run that writes the page. A sentence in `WHY` is written by hand, after
looking; it holds no number, so that none can go stale.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

OURS = "osteon"


@dataclass(frozen=True)
class Aim:
    """Of one operation at one size: how many times as fast as the quickest of some peers.

    ``peers`` are named by how they begin; "" is all, "python" all but R. ``limit_s`` is what our
    own run may take, where the aim is one in seconds.
    """

    operation: str
    n: int
    times: float = 0.0
    peers: str = "R "
    limit_s: float = float("inf")


BOOTSTRAP = "1,000 bootstraps of the differences in survival and incidence"
TURNBULL = "Turnbull's estimate (osteon: certified)"
SPEED = (
    Aim("Kaplan-Meier with limits", 1_000_000, 400, "R survival"),
    Aim("Log-rank test of two groups", 1_000_000, 400, "R survival"),
    Aim("Cumulative incidence with variance", 1_000_000, 300),
    Aim("Cox, Efron, five covariates", 1_000_000, 20, "R survival"),
    Aim("Cox, Efron, five covariates, late entry", 1_000_000, 20, "R survival"),
    Aim("Fine-Gray, five covariates, with robust errors", 1_000_000, 100),
    Aim(BOOTSTRAP, 500, 500, limit_s=0.010),
    Aim(TURNBULL, 1_000, 300, "R survival"),
    Aim(TURNBULL, 20_000, limit_s=10),
)
WHY: dict[tuple[str, int], str] = {
    (TURNBULL, 1_000): (
        "survfit stops short of the maximum, see `turnbull`; ours goes on until it is certified."
    ),
}
TIE = 0.05
"""Two times whose ratio is this near to 1 are as fast: the next run may turn them round."""
SMALL = 1_000
LARGE = 10_000


def section(results: list) -> str:
    """The page's table of aims, for those whose cells were run."""
    aims = list(_aims(results))
    if not aims:
        return ""
    lines = [
        "## Aims\n",
        "Obtained is the time of the quickest of the peers that the aim is against, over osteon's, in",
        "this run; why is said by hand. An aim of 1x is to be no slower, and a ratio within 5% of 1 is",
        "a tie. At n = 1,000 the aim is R: the tables below show where a Python package is quicker",
        "there, as one without limits or with fewer checks can be. Osteon's Cox and Fine-Gray use two",
        "threads at large n, the peers one.\n",
        "| operation | n | against | aim | obtained | | why |",
        "|---|---:|---|---|---:|---|---|",
        *(line for aim in aims if (line := _line(aim, results))),
    ]
    return "\n".join([*lines, ""])


def _aims(results: list) -> Iterable[Aim]:
    run = {(r.operation, r.n) for r in results if r.peer == OURS and r.seconds}
    yield from (aim for aim in SPEED if (aim.operation, aim.n) in run)
    for operation, n in sorted(run):
        if n == SMALL and not any((a.operation, a.n) == (operation, n) for a in SPEED):
            yield Aim(operation, n, 1)
        if n >= LARGE:
            yield Aim(operation, n, 1, "python")


def _line(aim: Aim, results: list) -> str:
    here = [r for r in results if (r.operation, r.n) == (aim.operation, aim.n)]
    ours = next(r.seconds for r in here if r.peer == OURS)
    peers = [r for r in here if r.peer != OURS and _meant(aim, r.peer)]
    took = {r.peer: r.seconds for r in peers if r.seconds}
    slow = [r.peer for r in peers if r.why == "not run (too slow)"]
    in_time = ours <= aim.limit_s
    if not took and not slow and aim.times:
        return ""
    quickest = min(took, key=took.__getitem__, default="")
    obtained = took[quickest] / ours if took else float("nan")
    reached = in_time and (not aim.times or obtained >= aim.times)
    shown, verdict = f"{rounded(obtained, 3)}x", "reached" if reached else "missed"
    if not took:
        shown, verdict = "", "not known: no peer ended" if aim.times else verdict
    elif aim.times and obtained < aim.times:
        verdict = f"missed by a factor of {aim.times / obtained:.2g}"
    if took and aim.times == 1 and abs(obtained - 1) <= TIE:
        reached, verdict = True, "as fast: a tie"
    if aim.limit_s < float("inf"):
        shown = f"{shown} {ours * 1e3:.3g} ms".strip()
    why = "" if reached or not took else WHY.get((aim.operation, aim.n), "not yet looked into")
    against = quickest or ", ".join(slow)
    return (
        f"| {aim.operation} | {aim.n:,} | {against} | {_asked(aim)} | {shown} | {verdict} | {why} |"
    )


def _meant(aim: Aim, peer: str) -> bool:
    return not peer.startswith("R ") if aim.peers == "python" else peer.startswith(aim.peers)


def _asked(aim: Aim) -> str:
    parts = [f"{aim.times:g}x"] if aim.times else []
    parts += [f"{aim.limit_s * 1e3:g} ms"] if aim.limit_s < float("inf") else []
    return ", ".join(parts)


def rounded(number: float, digits: int) -> str:
    """So many digits of a number, written out: 1,130 and not 1.13e+03."""
    return f"{float(f'{number:.{digits}g}'):,g}"
