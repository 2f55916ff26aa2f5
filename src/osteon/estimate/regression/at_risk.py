"""Who is at risk at which event: sums over risk sets, and their transpose.

Everything that Cox's, Fine and Gray's and Firth's models need is one of two sums. *Over* a risk
set: of something that each interval has, at each event (the sum of exp(x'b)). And what an
interval has *met*: of something that each event has, over the events at which the interval was
at risk (its cumulative hazard). Both cost O(n) by running sums over event times. The second
moments of covariates over risk sets need no sums of their own: exchanged, they are one product
of the covariate matrix with itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from osteon.contracts.arrays import Floats, Integers
from osteon.contracts.history import History
from osteon.estimate.regression.spans import Spans

COMPILE_FROM = 20_000
"""Rows from which compiled loops pay for the wait to compile them (once on each machine)."""
_IN_CACHE = 20_000  # event times up to which sums at random places are as fast as in order


@dataclass(frozen=True, eq=False)
class Lingering:
    """Intervals that stay in the risk set after their end, with a weight that falls.

    After a competing event a patient stays at risk of the subdistribution hazard with the
    probability of not yet being censored (Fine & Gray 1999).

    Attributes
    ----------
    row : ndarray of int, shape (m,)
        Intervals that linger.
    cell : ndarray of int, shape (m,)
        First event time after the end of each, in its stratum.
    group : ndarray of int, shape (m,)
        Index of the censoring distribution of each.
    weight : ndarray of float, shape (m,)
        1 / G(exit-) of each.
    factor : ndarray of float, shape (groups, cells)
        G(t-) at each event time.
    """

    row: Integers
    cell: Integers
    group: Integers
    weight: Floats
    factor: Floats


@dataclass(frozen=True, eq=False)
class EventTimes:
    """Event times, numbered stratum by stratum: the *cells* of all sums.

    Attributes
    ----------
    time : ndarray of float, shape (cells,)
        Distinct event times of each stratum.
    stratum : ndarray of int, shape (cells,)
        Index of the stratum of each; ascending.
    offset : ndarray of int, shape (strata + 1,)
        Where each stratum's cells begin.
    first, last : ndarray of int, shape (n,)
        First and last cell in each interval; none if ``first > last``.
    """

    time: Floats
    stratum: Integers
    offset: Integers
    first: Integers
    last: Integers


def event_times(
    history: History, event: NDArray[np.bool_], group: Integers | None = None
) -> EventTimes:
    """Number the event times of each stratum, and find who is at risk at which.

    With ``group``, its codes 0, 1, ... are the strata.

    >>> history = History.of(entry=[0, 3, 0], exit=[3, 9, 9], event=[1, 0, 1])
    >>> cells = event_times(history, history.to_state == 1)
    >>> cells.time.tolist(), cells.first.tolist(), cells.last.tolist()
    ([3.0, 9.0], [0, 1, 0], [0, 1, 1])
    """
    grid = _distinct(history.exit, event)
    left, entered = _positions(history.exit, grid), np.zeros(len(history), dtype=np.int64)
    if history.columns.entry is not None:
        entered = _positions(history.entry, grid)
    strata = len(history.strata) if group is None else int(group.max()) + 1
    if strata <= 1:
        offset = np.array([0, grid.size])
        return EventTimes(grid, np.zeros(grid.size, np.int64), offset, entered, left - 1)
    key = (history.stratum if group is None else group) * (grid.size + 1)
    happened = np.unique(key[event] + left[event] - 1)
    stratum, position = np.divmod(happened, grid.size + 1)
    return EventTimes(
        time=grid[position],
        stratum=stratum,
        offset=np.searchsorted(stratum, np.arange(strata + 1)),
        first=np.searchsorted(happened, key + entered),
        last=np.searchsorted(happened, key + left) - 1,
    )


class AtRisk:
    """Risk sets of intervals ``(entry, exit]`` at each *term* of a partial likelihood.

    A term is a death (Efron's ties) or an event time (Breslow's). Sums are made in tables with
    two *places* for each event time: of those that die at it, and of the others that leave the
    risk set after it. Nothing need be sorted: an interval adds to the place where it ends, and
    looks up there what it has met.

    Parameters
    ----------
    cells : EventTimes
        From `event_times`.
    event : ndarray of bool, shape (n,)
        Whether the interval ends in the event.
    weight : ndarray of float, shape (n,)
        Case weights.
    efron : bool
        Efron's approximation for tied deaths ([1]_), else Breslow's ([2]_).
    lingering : Lingering, optional
        Who stays at risk after the end of the interval.

    Attributes
    ----------
    rows : ndarray of int, shape (m,)
        Intervals that are at risk at some event: all sums are over arrays of these. One that no
        event time falls into says nothing, and must not overflow exp(). They come as in the
        history, or by their end where event times are many.
    event : ndarray of bool, shape (m,)
        Whether each of them ends in the event.
    place : ndarray of int, shape (m,)
        Where it ends: 2 (cell + 1), one more unless it dies; 1 if it only lingers.
    entered : ndarray of int, shape (m,)
        Place of the others at the last event time of the stratum that it missed, 1 if it missed
        none; empty if nobody enters late.
    places : int
        Two for each event time, and two for none.
    deaths : ndarray of int, shape (cells,)
        Events at each event time.
    cell : ndarray of int, shape (terms,)
        Event time of each term.
    fraction : ndarray of float, shape (terms,)
        Share of the tied deaths that has already left the risk set.
    weight : ndarray of float, shape (terms,)
        Weight of the deaths of each term.

    Notes
    -----
    With *d* deaths tied at t and l = 0..d-1, Efron's sums are
    :math:`\\sum_R r_i - \\frac{l}{d} \\sum_D r_i`, each with the deaths' mean weight; Breslow's
    are all :math:`\\sum_R r_i`.

    References
    ----------
    .. [1] Efron (1977), J. Am. Stat. Assoc. 72:557-565, doi:10.1080/01621459.1977.10480613.
    .. [2] Breslow (1974), Biometrics 30:89-99, doi:10.2307/2529620.
    """

    def __init__(
        self,
        cells: EventTimes,
        event: NDArray[np.bool_],
        weight: Floats,
        *,
        efron: bool,
        lingering: Lingering | None = None,
    ) -> None:
        self.size, self.time, self.offset = event.size, cells.time, cells.offset
        self.stratum, self.places = cells.stratum, 2 * cells.time.size + 2
        usual = cells.first <= cells.last
        self._rows(cells, usual, lingering)
        self.event = self.take(event)
        self.place = self.take(_ending(cells.last, event, usual))
        self.entered = self.take(_entering(cells, usual))
        self._terms(self.take(weight), efron)
        self._linger(lingering)

    def _rows(
        self, cells: EventTimes, usual: NDArray[np.bool_], lingering: Lingering | None
    ) -> None:
        informs = usual
        if lingering is not None and not usual.all():
            informs = usual.copy()
            informs[lingering.row] = True
        self.everyone = bool(informs.all()) and cells.time.size <= _IN_CACHE
        self.rows = np.arange(self.size) if self.everyone else np.flatnonzero(informs)
        if cells.time.size > _IN_CACHE:  # sums of neighbours are then found side by side
            self.rows = self.rows[order_of(cells.last[self.rows] + 1, cells.time.size + 1)]

    def take(self, column: NDArray) -> NDArray:
        """Those of a column of the history that are in ``rows``."""
        return column if self.everyone or column.size == 0 else column[self.rows]

    def _terms(self, weight: Floats, efron: bool) -> None:
        self.deaths = deaths = np.bincount(self.place, minlength=self.places)[2::2]
        total = np.asarray(deaths, dtype=np.float64)
        if not (weight == 1).all():
            weights = np.bincount(self.place, weights=weight, minlength=self.places)
            total = np.asarray(weights[2::2], dtype=np.float64)
        self.tied = efron and bool((deaths > 1).any())
        if self.tied:
            self.cell = np.repeat(np.arange(deaths.size), deaths)
            rank = np.arange(self.cell.size) - self._first_term[self.cell]
            self.fraction = rank / deaths[self.cell]
            self.weight = np.asarray(total / deaths)[self.cell]
        else:
            self.cell = np.arange(deaths.size)
            self.fraction = np.zeros(deaths.size)
            self.weight = total

    def _linger(self, lingering: Lingering | None) -> None:
        """Find what lingers among the rows, in their order."""
        self.lingers = lingering is not None and lingering.row.size > 0
        if lingering is None:
            return
        row = lingering.row
        if not self.everyone:
            of_history = np.full(self.size, -1)
            of_history[self.rows] = np.arange(self.rows.size)
            row = of_history[row]
        order = np.argsort(row, kind="stable") if self.time.size > _IN_CACHE else slice(None)
        self.lingering_row, self.lingering_weight = row[order], lingering.weight[order]
        self.lingering_key = (lingering.group * self.time.size + lingering.cell)[order]
        self.factor = lingering.factor

    @cached_property
    def death_row(self) -> Integers:
        """Which rows end in the event, by event time, shape (deaths,)."""
        dying = np.flatnonzero(self.event)
        return dying[order_of(self.place[dying], self.places)]

    @cached_property
    def death_cell(self) -> Integers:
        """Event time of each of ``death_row``."""
        return np.repeat(np.arange(self.time.size), self.deaths)

    @cached_property
    def late(self) -> Integers:
        """Rows that enter after their stratum's first event time."""
        return np.flatnonzero(self.entered > 1)

    @cached_property
    def _late_spans(self) -> Spans:
        """Event times at which they are at risk: summed by additions alone, see `Spans`."""
        first, last = self.entered[self.late] // 2, self.place[self.late] // 2 - 1
        return Spans(first, last, self.time.size)

    @cached_property
    def _first_term(self) -> Integers:
        return np.cumsum(self.deaths) - self.deaths

    def over(self, values: Floats) -> Floats:
        """Sum rows over the risk set of each term: (m, k) -> (terms, k)."""
        sums = summed(self.place, values, self.places)
        dying = sums[2::2].copy()
        if self.late.size:
            prompt = values.copy()
            prompt[self.late] = 0.0
            sums = summed(self.place, prompt, self.places)
        sums = running_back(sums[2::2] + sums[3::2], self.offset)
        if self.late.size:
            sums += self._late_spans.over(values[self.late])
        if self.lingers:
            sums += self._over_lingering(values)
        if not self.tied:
            return sums
        return sums[self.cell] - self.fraction[:, None] * dying[self.cell]

    def met(self, values: Floats) -> Floats:
        """Sum terms over those at which each row is at risk: (terms, k) -> (m, k)."""
        per_cell = self.per_cell(values)
        left = self.left(values)
        met = self.table(per_cell, left)[self.place]
        if self.late.size:
            dying = self.event[self.late, None]
            own = left[self.place[self.late] // 2 - 1]
            met[self.late] = self._late_spans.within(per_cell) - dying * own
        if self.lingers:
            to_come = self.to_come(per_cell)
            met[self.lingering_row] += self.lingering_weight[:, None] * to_come[self.lingering_key]
        return met

    def table(self, per_cell: Floats, left: Floats) -> Floats:
        """Sum event times from the begin of the stratum to each place: (cells, k) -> (places, k).

        The deaths of a time do not meet what they have ``left`` of it.
        """
        until = running(per_cell, self.offset)
        table = np.zeros((self.places, per_cell.shape[1]))
        table[2::2], table[3::2] = until - left, until
        return table

    def per_cell(self, values: Floats) -> Floats:
        """Sum terms by event time: (terms, k) -> (cells, k)."""
        return np.add.reduceat(values, self._first_term) if self.tied else values

    def left(self, values: Floats) -> Floats:
        """What tied deaths do not meet of the terms of their own time: (terms, k) -> (cells, k).

        They meet each in the measure in which they are still in its risk set, as in R's residuals
        after Efron's ties.
        """
        return self.per_cell(values * self.fraction[:, None])

    def expand(self, values: Floats) -> Floats:
        """To every interval of the history, 0 where it says nothing: (m, k) -> (n, k)."""
        every = np.zeros((self.size, *values.shape[1:]))
        every[self.rows] = values
        return every

    def _over_lingering(self, values: Floats) -> Floats:
        weighted = values[self.lingering_row] * self.lingering_weight[:, None]
        return self.lasting(summed(self.lingering_key, weighted, self.factor.size))

    def lasting(self, begun: Floats) -> Floats:
        """Sum over the groups of what began to linger, times each time's factor.

        From (groups x cells, k) to (cells, k).
        """
        sums = np.zeros((self.time.size, begun.shape[1]))
        for factor, of_group in zip(
            self.factor, begun.reshape(*self.factor.shape, -1), strict=True
        ):
            sums += factor[:, None] * running(of_group, self.offset)
        return sums

    def to_come(self, per_cell: Floats) -> Floats:
        """Sum of each group's factor times what is met at each event time from one on.

        From (cells, k) to (groups x cells, k): what those meet who linger from that time on.
        """
        return np.concatenate(
            [running_back(f[:, None] * per_cell, self.offset) for f in self.factor]
        )


def _ending(last: Integers, event: NDArray[np.bool_], usual: NDArray[np.bool_]) -> Integers:
    """Place where each interval ends."""
    place = 2 * last
    place += 3
    place -= event
    return place if usual.all() else np.where(usual, place, 1)


def _entering(cells: EventTimes, usual: NDArray[np.bool_]) -> Integers:
    """Place that each interval missed last, 1 for none; empty if none missed any."""
    if not cells.first.any():
        return np.empty(0, dtype=np.int64)
    first = np.where(usual, cells.first, 0)
    late = first > cells.offset[cells.stratum[first]]
    return np.where(late, 2 * first + 1, 1) if late.any() else np.empty(0, dtype=np.int64)


def summed(code: Integers, values: Floats, size: int) -> Floats:
    """Sum rows by whole numbers 0 to ``size - 1``: (m, k) -> (size, k)."""
    sums = np.empty((size, values.shape[1]))
    for j, column in enumerate(values.T):
        sums[:, j] = np.bincount(code, weights=column, minlength=size)
    return sums


def _distinct(time: Floats, event: NDArray[np.bool_]) -> Floats:
    """Distinct times with an event, ascending."""
    if time.size >= COMPILE_FROM:
        from osteon.estimate.regression import compiled

        days = compiled.whole_days(time, event)
        if days is not None:
            return days
    ascending = np.sort(time[event])
    return ascending[np.diff(ascending, prepend=-np.inf) > 0]


def _positions(time: Floats, grid: Floats) -> Integers:
    """How many of the ascending ``grid`` are at or before each time."""
    if time.size < COMPILE_FROM or grid.size == 0:
        return np.searchsorted(grid, time, side="right")
    from osteon.estimate.regression import compiled

    return compiled.positions(time, grid)


def order_of(code: Integers, codes: int) -> Integers:
    """Stable order of whole numbers 0 to ``codes - 1``."""
    if code.size < COMPILE_FROM:
        return np.argsort(code, kind="stable")
    from osteon.estimate.regression import compiled

    return compiled.counting_order(code, codes)


def running(values: Floats, offset: Integers) -> Floats:
    """Running sums that begin anew at each offset."""
    sums = np.empty_like(values)
    for begin, end in pairwise(offset):
        np.cumsum(values[begin:end], axis=0, out=sums[begin:end])
    return sums


def running_back(values: Floats, offset: Integers) -> Floats:
    """Running sums from the end, anew before each offset."""
    return running(values[::-1], values.shape[0] - offset[::-1])[::-1]
