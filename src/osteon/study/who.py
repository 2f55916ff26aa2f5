"""Who: the patients, what is known of them, how long they were followed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from osteon.cohort import Cohort
from osteon.cohort.histories import exam_history, survival_history
from osteon.contracts.history import YEAR_DAYS
from osteon.contracts.results import Summary
from osteon.contracts.tables import SURVIVAL
from osteon.estimate import (
    follow_up,
    kaplan_meier,
    median_of_values,
    quantile,
    rate,
    risk_table,
    robust_rates,
)
from osteon.study.answer import TIME_ZEROS, Answer, Rows, analyses, finite, interval_of, together
from osteon.study.references import SCHEMPER_SMITH

QUESTION = "who"


def cohort_size(cohort: Cohort, rows: Rows) -> Answer:
    """How many patients."""
    n = len(cohort.people)
    rows = rows.of(estimand="patients", unit="count", estimate=float(n), at_risk=n)
    return Answer((rows.row("as_published"), rows.row("recommended")))


def male_share(cohort: Cohort, rows: Rows) -> Answer:
    """Share of men among those whose sex is known."""
    sex = cohort.people.sex.dropna()
    sex = sex[sex != "unknown"]
    men, n = int((sex == "male").sum()), len(sex)
    rows = rows.of(estimand="share of men", population="all patients")
    return Answer((rows.share("as_published", men, n), rows.share("recommended", men, n)))


def median_age(cohort: Cohort, rows: Rows) -> Answer:
    """Median age at diagnosis, with an interval that assumes no distribution."""
    found = median_of_values(cohort.people.age)
    row = dict(
        estimand="median age at diagnosis",
        population="all patients",
        unit="years",
        estimate=found.median,
        at_risk=found.n,
        note=f"age not known in {found.missing}" if found.missing else "",
    )
    interval = dict(
        conf_low=found.conf_low,
        conf_high=found.conf_high,
        conf_level=found.conf_level,
        interval_method="order statistics",
    )
    return Answer((rows.row("as_published", **row), rows.row("recommended", **row, **interval)))


def follow_up_median(cohort: Cohort, rows: Rows) -> Answer:
    """Median follow-up: as the paper took it, and by reverse Kaplan-Meier."""
    settings = cohort.protocol.follow_up
    among = cohort.usable(SURVIVAL)
    if settings.median_in == "bone_metastasis":
        among &= cohort.has_bm
    followed = survival_history(cohort, among, delayed_entry=False, origin=settings.median_from)
    history = followed.history
    since = TIME_ZEROS[settings.median_from]
    rows = rows.of(
        estimand=f"median follow-up since {since}",
        population="patients with bone metastasis"
        if settings.median_in == "bone_metastasis"
        else "all patients",
        at_risk=len(history),
        note=followed.told(),
    )
    reverse = quantile(kaplan_meier(risk_table(follow_up(history)))["all"])
    recommended = rows.months(
        "recommended", reverse, settings.month_days, method="reverse Kaplan-Meier"
    )
    if settings.median_as_published == "reverse_kaplan_meier":
        published = rows.months(
            "as_published", reverse, settings.month_days, method="reverse Kaplan-Meier"
        )
    else:
        observed = median_of_values(history.exit).median / settings.month_days
        published = rows.row(
            "as_published",
            unit="months",
            estimate=observed,
            method="median of observed times",
            note=together(
                "deaths cut follow-up short, so this understates how long patients could be followed",
                followed.told(),
            ),
        )
    sentence = f"Median follow-up since {since} was estimated by the reverse Kaplan-Meier method, death censored."
    return Answer(
        (published, recommended), methods=(rows.method("recommended", sentence, SCHEMPER_SMITH),)
    )


def baseline(cohort: Cohort, rows: Rows) -> Answer:
    """Baseline table by bone metastasis, with what is missing."""
    groups = baseline_groups(cohort)
    summaries = [
        summary
        for group, members in groups.items()
        for summary in _describe(cohort.people[members], cohort, group)
    ]
    return Answer(baseline=tuple(summaries))


def scan_rate(cohort: Cohort, rows: Rows) -> Answer:
    """Days with an exam a patient-year by functioning: who is scanned more is found to have more.

    A patient's exams are not independent, so the interval is robust; without any it is exact.
    """
    estimates = []
    for label, members in _functioning(cohort.people).items():
        history = exam_history(cohort, members)
        if not len(history):
            continue
        days, time = int((history.to_state == 1).sum()), (history.exit - history.entry).sum()
        if days:
            found, method = robust_rates(history, "exam", per=YEAR_DAYS)["all"], "robust"
        else:
            found, method = rate(0, time / YEAR_DAYS), "exact (Garwood)"
        row = rows.row(
            "recommended",
            estimand="days with an imaging exam, a patient-year under observation",
            group=label,
            population="all patients with a first visit",
            unit="per_person_year",
            **{**interval_of(found), "interval_method": method},
            events=days,
            person_years=float(time / YEAR_DAYS),
            at_risk=int(np.unique(history.subject).size),
            note="scanned more often means found more often: read prevalence by group beside this",
        )
        estimates.append(row)
    return Answer(tuple(estimates))


def baseline_groups(cohort: Cohort) -> dict[str, pd.Series]:
    """Columns of the baseline table: everybody, and those studied with and without BM."""
    everyone = pd.Series(True, index=cohort.people.index)
    groups = {"all patients": everyone}
    if cohort.has_bm.any():
        groups |= {
            "with bone metastasis": cohort.has_bm,
            "without bone metastasis": cohort.without_bm,
        }
    if cohort.people.assigned.notna().any():
        arms = sorted(cohort.people.assigned.dropna().unique())
        groups |= {str(arm): cohort.people.assigned == arm for arm in arms}
    return groups


def _describe(people: pd.DataFrame, cohort: Cohort, group: str) -> Iterator[Summary]:
    for variable, unit, values in _numbers(cohort):
        if values.notna().any():
            found = median_of_values(values[people.index])
            yield Summary(
                variable,
                "",
                group,
                total=found.n,
                missing=found.missing,
                unit=unit,
                median=finite(found.median),
                q1=finite(found.quartile_1),
                q3=finite(found.quartile_3),
            )
    for variable, values, levels in _categories(people, cohort):
        known = values.dropna()
        for level in levels:
            yield Summary(
                variable,
                level,
                group,
                total=len(known),
                missing=int(values.isna().sum()),
                count=int((known == level).sum()),
            )


def _numbers(cohort: Cohort) -> Iterator[tuple[str, str, pd.Series]]:
    people = cohort.people
    yield "age at diagnosis", "years", people.age
    if cohort.has_calendar:
        yield "year of diagnosis", "year", people.diagnosis_year
    yield "Ki-67", "%", people.ki67_percent
    month = cohort.protocol.follow_up.month_days
    yield "diagnosis to first visit", "months", people.first_visit / month


def _categories(people: pd.DataFrame, cohort: Cohort) -> Iterator[tuple[str, pd.Series, list[str]]]:
    everyone = cohort.people
    candidates = {
        "sex": ("sex", None),
        "grade": ("grade", None),
        "stage": ("stage", None),
        "functioning": ("functioning", {True: "yes", False: "no"}),
        "liver metastases at diagnosis": ("liver_at_diagnosis", {True: "yes", False: "no"}),
        "stage IV at diagnosis": ("stage_iv_at_diagnosis", {True: "yes", False: "no"}),
    }
    for label, (column, names) in candidates.items():
        values = (
            everyone[column] if names is None else everyone[column].map(names, na_action="ignore")
        )
        levels = sorted(values.dropna().unique(), key=_level_order)
        # A source that tells of no liver metastasis at all did not look: that is not "no".
        if levels and not (column == "liver_at_diagnosis" and levels == ["no"]):
            yield label, values.loc[people.index], levels


def _level_order(level: str) -> tuple[int, str]:
    return (0 if level == "yes" else 1, level)


def _functioning(people: pd.DataFrame) -> dict[str, pd.Series]:
    status = people.functioning
    return {
        "functioning": status == True,  # noqa: E712 - missing stays out of both
        "not functioning": status == False,  # noqa: E712
    }


ANALYSES = analyses(
    QUESTION,
    cohort_size,
    male_share,
    median_age,
    follow_up_median,
    baseline,
    scan_rate,
    alone={"scan_rate": "papers do not print how often patients are scanned"},
)
