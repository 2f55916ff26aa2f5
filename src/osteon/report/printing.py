"""How every number is printed, decided once.

HTML, Word, PDF, captions and figure labels all print through here, so a number looks the same
wherever it stands and can be read back. No-break spaces keep a number in one piece.

- Shares are per cent with one decimal, ``34.4 %``; months have one decimal.
- Ratios, rates and chi-squared have three decimals below 0.1, two below 10, one below 100, none above.
- Counts stand together up to four digits; from 10 000 a no-break space groups them: unlike a
  comma it cannot be taken for a decimal mark.
- Intervals take an en dash, or "to" where a bound is negative or is a word.
- p-values have two significant digits, at least two decimals and at most four.
"""

from __future__ import annotations

import re
from typing import Any

from osteon.contracts.protocol import FollowUp
from osteon.contracts.results import NO_COUNTERPART, Curve, Estimate, Results

NBSP = "\u00a0"
MINUS = "\u2212"
DASH = "\u2013"
MASKED = "masked"
NOTHING = DASH
"""Stands where a cell has nothing to say."""

UNITS = {
    "share": "",
    "months": "months",
    "days": "days",
    "ratio": "",
    "per_100_person_years": f"per{NBSP}100{NBSP}person-years",
    "per_person_year": f"per{NBSP}person-year",
    "count": "",
}
STYLES = {
    "as_published": "As published",
    "recommended": "Recommended",
    "sensitivity": "Sensitivity",
}
STATUSES = {
    "handled": "handled",
    "bounded": "bounded",
    "open": "open",
    "not_applicable": "not applicable",
}
VERDICTS = {
    "equal": "equal",
    "differs": "differs",
    "not_obtained": "not obtained",
    "masked": MASKED,
}
QUESTIONS = {
    "who": "Who was studied",
    "how_often": "How often bone is affected",
    "seen_first": "What is seen first",
    "pattern": "What it looks like on CT",
    "skeletal_events": "What happens to the skeleton",
    "survival": "How long patients live",
    "groups": "How the groups compare",
}

_NAMED = {
    "bone_incidence": "Incidence of bone metastasis",
    "bone_predictors": "Predictors of bone metastasis",
    "converted_share": "Share that became visible",
    "families": "Adjustment of families of tests",
    "scan_rate": "Rate of scans",
    "sre_incidence": "Incidence of skeletal-related events",
    "sre_lag": "SRE hazard ratio with lagged exposure",
    "sre_landmark": "SRE rates from a landmark on",
    "sre_triggered_starts": "Treatment begun after the event",
    "survival_at": "Survival at fixed times",
    "survival_by_detection": "Survival since detection",
    "survival_by_era": "Hazard ratio by era",
    "survival_e_value": "E-value",
    "survival_hazard_ratio": "Hazard ratio of death",
    "survival_log_rank": "Log-rank test",
    "survival_median": "Median survival",
    "survival_missing_grade": "Hazard ratio with missing values kept",
    "survival_proportional_hazards": "Test of proportional hazards",
    "survival_rmst": "Restricted mean survival",
    "time_to_visible": "Time until visible on CT",
}
"""Analyses whose name, taken word by word, is not what a clinician would call them."""
_HAPPENED = {"per_person_year": "exam"}
"""What is counted by ``events``, where it is no event."""
_NAMES = r"\b(?:wilson|clopper-pearson|brookmeyer-crowley|fisher|wald|woolf|poisson|greenwood)\b"
_ACRONYMS = {"bm", "ct", "iv", "os", "pet", "prrt", "rmst", "sre", "sstr"}
_INTERVALS = {
    "log-log": "log-log scale",
    "plain": "plain scale",
    "profile": "profile likelihood",
}
"""Intervals whose name alone does not say what they are."""


def number(value: float, unit: str) -> str:
    """Print a value of a unit, without the unit's name.

    >>> number(105 / 305, "share"), number(43.72, "ratio"), number(-13.5, "months")
    ('34.4', '43.7', '−13.5')
    >>> [plain(number(*n)) for n in ((0.0003, "share"), (5660.12, "ratio"), (61204, "count"))]
    ['< 0.1', '5660', '61 204']
    """
    if unit == "share":
        return _share(value)
    if unit == "count":
        return grouped(value, 0)
    if unit in ("ratio", "per_100_person_years", "chi-squared"):
        return _three_digits(value)
    return grouped(value, 1)


def value(estimate: Estimate) -> str:
    """Print the estimate alone, with its unit.

    An estimate with an upper end is known only to lie between the two, such as a median that no
    scan divides.

    >>> plain(value(Estimate("q", "a", "recommended", "share with BM", estimate=0.344)))
    '34.4 %'
    >>> median = Estimate("q", "a", "recommended", "m", unit="months", estimate=14, estimate_high=15)
    >>> plain(value(median))
    'between 14.0 and 15.0 months'
    >>> value(Estimate("q", "a", "recommended", "median", unit="months"))
    'not reached'
    >>> plain(value(Estimate("q", "a", "recommended", "test", unit="chi-squared", estimate=5.183)))
    'χ² = 5.18'
    """
    if estimate.estimate is None:
        return _absence(estimate)
    printed = number(estimate.estimate, estimate.unit)
    if estimate.estimate_high is not None:
        high = number(estimate.estimate_high, estimate.unit)
        printed = f"between{NBSP}{printed} and{NBSP}{high}"
    return _with_unit(printed, estimate.unit)


