"""What the intervals should hold, in closed form: constant hazards, times in whole days."""

from __future__ import annotations

import numpy as np

from validity.designs import EVENT_HAZARD, Design


def hazard(design: Design, ratio: float = 1.0) -> float:
    """Hazard of event or death, whichever comes first."""
    return EVENT_HAZARD * ratio + design.death_hazard


def survival(design: Design, time: float, ratio: float = 1.0) -> float:
    """Probability of neither event nor death by a time."""
    return float(np.exp(-hazard(design, ratio) * time))


def incidence(design: Design, time: float, ratio: float = 1.0) -> float:
    """Cumulative incidence of the event with death competing."""
    total = hazard(design, ratio)
    return float(EVENT_HAZARD * ratio / total * -np.expm1(-total * time))


def median(design: Design) -> float:
    """Time by which half had event or death."""
    return float(np.log(2) / hazard(design))


def incidence_quantile(design: Design, share: float) -> float:
    """Time by which a share had the event, death competing."""
    total = hazard(design)
    return float(-np.log1p(-share * total / EVENT_HAZARD) / total)


def mean_time(design: Design, horizon: float, ratio: float = 1.0) -> float:
    """Mean time free of event and death up to a horizon, what happens on a day ending with it."""
    total = hazard(design, ratio)
    return float(np.expm1(-total * horizon) / np.expm1(-total))


def time_lost(design: Design, horizon: float, ratio: float = 1.0) -> float:
    """Mean time lost to the event before a horizon."""
    share = EVENT_HAZARD * ratio / hazard(design, ratio)
    return share * (horizon - mean_time(design, horizon, ratio))


def time_lost_from(design: Design, start: float, horizon: float, ratio: float = 1.0) -> float:
    """Mean time lost to the event between two days, of those free of event and death on the first."""
    free = mean_time(design, horizon, ratio) - mean_time(design, start, ratio)
    share = EVENT_HAZARD * ratio / hazard(design, ratio)
    return share * (horizon - start - free / survival(design, start, ratio))
