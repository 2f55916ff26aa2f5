"""A full set of results, made up by hand: plausible numbers for every question of a study.

`study` is not needed to test how its results are printed. Nothing here was estimated from
patients; the numbers only have to look and add up like a study of 458.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from osteon.contracts.protocol import Protocol
from osteon.contracts.results import (
    AttritionStep,
    Card,
    Comparison,
    Count,
    Curve,
    Estimate,
    FindingCount,
    LedgerEntry,
    Method,
    PatientLevel,
    Provenance,
    Results,
    SourceCount,
    Summary,
    SwimmerLane,
)
from osteon.report import write_report

MONTH = 30.4375
STAGE_IV = "stage IV at diagnosis"
BM = "bone metastases"
NO_BM = "other distant metastases"
KM = "Kaplan & Meier 1958, J Am Stat Assoc 53:457-481"
SUISSA = "Suissa 2008, Am J Epidemiol 167:492-499"
TURNBULL = "Turnbull 1976, J R Stat Soc B 38:290-295"
SEPARATED = "the ratio of antiresorptive would be infinite or 0 without the penalty"
FEW = "11 events for 2 coefficients, fewer than 10 per coefficient: estimates and limits are unreliable"
EARLY = (
    "an event happens with 12 at risk, and later 41 are: the curve and its median hang on it for "
    "good; begin where enough are at risk"
)
FIRTH = "Heinze & Schemper 2002, Stat Med 21:2409-2419"


@pytest.fixture(scope="session")
def results() -> Results:
    return example_results()


@pytest.fixture(scope="session")
def patient_level() -> PatientLevel:
    return example_patient_level()


@pytest.fixture(scope="session")
def written(tmp_path_factory, results, patient_level) -> dict[str, Path]:
    """The whole report of the example, written once."""
    return write_report(
        results, tmp_path_factory.mktemp("report") / "out", patient_level=patient_level
    )


def example_results() -> Results:
    return Results(
        title="Bone metastases in small intestinal neuroendocrine tumours",
        citation="Mathew et al. Front Endocrinol 2025;16:1680209, doi:10.3389/fendo.2025.1680209",
        provenance=example_provenance(),
        population=(
            "458 patients with histologically confirmed neuroendocrine tumour of jejunum or "
            "ileum, seen at the centre from 2003 to 2023; 305 had stage IV at diagnosis"
        ),
        questions=("who", "how_often", "seen_first", "pattern", "skeletal_events", "survival"),
        cards=CARDS,
        estimates=(*WHO, *HOW_OFTEN, *SEEN_FIRST, *PATTERN, *SKELETAL, *SURVIVAL),
        curves=tuple(example_curves()),
        counts=COUNTS,
        baseline=tuple(example_baseline()),
        attrition=ATTRITION,
        findings=FINDINGS,
        ledger=LEDGER,
        published=PUBLISHED,
        methods=METHODS,
        settings=Protocol.parse(PROTOCOL).in_words(),
        conditioned_on=(
            "the counts and medians that the abstract of Mathew et al. 2025 prints: they are "
            "reproduced by construction and are no evidence that the published figures are right"
        ),
    )


PROTOCOL = """
[protocol]
name = "essen_sinet_2025"
title = "Bone metastases in small intestinal neuroendocrine tumours"
questions = ["who", "how_often", "seen_first", "pattern", "skeletal_events", "survival"]
[population]
topography = ["C17.1", "C17.2", "C17.8", "C17.9"]
histologically_confirmed = true
first_visit = { from = 2003-01-01, to = 2023-12-31 }
[follow_up]
time_zero = "diagnosis"
entry = "first_visit"
"""


def example_provenance() -> Provenance:
    return Provenance(
        osteon_version="0.1.0",
        registry_hash="4b1f0c9e" * 8,
        protocol_name="essen_sinet_2025",
        protocol_version="1",
        protocol_hash="7f3a9c04" * 8,
        seed=20250916,
        clock="2025-11-03T09:12:44+00:00",
        synthetic=True,
        data_cut="2024-12-31",
        sources=(
            SourceCount("patients.csv", "patients", 479, 476, 0, 3),
            SourceCount("tumours.csv", "tumours", 481, 477, 0, 4),
            SourceCount("exams.csv", "imaging_exams", 9412, 9395, 0, 17),
            SourceCount("findings.csv", "bone_findings", 14210, 14202, 0, 8),
            SourceCount("therapies.csv", "treatments", 36570, 35311, 1254, 5),
            SourceCount("events.csv", "skeletal_events", 52, 52, 0, 0),
        ),
    )


def share(question, analysis, style, estimand, events, at_risk, low, high, **more) -> Estimate:
    more = {"interval_method": "Wilson", "conf_level": 0.95, **more}
    return Estimate(
        question, analysis, style, estimand, unit="share", estimate=events / at_risk,
        conf_low=low, conf_high=high, at_risk=at_risk, events=events, **more,
    )  # fmt: skip


def estimate(question, analysis, style, estimand, unit, value, low, high, **more) -> Estimate:
    more = {"conf_level": 0.95, **more}
    return Estimate(
        question, analysis, style, estimand, unit=unit, estimate=value,
        conf_low=low, conf_high=high, **more,
    )  # fmt: skip


WHO = (
    share("who", "male", "as_published", "men", 247, 458, 0.49355, 0.58424, population="cohort"),
    share("who", "male", "recommended", "men", 247, 458, 0.49355, 0.58424, population="cohort"),
    estimate(
        "who", "follow_up", "as_published", "median follow-up", "months", 36.0, 24.12, 47.88,
        population=BM, interval_method="symmetric", method="time observed since first visit",
        at_risk=105,
    ),
    estimate(
        "who", "follow_up", "recommended", "median follow-up", "months", 52.43, 44.02, 63.11,
        population=BM, interval_method="log-log", method="reverse Kaplan-Meier", at_risk=105,
        events=68, note="Time observed is shortened by every death; reverse Kaplan-Meier is not.",
    ),
)  # fmt: skip

HOW_OFTEN = (
    share("how_often", "stage_iv", "as_published", "stage IV at diagnosis", 305, 458, 0.62153, 0.70756, population="cohort"),
    share("how_often", "stage_iv", "recommended", "stage IV at diagnosis", 305, 458, 0.62153, 0.70756, population="cohort"),
    share("how_often", "bone_metastases", "as_published", "patients with bone metastases", 105, 305, 0.29316, 0.39923, population=STAGE_IV, interval_method="none printed"),
    share("how_often", "bone_metastases", "recommended", "patients with bone metastases", 105, 305, 0.29316, 0.39923, population=STAGE_IV),
    share("how_often", "bone_metastases", "sensitivity", "patients with bone metastases", 105, 305, 0.29102, 0.40056, population=STAGE_IV, interval_method="Clopper-Pearson"),
    share("how_often", "functioning", "as_published", "functioning tumour", 77, 105, 0.64175, 0.80863, population=STAGE_IV, group=BM),
    share("how_often", "functioning", "as_published", "functioning tumour", 183, 458, 0.35572, 0.44508, population="cohort", group="whole cohort", note="The whole cohort contains the patients with bone metastases: a part is compared with its whole."),
    share("how_often", "functioning", "recommended", "functioning tumour", 77, 105, 0.64175, 0.80863, population=STAGE_IV, group=BM),
    share("how_often", "functioning", "recommended", "functioning tumour", 71, 200, 0.29213, 0.42355, population=STAGE_IV, group="no bone metastases"),
    share("how_often", "functioning", "sensitivity", "functioning tumour", 106, 353, 0.25478, 0.34999, population="cohort", group="rest of cohort"),
    estimate("how_often", "functioning_odds", "as_published", "odds ratio of functioning tumour", "ratio", 4.1321, 2.5563, 6.8207, group=BM, contrast="whole cohort", interval_method="Woolf", p_value=4.1e-9, test="chi-squared"),
    estimate("how_often", "functioning_odds", "recommended", "odds ratio of functioning tumour", "ratio", 4.9965, 2.9603, 8.4340, group=BM, contrast="no bone metastases", population=STAGE_IV, interval_method="Woolf", p_value=3.3e-10, test="Fisher", at_risk=305, events=148),
    estimate("how_often", "functioning_odds", "sensitivity", "odds ratio of functioning tumour", "ratio", 6.4083, 3.9308, 10.4473, group=BM, contrast="rest of cohort", population="cohort", interval_method="Woolf", p_value=3.5e-15, test="Fisher", at_risk=458, events=183),
    estimate("how_often", "predictors", "recommended", "odds ratio of bone metastases, adjusted", "ratio", 3.4411, 1.9512, 6.0688, group="functioning tumour", contrast="not functioning", population=STAGE_IV, interval_method="profile", p_value=1.9e-5, test="likelihood ratio", at_risk=297, events=103, method="logistic, 3 covariates"),
    estimate("how_often", "predictors", "recommended", "odds ratio of bone metastases, adjusted", "ratio", 1.8702, 0.9713, 3.6009, group="liver metastases", contrast="none", population=STAGE_IV, interval_method="profile", p_value=0.0611, test="likelihood ratio", at_risk=297, events=103, method="logistic, 3 covariates"),
    estimate("how_often", "predictors", "recommended", "odds ratio of bone metastases, adjusted", "ratio", 1.2150, 0.7224, 2.0435, group="grade 2 or 3", contrast="grade 1", population=STAGE_IV, interval_method="profile", p_value=0.4627, test="likelihood ratio", at_risk=297, events=103, method="logistic, 3 covariates", note="8 patients without a grade are left out."),
    *(
        estimate("how_often", "bone_incidence", "recommended", "cumulative incidence of bone metastases, death competing", "share", v, lo, hi, population="without bone metastases at time zero", time_days=m * MONTH, interval_method="log-log", method="Aalen-Johansen, delayed entry", at_risk=n, events=d)
        for m, v, lo, hi, n, d in ((12, 0.0413, 0.0251, 0.0629, 331, 17), (36, 0.0991, 0.0718, 0.1317, 228, 38), (60, 0.1532, 0.1166, 0.1947, 151, 55))
    ),
    *(
        estimate("how_often", "bone_incidence", "as_published", "1 - Kaplan-Meier of bone metastases, death censored", "share", v, lo, hi, population="without bone metastases at time zero", time_days=m * MONTH, interval_method="symmetric", method="Kaplan-Meier", at_risk=n, events=d)
        for m, v, lo, hi, n, d in ((12, 0.0428, 0.0226, 0.0630, 340, 17), (36, 0.1083, 0.0746, 0.1420, 236, 38), (60, 0.1779, 0.1316, 0.2242, 158, 55))
    ),
)  # fmt: skip

SEEN_FIRST = (
    share("seen_first", "sstr_only", "as_published", "first seen on receptor imaging only", 51, 105, 0.39228, 0.58012, population=BM),
    share("seen_first", "sstr_only", "recommended", "first seen on receptor imaging only", 51, 105, 0.39228, 0.58012, population=BM),
    share("seen_first", "sstr_only", "sensitivity", "first seen on receptor imaging only", 51, 97, 0.42745, 0.62237, population="BM with a diagnostic CT", note="8 patients had no diagnostic CT at detection and are not assessable."),
    estimate("seen_first", "until_visible", "as_published", "time from receptor imaging to CT, converters", "months", 16.0, 11.2071, 20.7929, population="converters only", interval_method="symmetric", method="Kaplan-Meier on the scan date", at_risk=43, events=43),
    estimate("seen_first", "until_visible", "recommended", "time from receptor imaging to CT", "months", 19.4086, 13.0712, 28.1144, estimate_high=22.8172, population="all seen first on receptor imaging", interval_method="bootstrap", method="Turnbull", seed=20250916, at_risk=51, events=43, note="The median lies inside an interval that no scan divides; it is printed as that interval."),
    estimate("seen_first", "until_visible", "sensitivity", "time from receptor imaging to CT", "months", 23.9113, 18.0123, None, population="censored at PRRT or antiresorptive start", interval_method="bootstrap", method="Turnbull", at_risk=51, events=31, seed=20250916),
)  # fmt: skip

PATTERN = tuple(
    share("pattern", "pattern", style, "pattern on CT", d, n, lo, hi, population=BM, group=g)
    for style, g, d, n, lo, hi in (
        ("as_published", "osteoblastic", 61, 105, 0.48533, 0.67103),
        ("recommended", "osteoblastic", 61, 97, 0.52955, 0.71852),
        ("as_published", "osteolytic", 14, 105, 0.08116, 0.21134),
        ("recommended", "osteolytic", 14, 97, 0.08797, 0.22762),
        ("as_published", "mixed", 14, 105, 0.08116, 0.21134),
        ("recommended", "mixed", 14, 97, 0.08797, 0.22762),
        ("as_published", "no correlate", 8, 105, 0.03913, 0.14324),
        ("recommended", "no correlate", 8, 97, 0.04238, 0.15439),
        ("as_published", "not assessable", 8, 105, 0.03913, 0.14324),
    )
)

UNTREATED, TREATED = "no antiresorptive", "antiresorptive"
SKELETAL = (
    share("skeletal_events", "sre", "as_published", "patients with a skeletal-related event", 13, 105, 0.07382, 0.20043, population=BM),
    share("skeletal_events", "sre", "recommended", "patients with a skeletal-related event", 13, 105, 0.07382, 0.20043, population=BM),
    share("skeletal_events", "sre_by_therapy", "as_published", "skeletal-related event by therapy", 13, 48, 0.16574, 0.41029, population=BM, group=UNTREATED, p_value=1.3818e-5, test="Fisher"),
    share("skeletal_events", "sre_by_therapy", "as_published", "skeletal-related event by therapy", 0, 57, 0.0, 0.06275, population=BM, group=TREATED, interval_method="Clopper-Pearson"),
    estimate("skeletal_events", "sre_rate", "recommended", "rate of first skeletal-related event", "per_100_person_years", 7.9134, 3.9503, 14.1595, population=BM, group=UNTREATED, interval_method="exact Poisson", at_risk=101, events=11, person_years=139.0, method="exposure time-dependent"),
    estimate("skeletal_events", "sre_rate", "recommended", "rate of first skeletal-related event", "per_100_person_years", 0.0, 0.0, 2.4008, population=BM, group=TREATED, interval_method="exact Poisson", at_risk=59, events=0, person_years=153.65, method="exposure time-dependent"),
    estimate("skeletal_events", "sre_rate", "sensitivity", "rate of first skeletal-related event", "per_100_person_years", 7.2011, 3.5947, 12.8849, population=BM, group=UNTREATED, interval_method="exact Poisson", at_risk=101, events=11, person_years=152.8, method="lag 60 days"),
    estimate("skeletal_events", "sre_rate", "sensitivity", "rate of first skeletal-related event", "per_100_person_years", 0.0, 0.0, 2.6353, population=BM, group=TREATED, interval_method="exact Poisson", at_risk=57, events=0, person_years=139.98, method="lag 60 days"),
    estimate("skeletal_events", "sre_odds", "as_published", "odds ratio of a skeletal-related event", "ratio", None, 4.0211, None, population=BM, group=UNTREATED, contrast=TREATED, interval_method="exact conditional", p_value=1.3818e-5, test="Fisher", at_risk=105, events=13, note="No event in one arm: the odds ratio has no upper bound."),
    estimate("skeletal_events", "sre_odds", "recommended", "odds ratio of a skeletal-related event", "ratio", 43.7183, 5.5012, 5660.12, population=BM, group=UNTREATED, contrast=TREATED, interval_method="profile penalised likelihood", p_value=1.02e-5, test="likelihood ratio", at_risk=105, events=13, method="Firth"),
    estimate("skeletal_events", "sre_hazard", "recommended", "hazard ratio of a first skeletal-related event", "ratio", 0.0421, 0.0003, 0.3307, population=BM, group=TREATED, contrast=UNTREATED, interval_method="profile penalised likelihood", p_value=0.00021, test="likelihood ratio", at_risk=101, events=11, method="Firth Cox, exposure time-dependent", note="not causal", cautions=(SEPARATED, FEW)),
    estimate("skeletal_events", "sre_hazard", "sensitivity", "hazard ratio of a first skeletal-related event", "ratio", 0.1203, 0.0009, 1.0412, population=BM, group=TREATED, contrast=UNTREATED, interval_method="profile penalised likelihood", p_value=0.0561, test="likelihood ratio", at_risk=88, events=7, method="landmark 90 days", cautions=(FEW,)),
    *(
        estimate("skeletal_events", "sre_incidence", "recommended", "cumulative incidence of a skeletal-related event, death competing", "share", v, lo, hi, population=BM, group=g, time_days=36 * MONTH, interval_method="log-log", method="Aalen-Johansen", at_risk=n, events=d)
        for g, v, lo, hi, n, d in ((UNTREATED, 0.1931, 0.1004, 0.3082, 29, 10), (TREATED, 0.0, None, None, 38, 0))
    ),
)  # fmt: skip

SURVIVAL = (
    estimate("survival", "overall_survival", "as_published", "median overall survival", "months", 127.04, 98.3111, 155.7689, population=STAGE_IV, group=BM, interval_method="symmetric", p_value=0.023, test="log-rank", at_risk=105, events=49, method="Kaplan-Meier from diagnosis, entry ignored"),
    estimate("survival", "overall_survival", "as_published", "median overall survival", "months", 170.02, 141.2, 198.84, population=STAGE_IV, group=NO_BM, interval_method="symmetric", at_risk=200, events=61, method="Kaplan-Meier from diagnosis, entry ignored"),
    estimate("survival", "overall_survival", "recommended", "median overall survival", "months", 108.2136, 84.5021, 139.4908, population=STAGE_IV, group=BM, interval_method="log-log", p_value=0.0093, p_adjusted=0.0186, test="log-rank", at_risk=105, events=49, method="Kaplan-Meier, delayed entry", cautions=(EARLY,)),
    estimate("survival", "overall_survival", "recommended", "median overall survival", "months", 158.4312, 131.9055, None, population=STAGE_IV, group=NO_BM, interval_method="log-log", at_risk=200, events=61, method="Kaplan-Meier, delayed entry"),
    estimate("survival", "overall_survival", "sensitivity", "median overall survival", "months", 101.7002, 79.1143, 131.2936, population=STAGE_IV, group=BM, interval_method="log-log", at_risk=105, events=49, method="unconditional: from the first day"),
    estimate("survival", "overall_survival", "sensitivity", "median overall survival", "months", None, 128.6201, None, population=STAGE_IV, group=NO_BM, interval_method="log-log", at_risk=200, events=61, method="unconditional: from the first day"),
    *(
        estimate("survival", "survival_at", style, "overall survival", "share", v, lo, hi, population=STAGE_IV, group=g, time_days=m * MONTH, interval_method="log-log", at_risk=n, events=d)
        for style, g, m, v, lo, hi, n, d in (
            ("as_published", BM, 60, 0.7832, 0.6871, 0.8529, 61, 20), ("as_published", NO_BM, 60, 0.8513, 0.7889, 0.8967, 118, 26),
            ("recommended", BM, 60, 0.7224, 0.6108, 0.8073, 52, 20), ("recommended", NO_BM, 60, 0.8106, 0.7398, 0.8640, 104, 26),
            ("as_published", BM, 120, 0.5277, 0.4077, 0.6345, 24, 40), ("as_published", NO_BM, 120, 0.6723, 0.5820, 0.7473, 49, 50),
            ("recommended", BM, 120, 0.4501, 0.3329, 0.5603, 22, 40), ("recommended", NO_BM, 120, 0.6128, 0.5169, 0.6952, 45, 50),
        )
    ),
    *(
        estimate("survival", "rmst", "recommended", "mean survival within 120 months", "months", v, lo, hi, population=STAGE_IV, group=g, contrast=c, time_days=120 * MONTH, interval_method="Greenwood", p_value=p, test="z" if p else "", at_risk=n, events=d)
        for g, c, v, lo, hi, p, n, d in ((BM, "", 84.1022, 75.0103, 93.1941, None, 105, 40), (NO_BM, "", 97.6011, 92.1034, 103.0988, None, 200, 50), (BM, NO_BM, -13.4989, -24.1203, -2.8775, 0.0127, 305, 90))
    ),
    estimate("survival", "hazard", "as_published", "hazard ratio of death", "ratio", 1.5531, 1.0621, 2.2710, population=STAGE_IV, group=BM, contrast=NO_BM, interval_method="Wald", p_value=0.0232, test="Wald", at_risk=305, events=110, method="Cox, age, sex, grade; ever-BM; entry ignored"),
    estimate("survival", "hazard", "recommended", "hazard ratio of death", "ratio", 1.8204, 1.2307, 2.6927, population=STAGE_IV, group=BM, contrast=NO_BM, interval_method="Wald", p_value=0.0027, test="Wald", at_risk=297, events=107, method="Cox (Efron), age, sex, grade; BM time-dependent; delayed entry"),
    estimate("survival", "hazard", "sensitivity", "hazard ratio of death", "ratio", 1.7311, 1.1502, 2.6054, population=STAGE_IV, group=BM, contrast=NO_BM, interval_method="Wald", p_value=0.0086, test="Wald", at_risk=305, events=110, method="missing grade imputed 20 times", seed=20250916),
)  # fmt: skip

CARDS = (
    Card("who", "Median follow-up in bone metastases", "follow_up", why="Deaths end observation: the time observed understates how long patients were watched."),
    Card("how_often", "Bone metastases, stage IV at diagnosis", "bone_metastases", why="The same 105 of 305; the interval says how far a centre of this size can tell."),
    Card("seen_first", "Until visible on CT", "until_visible", why="All 51 are counted, not only those that converted, and the scan date is not the event date."),
    Card("pattern", "Osteoblastic pattern", "pattern", "osteoblastic", why="8 patients without a diagnostic CT cannot be read and leave the denominator."),
    Card("skeletal_events", "Skeletal events, without v with antiresorptive", "sre_rate", UNTREATED, TREATED, "sre_by_therapy", why="Time before the first dose belongs to the untreated; none seen is not none possible."),
    Card("survival", "Median survival, bone v other metastases", "overall_survival", BM, NO_BM, why="Patients are counted from the visit at which the centre first saw them."),
)  # fmt: skip


def example_curves():
    yield from _survival("as_published", 0.0, 127.04, 170.02, "Entry is ignored.")
    bone, others = _survival("recommended", 4.2, 108.21, 158.43, "")
    yield replace(bone, cautions=(EARLY,))
    yield others
    yield from _survival(
        "sensitivity",
        0.0,
        101.7,
        None,
        "Unconditional: from the first day, however few are at risk.",
    )
    for group, rate, n in ((UNTREATED, 0.0072, 48), (TREATED, 0.0, 57)):
        yield _curve(
            "skeletal_events",
            "sre_incidence",
            "recommended",
            "cumulative_incidence",
            group,
            BM,
            n,
            96,
            lambda t, r=rate: 0.27 * (1 - math.exp(-4 * r * t)),
        )
    yield _curve(
        "how_often",
        "bone_incidence",
        "as_published",
        "cumulative_incidence",
        "",
        "without bone metastases at time zero",
        353,
        120,
        lambda t: 0.30 * (1 - math.exp(-0.0142 * t)),
    )
    yield _curve(
        "how_often",
        "bone_incidence",
        "recommended",
        "cumulative_incidence",
        "",
        "without bone metastases at time zero",
        353,
        120,
        lambda t: 0.25 * (1 - math.exp(-0.0150 * t)),
    )
    yield _curve(
        "seen_first",
        "until_visible",
        "as_published",
        "survival",
        "converters only",
        "converters only",
        43,
        48,
        lambda t: math.exp(-((t / 20) ** 1.6)),
        median=16.0,
        low=11.2,
        high=20.8,
    )
    yield _turnbull()  # fmt: skip


def _survival(style, start, median_bm, median_other, note):
    for group, median, n in ((BM, median_bm, 105), (NO_BM, median_other, 200)):
        yield _curve(
            "survival", "overall_survival", style, "survival", group, STAGE_IV, n, 180,
            lambda t, m=median: math.exp(-math.log(2) * (t / (m or 185)) ** 1.25),
            start=start, median=median, low=median and median * 0.78,
            high=median and (median * 1.29 if median < 150 else None), note=note,
        )  # fmt: skip


def _curve(
    question,
    analysis,
    style,
    kind,
    group,
    population,
    n,
    months,
    value,
    *,
    start=0.0,
    median=None,
    low=None,
    high=None,
    note="",
):
    grid = [float(m) for m in range(math.ceil(start), months + 1)]
    estimates = [round(value(m), 6) for m in grid]
    scale = value(start) if kind == "survival" else 1.0
    steps = [min(1.0, e / scale) for e in estimates]
    width = [0.012 + 0.11 * math.sqrt(m / months) for m in grid]
    risk = [float(m) for m in range(0, months + 1, max(12, months // 8 // 12 * 12))]
    return Curve(
        question, analysis, style, kind, group, population,
        time_days=tuple(m * MONTH for m in grid),
        estimate=tuple(steps),
        conf_low=tuple(max(0.0, round(e - w, 6)) if 0 < e < 1 else None for e, w in zip(steps, width, strict=True)),
        conf_high=tuple(min(1.0, round(e + w, 6)) if 0 < e < 1 else None for e, w in zip(steps, width, strict=True)),
        risk_days=tuple(m * MONTH for m in risk),
        at_risk=tuple(max(0, round(n * (1 - m / months) ** 1.3 - (8 if start and m == 0 else 0))) for m in risk),
        events=tuple(round(n * 0.5 * (1 - math.exp(-m / 70)) * (0 if group == TREATED else 1)) for m in risk),
        start_days=start * MONTH,
        median_days=median and median * MONTH,
        median_low_days=low and low * MONTH,
        median_high_days=high and high * MONTH,
        note=note,
    )  # fmt: skip


def _turnbull() -> Curve:
    steps = ((3.1, 5.9, 0.93), (6.8, 8.2, 0.86), (9.9, 12.4, 0.74), (13.0, 15.2, 0.64), (16.1, 18.3, 0.545), (19.4086, 22.8172, 0.432), (25.2, 26.4, 0.35), (28.0, 33.1, 0.24), (38.3, 41.9, 0.157))  # fmt: skip
    return Curve(
        "seen_first", "until_visible", "recommended", "turnbull",
        "seen first on receptor imaging", "all seen first on receptor imaging",
        time_days=tuple(a * MONTH for a, _, _ in steps),
        until_days=tuple(b * MONTH for _, b, _ in steps),
        estimate=tuple(round(1 - s, 3) for _, _, s in steps),
        conf_low=(None,) * len(steps), conf_high=(None,) * len(steps),
        risk_days=tuple(m * MONTH for m in (0, 12, 24, 36, 48)),
        at_risk=(51, 40, 24, 13, 8), events=(0, 11, 27, 35, 43),
        
        note="Deaths before a correlate was seen are censored: cause-specific.",
    )  # fmt: skip


COUNTS = tuple(
    Count(question, table, row, column, count)
    for question, table, cells in (
        (
            "skeletal_events", "Skeletal-related event by antiresorptive therapy",
            {UNTREATED: {"event": 13, "no event": 35, "all": 48}, TREATED: {"event": 0, "no event": 57, "all": 57}, "all": {"event": 13, "no event": 92, "all": 105}},
        ),
        (
            "skeletal_events", "Skeletal-related event by pattern on CT",
            {"osteolytic": {"event": 9, "no event": 5}, "mixed": {"event": 3, "no event": 11}, "osteoblastic": {"event": 1, "no event": 60}, "no correlate": {"event": 0, "no event": 8}, "not assessable": {"event": 0, "no event": 8}},
        ),
        (
            "pattern", "Pattern on CT by what saw it first",
            {"osteoblastic": {"receptor imaging only": 29, "also on CT": 32}, "osteolytic": {"receptor imaging only": 6, "also on CT": 8}, "mixed": {"receptor imaging only": 8, "also on CT": 6}, "no correlate": {"receptor imaging only": 8, "also on CT": 0}, "not assessable": {"receptor imaging only": 0, "also on CT": 8}},
        ),
    )
    for row, columns in cells.items()
    for column, count in columns.items()
)  # fmt: skip


def example_baseline():
    groups = (("all", 458), (BM, 105), ("no bone metastases", 353))
    for g, n in groups:
        yield Summary("age at diagnosis", "", g, n, 0, median=58.2, q1=50.1, q3=66.9, unit="years")
    for variable, levels in (
        ("sex", {"male": (247, 56, 191), "female": (211, 49, 162)}),
        ("stage IV at diagnosis", {"yes": (305, 105, 200), "no": (153, 0, 153)}),
        ("WHO grade", {"G1": (238, 44, 194), "G2": (195, 56, 139), "G3": (14, 3, 11)}),
        ("functioning tumour", {"yes": (183, 77, 106), "no": (275, 28, 247)}),
        ("liver metastases", {"yes": (271, 94, 177), "no": (187, 11, 176)}),
    ):
        known = [sum(counts[i] for counts in levels.values()) for i in range(3)]
        for level, counts in levels.items():
            for i, (g, n) in enumerate(groups):
                yield Summary(variable, level, g, known[i], n - known[i], count=counts[i])
    for (g, n), missing in zip(groups, (121, 19, 102), strict=True):
        yield Summary("chromogranin A", "", g, n - missing, missing, median=2.9, q1=1.2, q3=11.7, unit="x upper limit")  # fmt: skip


ATTRITION = (
    AttritionStep("Patients in the registry", 476, 0),
    AttritionStep("Primary in jejunum or ileum (C17.1, C17.2, C17.8, C17.9)", 471, 5),
    AttritionStep("Neuroendocrine morphology, histologically confirmed", 464, 7),
    AttritionStep("First visit at the centre from 2003-01-01 to 2023-12-31", 458, 6),
    AttritionStep("Stage IV at diagnosis", 305, 153, branch="bone metastases among stage IV"),
    AttritionStep("With bone metastases", 105, 200, branch="skeletal events"),
    AttritionStep("Follow-up longer than zero days", 456, 2, branch="overall survival"),
)

FINDINGS = (
    FindingCount("T003", "reject", "patients", 3, 0, "The same patient was exported twice.", "Correct the export; the first row was kept."),
    FindingCount("T007", "exclude", "tumours", 6, 6, "Death lies before the last contact.", "Look up both dates.", excludes=("overall_survival", "hazard")),
    FindingCount("T014", "warn", "treatments", 12, 9, "Therapy ends before it starts. Rows are left as they are and no estimate uses them.", "Correct the end date."),
    FindingCount("T021", "warn", "tumours", 4, 4, "Grade and Ki-67 disagree.", "Ask pathology; the grade as recorded is used."),
)  # fmt: skip

LEDGER = tuple(
    LedgerEntry(i, threat, remedy, status, how, by=by, missing=missing, question=question, reference=reference)
    for i, (threat, remedy, status, how, by, missing, question, reference) in enumerate(
        (
            ("Immortal time: the treated had to stay event-free until their first dose", "time-dependent exposure, landmarks, person-time rates", "handled", "Exposure begins with the first dose; the time before it counts as untreated.", ("sre_rate", "sre_hazard"), (), "skeletal_events", SUISSA),
            ("Reverse causation and confounding by indication", "lags, baseline covariates, E-value", "bounded", "Lags of 60 and 90 days leave the answer unchanged in direction; confounding by pattern is not removed.", ("sre_rate",), ("target_trial",), "skeletal_events", ""),
            ("A scan date is not an event date", "Turnbull estimate on (last negative, first positive]", "handled", "Interval-censored estimate on all 51.", ("until_visible",), (), "seen_first", TURNBULL),
            ("Median of converters only", "all patients seen first on receptor imaging in the risk set", "handled", "8 never converted and are counted.", ("until_visible",), (), "seen_first", ""),
            ("Death competes with skeletal events", "Aalen-Johansen", "handled", "Cumulative incidence with death competing.", ("sre_incidence",), (), "skeletal_events", ""),
            ("Late entry: referral years after diagnosis", "delayed-entry risk sets", "handled", "Patients count from their first visit.", ("overall_survival", "hazard"), (), "survival", ""),
            ("Bone metastasis happens in time", "time-dependent covariate", "handled", "Before detection a patient counts as without.", ("hazard",), (), "survival", ""),
            ("Stage migration and lead time", "strata by era; anchor at visible disease", "bounded", "Receptor-only and visible disease are shown apart; era is not.", ("overall_survival",), ("era_strata",), "survival", ""),
            ("An arm without events", "Firth, exact bounds", "handled", "Odds ratio 43.7 by Firth; upper bound of the empty arm printed.", ("sre_odds",), (), "skeletal_events", FIRTH),
            ("A part compared with its whole", "compare with the complement", "handled", "Functioning compared with stage IV without bone metastases.", ("functioning_odds",), (), "how_often", ""),
            ("Few events for many covariates", "penalise or refuse; print events per parameter", "handled", "11 events, one covariate, penalised.", ("sre_hazard",), (), "skeletal_events", ""),
            ("Missing grade; scans more frequent in functioning patients", "missingness table, imputation, scan rates", "bounded", "Grade imputed in a sensitivity run; scan rates are not compared.", ("hazard",), ("scan_rates",), "how_often", ""),
            ("Many tests", "families declared beforehand, Holm", "handled", "The protocol is fixed and hashed; one family, Holm.", ("holm",), (), "", ""),
            ("Hazards are not proportional", "Schoenfeld test, RMST, fixed-time survival", "open", "RMST is printed; the test of proportionality did not run.", ("rmst",), ("schoenfeld",), "survival", ""),
            ("Adjustment leaves out era, liver burden, performance status", "covariates from a declared causal graph", "open", "Age, sex and grade only.", (), ("causal_graph",), "survival", ""),
        ),
        start=1,
    )
)  # fmt: skip

PUBLISHED = (
    Comparison("cohort", "458", "458", "equal", recommended="458", analysis="male"),
    Comparison("stage IV at diagnosis", "66.6%", "66.6%", "equal", recommended="66.6 % (62.2–70.8)", derived=("305/458",), obtained_count="305/458", analysis="stage_iv"),
    Comparison("bone metastases among stage IV at diagnosis", "34.4%", "34.4%", "equal", recommended="34.4 % (29.3–39.9)", derived=("105/305",), obtained_count="105/305", analysis="bone_metastases"),
    Comparison("first seen on receptor imaging only", "48.6%", "48.6%", "equal", recommended="48.6 % (39.2–58.0)", derived=("51/105",), obtained_count="51/105", analysis="sstr_only"),
    Comparison("until visible on CT", "16 months", "16 months", "equal", recommended="between 19.4 and 22.8", why="all 51, interval-censored", analysis="until_visible"),
    Comparison("skeletal events without antiresorptive", "27%", "27%", "equal", recommended="7.91 per 100 person-years", why="time-dependent exposure", derived=("13/48", "13/49"), obtained_count="13/48", analysis="sre_by_therapy"),
    Comparison("skeletal events, treated against untreated", "p < 0.0001", "p < 0.0001", "equal", recommended="p = 0.0002", why="time-dependent exposure", analysis="sre_by_therapy"),
    Comparison("median overall survival, bone metastases", "127 months", "127 months", "equal", recommended="108.2 (84.5–139.5)", why="delayed entry", analysis="overall_survival"),
    Comparison("log-rank", "p = 0.023", "p = 0.024", "differs", recommended="p = 0.0093", why="delayed entry", analysis="overall_survival"),
    Comparison("median follow-up", "36 months", "", "not_obtained", recommended="52.4 (44.0–63.1)", why="reverse Kaplan-Meier", analysis="follow_up"),
)  # fmt: skip

METHODS = (
    Method("bone_metastases", "recommended", "Proportions are given with Wilson score intervals at the 95 % level.", ("Wilson 1927, J Am Stat Assoc 22:209-212",)),
    Method("bone_incidence", "recommended", "The cumulative incidence of bone metastases was estimated by the Aalen-Johansen method with death as a competing event and delayed entry at the first visit.", ("Aalen & Johansen 1978, Scand J Stat 5:141-150",)),
    Method("until_visible", "recommended", "Time from detection on receptor imaging to a correlate on CT was estimated by the non-parametric maximum likelihood estimator for interval-censored data, among all patients seen first on receptor imaging.", (TURNBULL,)),
    Method("until_visible", "as_published", "As in the original report, the median was also taken among converters at the date of the scan that first showed a correlate.", ()),
    Method("pattern", "recommended", "A patient with any osteolytic lesion was classed osteolytic, else with any mixed lesion mixed, else by the majority of lesions.", ()),
    Method("sre_rate", "recommended", "Skeletal-related events were counted per person-time with antiresorptive therapy as a time-dependent exposure; exact Poisson limits are given.", (SUISSA,)),
    Method("sre_odds", "recommended", "With no event in one arm, the odds ratio was estimated by Firth's penalised likelihood with profile limits.", (FIRTH,)),
    Method("overall_survival", "recommended", "Overall survival was estimated by the Kaplan-Meier method from diagnosis with delayed entry at the first visit; curves start at the first time with at least 20 patients at risk and are conditional on reaching it.", (KM, "Brookmeyer & Crowley 1982, Biometrics 38:29-41")),
    Method("hazard", "recommended", "Hazard ratios are from Cox models (Efron ties) with bone metastasis as a time-dependent covariate, adjusted for age, sex and grade.", ("Cox 1972, J R Stat Soc B 34:187-220",)),
    Method("follow_up", "recommended", "Median follow-up was estimated by the reverse Kaplan-Meier method.", ("Schemper & Smith 1996, Control Clin Trials 17:343-346",)),
)  # fmt: skip


def example_patient_level() -> PatientLevel:
    lanes = []
    for i in range(40):
        seen, first = 4.0 + 37 * (i * 7 % 13), 10.0 * (i * 11 % 17)
        end = 260.0 + 97.0 * (i * 5 % 29)
        bars = [("seen on receptor imaging only", first, first + seen + 200)]
        if first + seen + 200 < end:
            bars.append(("visible on CT", first + seen + 200, end))
        marks = [("death", end)] if i % 3 == 0 else []
        if i % 4 == 1:
            marks.append(("skeletal-related event", min(end, first + 310.0)))
        if i % 2:
            marks.append(("antiresorptive start", min(end, first + 420.0)))
        lanes.append(SwimmerLane(i, tuple(bars), tuple(marks), ongoing=i % 3 != 0))
    return PatientLevel(
        swimmer=tuple(lanes),
        steps=tuple(
            replace(c, note="exact steps") for c in example_curves() if c.question == "survival"
        ),
        provenance=example_provenance(),
    )