def interval(estimate: Estimate) -> str:
    """Print the bounds of an estimate, or nothing where it has none.

    >>> share = Estimate("q", "a", "recommended", "m", estimate=0.344, conf_low=0.2932, conf_high=0.3992)
    >>> interval(share)
    '29.3–39.9'
    >>> interval(Estimate("q", "a", "recommended", "m", unit="months", estimate=120, conf_low=98))
    '98.0 to not reached'
    """
    low, high = estimate.conf_low, estimate.conf_high
    if low is None and high is None:
        return ""
    unbounded = "not reached" if estimate.unit in ("months", "days") else "no upper bound"
    printed_low = "no lower bound" if low is None else number(low, estimate.unit)
    printed_high = unbounded if high is None else number(high, estimate.unit)
    plain = low is not None and high is not None and low >= 0
    return f"{printed_low}{DASH if plain else ' to '}{printed_high}"


def value_and_interval(estimate: Estimate) -> str:
    """Print ``34.4 % (29.3–39.9)``."""
    bounds = interval(estimate)
    return f"{value(estimate)} ({bounds})" if bounds else value(estimate)


def level(row: Estimate | Curve) -> str:
    """Print the level of an interval: ``95 % CI``."""
    if row.conf_level is None:
        return ""
    return f"{100 * row.conf_level:.4g}{NBSP}%{NBSP}CI"


def kind(row: Estimate | Curve) -> str:
    """Print the level and the method of an interval, or nothing where there is no interval.

    >>> plain(kind(Estimate("q", "a", "recommended", "m", conf_low=0.1, conf_level=0.95,
    ...                     interval_method="brookmeyer-crowley, log-log")))
    '95 % CI, Brookmeyer-Crowley, log-log scale'
    """
    if isinstance(row, Estimate) and row.conf_low is None and row.conf_high is None:
        return ""
    return ", ".join(part for part in (level(row), interval_name(row.interval_method)) if part)


def interval_name(method: str) -> str:
    """Name the method of an interval as a paper would."""
    return prose(", ".join(_INTERVALS.get(part, part) for part in method.split(", ")))


def p_value(p: float | None) -> str:
    """Print a p-value with its sign of equality.

    >>> [plain(p_value(p)) for p in (0.0232, 0.0054463, 0.2449, 0.00001)]
    ['p = 0.023', 'p = 0.0054', 'p = 0.24', 'p < 0.0001']
    """
    if p is None:
        return ""
    if p < 0.0001:
        return f"p{NBSP}<{NBSP}0.0001"
    if p > 0.99:
        return f"p{NBSP}>{NBSP}0.99"
    decimals = 2 if p >= 0.0995 else 3 if p >= 0.00995 else 4
    return f"p{NBSP}={NBSP}{p:.{decimals}f}"


def events_of(estimate: Estimate) -> str:
    """Print people: ``105/305`` where that is the share, else who is left and what happened.

    >>> events_of(Estimate("q", "a", "recommended", "m", estimate=105 / 305, at_risk=305, events=105))
    '105/305'
    >>> curve = dict(estimate=0.885, at_risk=38, events=4, time_days=1095.75)
    >>> plain(events_of(Estimate("q", "a", "recommended", "survival", **curve)))
    '38 still at risk, 4 events by then'
    >>> none = dict(estimate=0.0, at_risk=76, events=0, time_days=365.25, method="Aalen-Johansen")
    >>> plain(events_of(Estimate("q", "a", "recommended", "incidence", **none)))
    '76 still at risk, 0 events by then'
    """
    events, at_risk = estimate.events, estimate.at_risk
    if events is None and at_risk is None:
        return ""
    timed = estimate.unit == "share" and estimate.time_days is not None
    if estimate.unit == "share" and events is not None and (not timed or _is_fraction(estimate)):
        return f"{count(events)}/{count(at_risk)}"
    people = "" if at_risk is None else f"n{NBSP}={NBSP}{count(at_risk)}"
    noun = _HAPPENED.get(estimate.unit, "event")
    happened = "" if events is None else f"{count(events)}{NBSP}{_plural(noun, events)}"
    if timed:
        people = "" if at_risk is None else f"{count(at_risk)}{NBSP}still at risk"
        happened = f"{happened} by then" if happened else ""
    return ", ".join(part for part in (people, happened) if part)


def _is_fraction(e: Estimate) -> bool:
    """Whether a share is no more than its events among its people, as a crude one is.

    Without an event so far a curve's share looks like one: what tells it is its method.
    """
    if not e.at_risk or e.events is None or e.estimate is None or (e.method and not e.events):
        return False
    return abs(e.events / e.at_risk - e.estimate) < 1e-9


