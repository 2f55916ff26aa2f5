"""Groups: an outcome compared between assigned groups, such as the arms of a trial."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from osteon.cohort import Cohort
from osteon.cohort.histories import Followed, survival_history
from osteon.contracts.results import Estimate, Style
from osteon.contracts.tables import SURVIVAL
from osteon.errors import ProtocolError, did_you_mean
from osteon.estimate import (
    CoxFit,
    Curve,
    FirthFit,
    cox,
    firth_cox,
    kaplan_meier,
    log_rank,
    proportional_hazards,
    quantile,
    restricted_mean_difference,
    risk_table,
    symmetric_quantile,
)
from osteon.study.answer import PAIR, Answer, Rows, analyses, in_plain_words, ratio_of
from osteon.study.curves import at_months, below_zero, on_grid
from osteon.study.references import (
    BROOKMEYER,
    COX,
    EFRON,
    FIRTH_COX,
    GRAMBSCH,
    KAPLAN_MEIER,
    ROYSTON,
)

QUESTION = "groups"


def groups_median(cohort: Cohort, rows: Rows) -> Answer:
    """Median time to the outcome in each group."""
    month = cohort.protocol.follow_up.month_days
    rows = rows.of(estimand=f"median time to {_outcome(cohort)}")
    followed = _followed(cohort)
    answer = Answer()
    curves = list(_curves(followed))
    longest = max((curve.end for _, curve, _, _ in curves), default=0.0)
    for group, curve, n, events in curves:
        told = followed.told(_groups(cohort) == group)
        of_group = rows.of(group=group, at_risk=n, events=events, note=told)
        recommended = of_group.months("recommended", quantile(curve), month, method="Kaplan-Meier")
        symmetric = symmetric_quantile(curve)
        published = of_group.months(
            "as_published",
            symmetric,
            month,
            method="Kaplan-Meier",
            note=below_zero(symmetric),
        )
        drawn, steps = on_grid(
            of_group,
            "recommended",
            curve,
            cohort,
            group=group,
            median=recommended,
            note="as published it is the same curve; the interval of its median differs",
            until_days=longest,
        )
        answer += Answer((published, recommended), curves=(drawn,), steps=(steps,))
    sentence = f"Time to {_outcome(cohort)} was estimated by Kaplan-Meier in each assigned group."
    return answer + Answer(
        methods=(rows.method("recommended", sentence, KAPLAN_MEIER, BROOKMEYER),)
    )


def groups_log_rank(cohort: Cohort, rows: Rows) -> Answer:
    """Log-rank test between the groups."""
    followed = _followed(cohort)
    history = followed.history
    rows = rows.of(
        estimand="difference between the curves",
        unit="chi-squared",
        population=", ".join(history.strata),
    )
    if len(history.strata) < 2:
        return rows.nothing("only one group is followed")
    test = log_rank(risk_table(history))
    rows = rows.of(
        estimate=test.statistic,
        p_value=test.p_value,
        test=f"log-rank, {test.df} df",
        at_risk=len(history),
        events=int((history.to_state == 1).sum()),
        note=followed.told(),
    )
    return Answer((rows.row("as_published"), rows.row("recommended")))


def groups_at(cohort: Cohort, rows: Rows) -> Answer:
    """Share free of the outcome at fixed times."""
    rows = rows.of(estimand=f"share free of {_outcome(cohort)}", method="Kaplan-Meier")
    followed, answer = _followed(cohort), Answer()
    for group, curve, _, _ in _curves(followed):
        told = followed.told(_groups(cohort) == group)
        for style in PAIR:
            of_group = rows.of(group=group, note=told)
            months = cohort.protocol.groups.at_months
            answer += Answer(at_months(of_group, style, curve, cohort, months))
    return answer


def groups_hazard_ratio(cohort: Cohort, rows: Rows) -> Answer:
    """Hazard ratio of each group against the reference.

    A group without events has no Wald interval; Firth's penalty gives it an honest one.
    """
    followed, others = _compared(cohort)
    rows = rows.of(
        estimand=f"hazard ratio of {_outcome(cohort)}", unit="ratio", contrast=_reference(cohort)
    )
    if not others:
        return rows.nothing("nothing happens, or only one group is followed")
    history = followed.history
    rows = rows.of(
        at_risk=len(history),
        events=int((history.to_state == 1).sum()),
        population="all groups together",
        note=followed.told(),
    )
    fit = cox(history, others)
    finite = [g for g in others if g not in fit.infinite]
    estimates = [_ratio(rows, "as_published", g, fit) for g in finite]
    estimates += [
        rows.row(
            "as_published",
            group=g,
            method=_MODEL,
            note="not estimable: infinite or 0",
            cautions=in_plain_words(fit.cautions),
        )
        for g in fit.infinite
    ]
    chosen = firth_cox(history, others) if fit.infinite else fit
    estimates += [_ratio(rows, "recommended", g, chosen) for g in others]
    how = f"Firth-penalised {_MODEL}" if fit.infinite else _MODEL
    sentence = f"Groups were compared by Cox's model with Efron's ties ({how.split(',')[0]})."
    references = (COX, EFRON, FIRTH_COX) if fit.infinite else (COX, EFRON)
    return Answer(tuple(estimates), methods=(rows.method("recommended", sentence, *references),))


def groups_proportional_hazards(cohort: Cohort, rows: Rows) -> Answer:
    """Test of proportional hazards between the groups in which something happens."""
    followed, others = _compared(cohort)
    rows = rows.of(estimand="change of the hazard ratios over time", unit="chi-squared")
    silent = cox(followed.history, others).infinite if others else ()
    others = [g for g in others if g not in silent]
    if not others:
        return rows.nothing("nothing happens, or in one group only")
    columns = followed.history.covariates
    kept = ~sum((columns[g] for g in silent), np.zeros(len(followed.history))).astype(bool)
    model = cox(followed.history.where(kept), others)
    test = proportional_hazards(model).tests["global"]
    row = rows.row(
        "recommended",
        estimate=float(test.statistic),
        p_value=float(test.p_value),
        test=f"Grambsch-Therneau, {test.df} df",
        at_risk=model.subjects,
        events=model.events,
        note=f"{', '.join(silent)} left out: nothing happens there" if silent else "",
        cautions=in_plain_words(model.cautions),
    )
    sentence = "Proportional hazards were tested on scaled Schoenfeld residuals."
    return Answer((row,), methods=(rows.method("recommended", sentence, GRAMBSCH),))


def groups_rmst(cohort: Cohort, rows: Rows) -> Answer:
    """Difference in mean time free of the outcome, up to the last time both groups are seen."""
    rows = rows.of(
        estimand=f"difference in mean time free of {_outcome(cohort)}",
        unit="months",
        contrast=_reference(cohort),
    )
    curves = {group: (curve, n, events) for group, curve, n, events in _curves(_followed(cohort))}
    if _reference(cohort) not in curves or len(curves) < 2:
        return rows.nothing("only one group is followed")
    reference, n_0, events_0 = curves.pop(_reference(cohort))
    month, answer = cohort.protocol.follow_up.month_days, Answer()
    for group, (curve, n, events) in curves.items():
        if not (events and events_0):
            why = "nothing happens on one side, so its mean has no standard error"
            answer += rows.nothing(why, "recommended", group=group)
            continue
        horizon = min(curve.end, reference.end)
        found = restricted_mean_difference(curve, reference, horizon)
        row = rows.months(
            "recommended",
            found,
            month,
            group=group,
            time_days=horizon,
            at_risk=n + n_0,
            p_value=found.p_value,
            test="Wald",
            note="up to the last time that both groups are followed",
        )
        answer += Answer((row,))
    sentence = "The difference in restricted mean time needs no proportional hazards."
    return answer + Answer(methods=(rows.method("recommended", sentence, ROYSTON),))


def _groups(cohort: Cohort) -> pd.Series:
    return cohort.people.assigned


def _reference(cohort: Cohort) -> str:
    named, groups = cohort.protocol.groups.reference, sorted(_groups(cohort).dropna().unique())
    if named and named not in groups:
        raise ProtocolError(
            f'`groups.reference` is "{named}", which nobody is assigned to',
            f"groups are {', '.join(groups)}",
            did_you_mean(named, groups),
        )
    return named or groups[0]


def _outcome(cohort: Cohort) -> str:
    return cohort.protocol.groups.outcome.replace("_", " ")


def _followed(cohort: Cohort) -> Followed:
    return survival_history(
        cohort,
        _groups(cohort).notna() & cohort.usable(SURVIVAL),
        delayed_entry=False,
        groups=_groups(cohort),
        outcome=cohort.protocol.groups.outcome,
    )


def _compared(cohort: Cohort) -> tuple[Followed, list[str]]:
    """History with a 0/1 column for each group but the reference; no groups if nothing happens."""
    groups, reference = _groups(cohort), _reference(cohort)
    others = [g for g in sorted(groups.dropna().unique()) if g != reference]
    followed = survival_history(
        cohort,
        groups.notna() & cohort.usable(SURVIVAL),
        delayed_entry=False,
        outcome=cohort.protocol.groups.outcome,
        covariates={g: (groups == g).astype(float) for g in others},
    )
    return followed, others if (followed.history.to_state == 1).any() else []


def _ratio(rows: Rows, style: Style, group: str, fit: CoxFit | FirthFit) -> Estimate:
    how = _MODEL if isinstance(fit, CoxFit) else f"Firth-penalised {_MODEL}"
    return rows.row(style, group=group, **ratio_of(fit, group), method=how)


def _curves(followed: Followed) -> Iterator[tuple[str, Curve, int, int]]:
    if not len(followed.history):
        return
    for i, (group, curve) in enumerate(kaplan_meier(risk_table(followed.history)).items()):
        part = followed.history.where(followed.history.stratum == i)
        yield group, curve, len(part), int((part.to_state == 1).sum())


_MODEL = "Cox, not adjusted"

ANALYSES = analyses(
    QUESTION,
    groups_median,
    groups_log_rank,
    groups_at,
    groups_hazard_ratio,
    groups_proportional_hazards,
    groups_rmst,
    alone={
        "groups_proportional_hazards": "a test of the model's assumption that trials seldom print",
        "groups_rmst": "stands beside the hazard ratio, which assumes proportional hazards",
    },
)
