"""Write the bootstrap's draws, for R to repeat: votes of `cohort.csv`, rows of `bounds.csv`.

The votes come from osteon itself, which gives the same ones for a seed on every machine; the test
asserts that it still does. Run from the repository's root.
"""

from pathlib import Path

import numpy as np

from osteon.estimate import bootstrap_weights

HERE = Path(__file__).parent
SEED = 20251122

if __name__ == "__main__":
    votes = bootstrap_weights(206, 6, seed=SEED)
    np.savetxt(
        HERE / "votes.csv", votes.T, fmt="%d", delimiter=",", header="a,b,c,d,e,f", comments=""
    )
    rows = np.random.default_rng(SEED).integers(60, size=(39, 60))
    np.savetxt(HERE / "draws.csv", rows, fmt="%d", delimiter=",")
