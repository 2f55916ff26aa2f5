"""The compiled loop over replicates and rows, for studies whose replicates would fill the memory.

Imported only from where it is needed: importing numba alone takes half a second.
"""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def curves(counts, cluster, weight, event, cause, by_entry, entered_later, delayed, until, found):
    """Survival and incidences of every replicate, as `replicates.Plan.curves` makes them."""
    events, causes = event.size, found.shape[0] - 1
    at_risk, incidence = np.empty(events), np.empty(causes)
    for b in range(counts.shape[0]):
        votes = counts[b]
        running, row = 0.0, 0
        for e in range(events - 1, -1, -1):
            while row <= event[e]:
                running += votes[cluster[row]] * weight[row]
                row += 1
            at_risk[e] = running
        while row < cluster.size:
            running += votes[cluster[row]] * weight[row]
            row += 1
        if running == 0.0:
            found[:, :, b] = np.nan
            continue
        if delayed:
            running, row = 0.0, 0
            for e in range(events - 1, -1, -1):
                while row < entered_later[e]:
                    running += votes[cluster[by_entry[row]]] * weight[by_entry[row]]
                    row += 1
                at_risk[e] -= running
        survival = 1.0
        incidence[:] = 0.0
        e = 0
        for m in np.argsort(until):
            while e < until[m]:
                happened = votes[cluster[event[e]]] * weight[event[e]]
                if happened > 0.0:
                    share = happened / at_risk[e]
                    incidence[cause[e]] += survival * share
                    survival *= max(1.0 - share, 0.0)
                e += 1
            found[0, m, b] = survival
            found[1:, m, b] = incidence