def count(n: int | None, masked: bool = False) -> str:
    """Print a count; an absent one is masked or has nothing to say."""
    if n is None:
        return MASKED if masked else NOTHING
    return grouped(n, 0)


def count_of(n: int | None, total: int | None, masked: bool = False) -> str:
    """Print a count with its share of a total.

    >>> plain(count_of(247, 458))
    '247 (53.9 %)'
    """
    if n is None or not total:
        return count(n, masked)
    return f"{count(n)} ({_with_unit(_share(n / total), 'share')})"


def grouped(value: float, decimals: int) -> str:
    """Print a number with a true minus and, from 10 000, groups of three digits."""
    text = f"{abs(value):.{decimals}f}"
    whole, point, fraction = text.partition(".")
    if len(whole) > 4:
        whole = f"{int(whole):,}".replace(",", NBSP)
    negative = value < 0 and float(text) != 0
    return f"{MINUS if negative else ''}{whole}{point}{fraction}"


def months(days: float, month_days: float) -> str:
    """Print days as months.

    >>> months(487.0, 30.4375)
    '16.0'
    """
    return grouped(days / month_days, 1)


def at_time(days: float, month_days: float) -> str:
    """Print a fixed time in whole months, else in whole days.

    >>> plain(at_time(36 * 30.4375, 30.4375)), plain(at_time(90, 30.4375))
    ('36 months', '90 days')
    """
    time = days / month_days
    if abs(time - round(time)) < 0.005:
        return f"{grouped(time, 0)}{NBSP}months"
    if days == round(days):
        return f"{grouped(days, 0)}{NBSP}days"
    return f"{grouped(time, 1)}{NBSP}months"


def month_days(results: Results) -> float:
    """Length of a month: as the protocol says, else the protocol's default."""
    for setting in results.settings:
        if setting.name == "follow_up.month_days":
            return float(setting.value)
    default: Any = FollowUp.model_fields["month_days"].default
    return float(default)


def in_words(name: str) -> str:
    """Name an analysis or a question as words.

    >>> in_words("overall_survival"), in_words("sre_rate"), in_words("who")
    ('Overall survival', 'SRE rate', 'Who was studied')
    """
    if name in QUESTIONS or name in _NAMED:
        return QUESTIONS.get(name) or _NAMED[name]
    words = [word.upper() if word in _ACRONYMS else word for word in name.split("_")]
    return sentence(" ".join(words))


def plain(text: str) -> str:
    """Print with ordinary spaces, for a terminal or a comparison."""
    return text.replace(NBSP, " ")


def sentence(text: str) -> str:
    """Begin with a capital; ``str.capitalize`` would lower the rest, and with it CT and BM."""
    return text[:1].upper() + text[1:]


def full_sentence(text: str) -> str:
    """Begin with a capital and end with a full stop.

    >>> full_sentence("deaths cut follow-up short"), full_sentence("Why?")
    ('Deaths cut follow-up short.', 'Why?')
    """
    ended = not text or text.endswith((".", "?", "!"))
    return sentence(text) if ended else f"{sentence(text)}."


def prose(text: str) -> str:
    """Print a text that names analyses and methods as a person would write it.

    >>> prose("removed by sre_rate, survival_at"), prose("wilson")
    ('removed by SRE rate, survival at fixed times', 'Wilson')
    """
    names = r"\b[a-z]+(?:_[a-z0-9]+)+\b|\bfamilies\b"
    words = re.sub(names, lambda m: uncapitalised(in_words(m[0])), text)
    return re.sub(_NAMES, lambda m: m[0].title(), words)


def uncapitalised(text: str) -> str:
    """Continue a sentence, unless the first word is an acronym."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _share(value: float) -> str:
    if 0 < value < 0.0005:
        return f"<{NBSP}0.1"
    if 0.9995 <= value < 1:
        return f">{NBSP}99.9"
    return grouped(100 * value, 1)


def _three_digits(value: float) -> str:
    if 0 < abs(value) < 0.0005:
        return f"<{NBSP}0.001" if value > 0 else f">{NBSP}{MINUS}0.001"
    limits = ((0.0995, 3), (9.995, 2), (99.95, 1))
    near_zero = value == 0
    decimals = next((d for limit, d in limits if abs(value) < limit), 0)
    return grouped(value, 2 if near_zero else decimals)


def _with_unit(printed: str, unit: str) -> str:
    if unit == "chi-squared":
        return f"χ²{NBSP}={NBSP}{printed}"
    name = "%" if unit == "share" else UNITS.get(unit, unit.replace("_", NBSP))
    return f"{printed}{NBSP}{name}" if name else printed


def _absence(estimate: Estimate) -> str:
    if MASKED in estimate.note.lower():
        return MASKED
    if estimate.note.startswith(NO_COUNTERPART):
        return NOTHING
    if estimate.note.startswith("infinite"):
        return "infinite"
    if estimate.unit in ("months", "days") and "not estimable" not in estimate.note.lower():
        return "not reached"
    return "not estimable"


def _plural(noun: str, n: int) -> str:
    return noun if n == 1 else f"{noun}s"
