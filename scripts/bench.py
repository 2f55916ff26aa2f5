"""Wall time and peak memory of the demo, run as a user runs it, in a process of its own."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time

RUNS = 3


def main() -> None:
    """Run the demo a few times and print the fastest run and the largest peak."""
    seconds = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as out:
            started = time.perf_counter()
            command = [sys.executable, "-m", "osteon", "demo", "--out", out]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds.append(time.perf_counter() - started)
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"demo: {min(seconds):.1f} s (best of {RUNS}, worst {max(seconds):.1f} s), peak {peak_mb:.0f} MB"
    )


if __name__ == "__main__":
    main()
