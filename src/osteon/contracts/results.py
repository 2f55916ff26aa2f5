"""Tidy estimates: what ``study`` hands to ``report`` and to other centres.

``report`` prints what stands here and computes nothing. Everything here is about groups; what
shows single patients (swimmer plot, exact step curves) is `PatientLevel`, kept apart and never
releasable.

Which fields are counts of people, and so may have to be masked before a result leaves the centre,
is part of this contract: `COUNTS`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

from osteon.errors import InputError

Style = Literal["as_published", "recommended", "sensitivity"]
Status = Literal["handled", "bounded", "open", "not_applicable"]
Verdict = Literal["equal", "differs", "not_obtained", "masked"]

SCHEMA_VERSION = 1
NO_COUNTERPART = "no counterpart"
"""A note begins so where one side of a pair, as published or recommended, does not exist."""


@dataclass(frozen=True)
class Estimate:
    """One number with its interval, and everything needed to read it alone.

    Attributes
    ----------
    question, analysis : str
        Which question of the protocol, and which analysis within it; ``analysis`` is the stable
        name that published figures, the ledger and the report refer to.
    style : str
        ``as_published``, ``recommended`` or ``sensitivity``.
    estimand : str
        What is estimated, in words a clinician reads.
    population, group, contrast : str
        Among whom; in which group; against which group (empty if none).
    unit : str
        ``share`` (0-1), ``months``, ``days``, ``ratio``, ``per_100_person_years``, ``count``.
    estimate, conf_low, conf_high : float or None
        None where not reached, not estimable or masked, or where one side of a pair does not
        exist (`NO_COUNTERPART`); ``note`` says which. Limits stand as computed: a symmetric
        interval of a time can reach below 0, and its note says so.
    estimate_high : float or None
        Upper end where the estimate is itself only known to lie in an interval, such as a median
        between two scans: it is printed as that interval.
    conf_level, interval_method
        Of the interval.
    p_value, p_adjusted, test, adjustment
        Of the contrast, if tested; adjusted within the protocol's family of tests, where
        ``adjustment`` says how and over how many.
    at_risk, events : int or None
        People behind the number: denominator and numerator of a share, people and events of a rate.
    person_years : float or None
        Time behind a rate.
    time_days : float or None
        The time a fixed-time estimate is for, or the horizon of a mean.
    method, note : str
        Method in a few words; what a reader must know beside it.
    cautions : tuple of str
        What the estimator itself finds doubtful about the number, each in plain words.
    seed : int or None
        Of a bootstrap or simulation behind the interval.
    releasable : bool
        May leave the centre once small cells are masked.
    """

    question: str
    analysis: str
    style: Style
    estimand: str
    population: str = ""
    group: str = ""
    contrast: str = ""
    unit: str = "share"
    estimate: float | None = None
    estimate_high: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    conf_level: float | None = None
    interval_method: str = ""
    p_value: float | None = None
    p_adjusted: float | None = None
    test: str = ""
    adjustment: str = ""
    at_risk: int | None = None
    events: int | None = None
    person_years: float | None = None
    time_days: float | None = None
    method: str = ""
    note: str = ""
    cautions: tuple[str, ...] = ()
    seed: int | None = None
    releasable: bool = True

    @property
    def tells_counts(self) -> bool:
        """Whether its counts could be worked out from the number: a share, a rate, an odds ratio.

        A hazard ratio, a time or a test statistic hangs on when each event happened, too.
        """
        timed = self.unit in ("months", "days", "years", "chi-squared")
        return not (timed or self.estimand.startswith("hazard ratio"))


@dataclass(frozen=True)
class Curve:
    """A curve on a common grid of times; the exact steps are patient-level and live apart.

    ``kind`` is ``survival`` (falls from 1: free of the event), ``cumulative_incidence`` (rises
    from 0: had the event) or ``turnbull`` (rises from 0: found to have the event by a scan, such
    as a correlate visible on CT). For ``turnbull`` ``estimate[i]`` is reached somewhere between
    ``time_days[i]`` and ``until_days[i]`` and holds from ``until_days[i]`` on; in between the
    curve is undetermined. ``risk_days`` / ``at_risk`` / ``events`` stand under the figure: people
    at risk at each of those times, and events up to it. ``conf_level`` and ``interval_method`` say
    what the limits are, ``cautions`` what the estimator itself finds doubtful, as in `Estimate`.
    """

    question: str
    analysis: str
    style: Style
    kind: Literal["survival", "cumulative_incidence", "turnbull"]
    group: str
    population: str
    time_days: tuple[float, ...]
    estimate: tuple[float, ...]
    conf_low: tuple[float | None, ...]
    conf_high: tuple[float | None, ...]
    risk_days: tuple[float, ...]
    at_risk: tuple[int | None, ...]
    events: tuple[int | None, ...]
    until_days: tuple[float, ...] = ()
    start_days: float = 0.0
    median_days: float | None = None
    median_low_days: float | None = None
    median_high_days: float | None = None
    conf_level: float | None = None
    interval_method: str = ""
    note: str = ""
    cautions: tuple[str, ...] = ()

    @property
    def rises(self) -> bool:
        """Whether the curve counts up from nobody, or (survival) down from everybody."""
        return self.kind != "survival"


@dataclass(frozen=True)
class Count:
    """One cell of a table of counts: ``table`` x ``row`` x ``column``; rows and columns add up."""

    question: str
    table: str
    row: str
    column: str
    count: int | None
    style: Style = "as_published"


@dataclass(frozen=True)
class Summary:
    """One cell of the baseline table.

    A category has ``count`` of ``total`` (``total`` counts those in whom it is known); a number
    has ``median``, ``q1``, ``q3`` and ``total``; ``missing`` counts those in whom it is not known.
    """

    variable: str
    level: str
    group: str
    total: int | None
    missing: int | None
    count: int | None = None
    median: float | None = None
    q1: float | None = None
    q3: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class AttritionStep:
    """One box of the flow diagram.

    ``kept`` people satisfy ``criterion`` and all before it; ``removed`` do not. ``branch`` is
    empty on the main way; a side branch names the analysis that these people are left out of.
    """

    criterion: str
    kept: int | None
    removed: int | None
    branch: str = ""


@dataclass(frozen=True)
class FindingCount:
    """Rows that a data rule found: how many, how severe, what it means for the study, the cure."""

    rule: str
    severity: Literal["reject", "exclude", "warn"]
    table: str
    count: int | None
    patients_in_study: int | None
    reason: str
    cure: str
    excludes: tuple[str, ...] = ()


@dataclass(frozen=True)
class LedgerEntry:
    """One known threat to the study and what was done about it.

    ``status`` is computed from the analyses that ran: ``by`` names them, ``missing`` names those
    that would have handled or bounded it and did not run.
    """

    number: int
    threat: str
    remedy: str
    status: Status
    how: str
    by: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    question: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Comparison:
    """A published figure beside what is obtained by the published method and as recommended.

    ``printed`` is exact, as in the paper; ``derived`` holds counts worked out from printed
    percentages (any of them counts as equal). ``verdict`` judges to the printed digits; ``masked``:
    obtained, and withheld from what leaves the centre. ``group`` is whom the figure is about, empty
    where any group of the analysis may stand behind it.
    """

    figure: str
    printed: str
    obtained: str
    verdict: Verdict
    recommended: str = ""
    why: str = ""
    derived: tuple[str, ...] = ()
    obtained_count: str = ""
    analysis: str = ""
    group: str = ""


@dataclass(frozen=True)
class Card:
    """The answer to a question on the report's first screen.

    Names the analysis whose recommended estimate it shows large, of ``group``, and where ``versus``
    names a second group of that one too, as "92 v 170". Small beside it stands the as-published
    estimate of the same analysis and groups, unless ``published_analysis`` (with
    ``published_groups``, in the order of the title) names another. ``why`` says in one line why the two differ.
    """

    question: str
    title: str
    analysis: str
    group: str = ""
    versus: str = ""
    published_analysis: str = ""
    published_groups: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Method:
    """How an analysis was done, as a sentence for a manuscript, with its references."""

    analysis: str
    style: Style
    sentence: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceCount:
    """What one source file gave to one table: stored + not applicable + set aside = rows in."""

    source: str
    table: str
    rows_in: int
    stored: int
    not_applicable: int
    set_aside: int


@dataclass(frozen=True)
class Provenance:
    """Where the numbers come from: enough to make them again."""

    osteon_version: str
    registry_hash: str
    protocol_name: str
    protocol_version: str
    protocol_hash: str
    seed: int
    clock: str
    synthetic: bool
    data_cut: str = ""
    sources: tuple[SourceCount, ...] = ()


@dataclass(frozen=True)
class Setting:
    """One setting of the protocol in words, and whether the protocol states it or the default holds."""

    name: str
    value: str
    meaning: str
    stated: bool


@dataclass(frozen=True)
class Results:
    """Everything a report prints."""

    title: str
    citation: str
    provenance: Provenance
    population: str
    questions: tuple[str, ...]
    cards: tuple[Card, ...] = ()
    estimates: tuple[Estimate, ...] = ()
    curves: tuple[Curve, ...] = ()
    counts: tuple[Count, ...] = ()
    baseline: tuple[Summary, ...] = ()
    attrition: tuple[AttritionStep, ...] = ()
    findings: tuple[FindingCount, ...] = ()
    ledger: tuple[LedgerEntry, ...] = ()
    published: tuple[Comparison, ...] = ()
    methods: tuple[Method, ...] = ()
    settings: tuple[Setting, ...] = ()
    conditioned_on: str = ""
    small_cell_limit: int = 5
    masked: bool = False

    def find(self, analysis: str, style: str = "", group: str = "") -> tuple[Estimate, ...]:
        """Estimates of an analysis, of one style and group where these are given."""
        return tuple(
            e
            for e in self.estimates
            if e.analysis == analysis
            and (not style or e.style == style)
            and (not group or e.group == group)
        )

    def to_json(self) -> str:
        """Results as JSON text; the same results always give the same text."""
        return json.dumps(
            {"schema": SCHEMA_VERSION, **asdict(self)}, indent=1, sort_keys=True, allow_nan=False
        )

    @classmethod
    def from_json(cls, text: str) -> Results:
        """Read back what `to_json` wrote."""
        data: dict[str, Any] = json.loads(text)
        if data.pop("schema", None) != SCHEMA_VERSION:
            raise InputError(
                "the results file is of another schema version",
                f"this osteon reads version {SCHEMA_VERSION}",
                "run `osteon study` again",
            )
        provenance = data.pop("provenance")
        sources = tuple(SourceCount(**s) for s in provenance.pop("sources"))
        data |= {name: tuple(_row(kind, r) for r in data[name]) for name, kind in _LISTS.items()}
        data["questions"] = tuple(data["questions"])
        return cls(provenance=Provenance(**provenance, sources=sources), **data)


@dataclass(frozen=True)
class SwimmerLane:
    """One patient's course, for the swimmer plot: bars and marks in days since detection."""

    order: int
    bars: tuple[tuple[str, float, float], ...] = ()
    marks: tuple[tuple[str, float], ...] = ()
    ongoing: bool = False


@dataclass(frozen=True)
class PatientLevel:
    """What shows single patients. It stays in the centre and is marked so wherever it is drawn."""

    swimmer: tuple[SwimmerLane, ...] = ()
    steps: tuple[Curve, ...] = ()
    provenance: Provenance | None = None


COUNTS: dict[type, tuple[str, ...]] = {
    Estimate: ("at_risk", "events"),
    Curve: ("at_risk", "events"),
    Count: ("count",),
    Summary: ("total", "missing", "count"),
    AttritionStep: ("kept", "removed"),
    FindingCount: ("count", "patients_in_study"),
}
"""Fields that count people, by row type: what disclosure control has to look at."""

_LISTS: dict[str, type] = {
    "cards": Card,
    "estimates": Estimate,
    "curves": Curve,
    "counts": Count,
    "baseline": Summary,
    "attrition": AttritionStep,
    "findings": FindingCount,
    "ledger": LedgerEntry,
    "published": Comparison,
    "methods": Method,
    "settings": Setting,
}


def _row(kind: type, data: dict[str, Any]) -> Any:
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in data.items()})
