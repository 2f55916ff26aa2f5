"""How long: models of the hazard with bone metastasis (BM).

As published: Cox, BM as if known from the start, entry ignored. Recommended: BM a state entered
when it is detected, patients at risk from their first visit, complete cases of the protocol's
covariates. Beside it: missing values as a category, eras of diagnosis, the test of proportional
hazards, and how strong an unmeasured confounder would have to be. Where a hazard ratio is infinite
(nobody dies on one side) Firth's penalty gives it an honest interval.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from osteon.cohort import Cohort
from osteon.cohort.histories import Followed, bone_state_history, survival_history
from osteon.contracts.results import Estimate, Style
from osteon.contracts.tables import BONE
from osteon.errors import EstimateError
from osteon.estimate import CoxFit, FirthFit, cox, firth_cox, proportional_hazards
from osteon.study.answer import (
    Answer,
    Rows,
    analyses,
    in_plain_words,
    per_parameter,
    ratio_of,
    together,
)
from osteon.study.compared import (
    BM,
    comparator_name,
    compared,
    compared_population,
    entered,
    ignored,
    late,
    starts_at_stage_iv,
)
from osteon.study.curves import enters_late
from osteon.study.references import AZZATO, COX, E_VALUE, EFRON, FIRTH_COX, GRAMBSCH, PUTTER
from osteon.study.survival_curves import QUESTION


@dataclass(frozen=True)
class Run:
    """How one model is set up.

    ``delayed`` entry at the first visit; BM ``as_state`` entered when detected, or ever against
    never; ``adjusted`` for the protocol's covariates; missing values kept as a category of their
    own, and five-year eras as strata, where asked for.
    """

    style: Style
    delayed: bool = True
    as_state: bool = True
    adjusted: bool = True
    missing_as_category: bool = False
    by_era: bool = False


AS_PUBLISHED = Run("as_published", delayed=False, as_state=False)
RECOMMENDED = Run("recommended")


def survival_hazard_ratio(cohort: Cohort, rows: Rows) -> Answer:
    """Hazard ratio with BM: ever against never, and with BM entered when detected."""
    runs = (
        AS_PUBLISHED,
        Run("sensitivity", as_state=False),
        Run("sensitivity", adjusted=False),
        RECOMMENDED,
    )
    sentence = (
        f"Hazard ratios are from Cox models adjusted for {_adjusted_for(cohort)} (Efron ties, "
        f"{'delayed entry, ' if enters_late(cohort) else ''}complete cases), bone metastasis a "
        "time-dependent state that a patient enters when it is detected."
    )
    references = (COX, EFRON, PUTTER, AZZATO, FIRTH_COX)
    return Answer(
        tuple(_hazard_ratio(cohort, rows, run) for run in runs),
        methods=(rows.method("recommended", sentence, *references),),
    )


def survival_missing_grade(cohort: Cohort, rows: Rows) -> Answer:
    """The recommended model with missing values kept as a category of their own."""
    return Answer((_hazard_ratio(cohort, rows, Run("sensitivity", missing_as_category=True)),))


def survival_by_era(cohort: Cohort, rows: Rows) -> Answer:
    """The recommended hazard ratio with each era of diagnosis as a stratum of its own."""
    return Answer((_hazard_ratio(cohort, rows, Run("sensitivity", by_era=True)),))


def survival_proportional_hazards(cohort: Cohort, rows: Rows) -> Answer:
    """Test of proportional hazards of both models."""
    rows = rows.of(
        estimand="change of the hazard ratio over time",
        unit="chi-squared",
        population=compared_population(cohort),
    )
    answer = _proportional(cohort, rows, AS_PUBLISHED) + _proportional(cohort, rows, RECOMMENDED)
    sentence = "Proportional hazards were tested on scaled Schoenfeld residuals."
    return answer + Answer(methods=(rows.method("recommended", sentence, GRAMBSCH),))


def survival_e_value(cohort: Cohort, rows: Rows) -> Answer:
    """How strong an unmeasured confounder would have to be to explain the hazard ratio away."""
    found = _hazard_ratio(cohort, rows, RECOMMENDED)
    if found.estimate is None:
        return Answer((rows.row("sensitivity", estimand="E-value", unit="ratio", note=found.note),))
    rows = rows.of(
        unit="ratio",
        group=BM,
        contrast=comparator_name(cohort),
        population=compared_population(cohort),
        note="a risk ratio that an unmeasured confounder would need with both, beyond the model's",
        cautions=found.cautions,
    )
    of_ratio = rows.row(
        "sensitivity", estimand="E-value of the hazard ratio", estimate=e_value(found.estimate)
    )
    of_limit = rows.row(
        "sensitivity",
        estimand="E-value of the limit nearest to no effect",
        estimate=e_value_of_limit(found),
    )
    sentence = (
        "The E-value is the association an unmeasured confounder would need with both bone "
        "metastasis and death to explain the hazard ratio away (square-root transformation for a "
        "common outcome)."
    )
    return Answer((of_ratio, of_limit), methods=(rows.method("sensitivity", sentence, E_VALUE),))


def e_value(hazard_ratio: float) -> float:
    """E-value of a hazard ratio whose outcome is common.

    The hazard ratio becomes a risk ratio by ``(1 - 0.5**sqrt(h)) / (1 - 0.5**sqrt(1 / h))``, then
    ``rr + sqrt(rr (rr - 1))`` (VanderWeele & Ding 2017, doi:10.7326/M16-2607).

    >>> round(e_value(1.0), 3), round(e_value(2.0), 2) == round(e_value(0.5), 2)
    (1.0, True)
    """
    root = np.sqrt(max(hazard_ratio, 1 / hazard_ratio))
    risk = (1 - 0.5**root) / (1 - 0.5 ** (1 / root))
    return float(risk + np.sqrt(risk * (risk - 1)))


def e_value_of_limit(found: Estimate) -> float:
    """E-value of the limit nearest to no effect; 1 where the interval includes no effect."""
    if found.estimate is None:
        return 1.0
    nearest = found.conf_low if found.estimate >= 1 else found.conf_high
    if nearest is None or (nearest - 1) * (found.estimate - 1) <= 0:
        return 1.0
    return e_value(nearest)


def _proportional(cohort: Cohort, rows: Rows, run: Run) -> Answer:
    followed = _followed(cohort, run)
    try:
        model, unharmed = _without_the_unharmed(_cox(followed))
        tests = proportional_hazards(model).tests
    except EstimateError as error:
        return rows.nothing(error.wrong, run.style, group=BM)
    rows = rows.of(
        events=model.events,
        at_risk=model.subjects,
        method=_in_words(cohort, run),
        note=together(
            f"{', '.join(unharmed)} left out: nothing happens there" if unharmed else "",
            followed.told(),
        ),
        cautions=in_plain_words(model.cautions),
    )
    return Answer(
        tuple(
            rows.row(
                run.style,
                group="all covariates together" if name == "global" else name,
                estimate=float(test.statistic),
                p_value=float(test.p_value),
                test=f"Grambsch-Therneau, {test.df} df",
            )
            for name, test in tests.items()
        )
    )


def _without_the_unharmed(model: CoxFit) -> tuple[CoxFit, list[str]]:
    """The model without categories in which nothing happens, which the test cannot take.

    Their hazard ratio is 0, so they weigh nothing in any risk set: the rest of the model stays
    as it is.
    """
    coefficients = dict(zip(model.names, model.coefficients, strict=True))
    unharmed = [n for n in model.infinite if n != BM and coefficients[n] == -np.inf]
    if not unharmed:
        return model, []
    columns = model.history.covariates
    rest = np.all([columns[name] == 0 for name in unharmed], axis=0)
    return cox(model.history.where(rest), [n for n in model.names if n not in unharmed]), unharmed


def _hazard_ratio(cohort: Cohort, rows: Rows, run: Run) -> Estimate:
    outcome = cohort.protocol.survival.outcome.replace("_", " ")
    rows = rows.of(
        estimand=f"hazard ratio of {outcome}",
        unit="ratio",
        group=BM,
        contrast=comparator_name(cohort),
        population=compared_population(cohort),
        method=_in_words(cohort, run),
    )
    if run.by_era and not cohort.has_calendar:
        return rows.row(run.style, note="not estimable: no calendar, so the era is not known")
    followed = _followed(cohort, run)
    try:
        model = _cox(followed)
    except EstimateError as error:
        return rows.row(run.style, note=together(f"not estimable: {error.wrong}", followed.told()))
    fit: CoxFit | FirthFit = model
    if BM in model.infinite:
        fit = firth_cox(model.history, model.names)
        rows = rows.of(method=f"Firth-penalised {_in_words(cohort, run)}")
    incomplete = int(compared(cohort).sum()) - len(_members(cohort, run))
    missing = f"{incomplete} left out, a covariate not known" if incomplete else ""
    return rows.row(
        run.style,
        **ratio_of(fit, BM),
        events=model.events,
        at_risk=model.subjects,
        note=together(missing, _unvaried(model), followed.told(), per_parameter(fit)),
    )


def _unvaried(model: CoxFit) -> str:
    """Covariates that are the same in everybody, and so in no model."""
    same = [name for name in model.history.covariates if name not in model.names]
    return f"the same in all of them, so not in the model: {', '.join(same)}" if same else ""


def _in_words(cohort: Cohort, run: Run) -> str:
    parts = [
        f"Cox{_observed(cohort, run)}",
        "bone metastasis time-dependent" if run.as_state else "ever against never",
        f"adjusted for {_adjusted_for(cohort)}" if run.adjusted else "not adjusted",
    ]
    if run.missing_as_category:
        parts.append("missing values as a category")
    if run.by_era:
        parts.append("stratified by five-year era of diagnosis")
    return ", ".join(parts)


def _observed(cohort: Cohort, run: Run) -> str:
    if not run.delayed:
        return ignored(cohort)
    return entered(cohort) if run.as_state else late(cohort)


def _members(cohort: Cohort, run: Run) -> pd.Index:
    """Patients compared, complete in their covariates."""
    among = compared(cohort) & cohort.usable(BONE)
    if run.adjusted and not run.missing_as_category:
        among &= _covariates(cohort, among).notna().all(axis=1)
    return among.index[among]


def _followed(cohort: Cohort, run: Run) -> Followed:
    members = _members(cohort, run)
    among = pd.Series(cohort.people.index.isin(members), index=cohort.people.index)
    columns: dict[str, pd.Series] = {}
    if run.adjusted:
        frame = _covariates(cohort, among, keep_missing=run.missing_as_category)
        columns = {str(name): frame[name] for name in frame.columns}
    outcome = cohort.protocol.survival.outcome
    if not run.as_state:
        columns["bm"] = cohort.has_bm.astype(float)
        return survival_history(
            cohort, among, delayed_entry=run.delayed, outcome=outcome, covariates=columns
        )
    return bone_state_history(
        cohort,
        among,
        delayed_entry=run.delayed,
        outcome=outcome,
        covariates=columns,
        strata=(cohort.people.diagnosis_year // 5).fillna(0) if run.by_era else None,
        from_stage_iv=starts_at_stage_iv(cohort),
    )


def _cox(followed: Followed) -> CoxFit:
    """Cox's model of the covariates that vary; BM has to."""
    history = followed.history
    if not len(history) or not (history.to_state == 1).any():
        raise EstimateError("nothing happens among these patients")
    columns = {BM if n == "bm" else n: values for n, values in history.covariates.items()}
    names = [n for n, values in columns.items() if np.ptp(values) > 0]
    if BM not in names:
        raise EstimateError("all of them have bone metastasis, or none has")
    return cox(replace(history, covariates=columns), names)


def _covariates(cohort: Cohort, among: pd.Series, *, keep_missing: bool = False) -> pd.DataFrame:
    """Covariates of the protocol as columns of numbers; categories as 0/1."""
    p = cohort.people
    columns: dict[str, pd.Series] = {}
    for name in cohort.protocol.survival.adjust_for:
        columns |= _COVARIATES[name](p)
    frame = pd.DataFrame(columns, index=p.index)
    if keep_missing:
        for name in cohort.protocol.survival.adjust_for:
            of_variable = list(_COVARIATES[name](p))
            unknown = frame[of_variable[0]].isna()
            if unknown[among].any():
                frame[f"{name} missing"] = unknown.astype(float)
                frame[of_variable] = frame[of_variable].fillna(frame[of_variable].median())
    return frame


def _age(p: pd.DataFrame) -> dict[str, pd.Series]:
    return {"age (years)": p.age}


def _sex(p: pd.DataFrame) -> dict[str, pd.Series]:
    known = p.sex.isin(["male", "female"])
    return {"male": (p.sex == "male").astype(float).where(known)}


def _grade(p: pd.DataFrame) -> dict[str, pd.Series]:
    known = p.grade.isin(["G1", "G2", "G3", "NEC"])
    return {
        "grade G2": (p.grade == "G2").astype(float).where(known),
        "grade G3": p.grade.isin(["G3", "NEC"]).astype(float).where(known),
    }


def _stage_iv(p: pd.DataFrame) -> dict[str, pd.Series]:
    return {"stage IV at diagnosis": p.stage_iv_at_diagnosis.astype(float)}


def _year(p: pd.DataFrame) -> dict[str, pd.Series]:
    return {"year of diagnosis": p.diagnosis_year}


_COVARIATES = {
    "age": _age,
    "sex": _sex,
    "grade": _grade,
    "stage_iv": _stage_iv,
    "diagnosis_year": _year,
}


def _adjusted_for(cohort: Cohort) -> str:
    names = [n.replace("_", " ").replace("iv", "IV") for n in cohort.protocol.survival.adjust_for]
    if not names:
        return "nothing"
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]


ANALYSES = analyses(
    QUESTION,
    survival_hazard_ratio,
    survival_missing_grade,
    survival_proportional_hazards,
    survival_by_era,
    survival_e_value,
    alone={
        "survival_proportional_hazards": (
            "a covariate of one model only; the two models do not leave out the same patients"
        )
    },
)
