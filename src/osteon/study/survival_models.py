"""How long: models of the hazard of death with bone metastasis (BM).

As published: Cox, BM as if known from the start, entry ignored. Recommended: BM a state entered
when it is detected, patients at risk from their first visit, complete cases of the protocol's
covariates. Beside it: missing values as a category, eras of diagnosis, the test of proportional
hazards, and how strong an unmeasured confounder would have to be.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from osteon.cohort import Cohort
from osteon.cohort.histories import Followed, bone_state_history, survival_history
from osteon.contracts.results import Estimate, Style
from osteon.contracts.tables import BONE
from osteon.estimate import CoxFit, cox, proportional_hazards
from osteon.study.answer import Analysis, Answer, Rows, interval_of
from osteon.study.references import AZZATO, COX, E_VALUE, EFRON, GRAMBSCH, PUTTER
from osteon.study.survival_curves import BM, QUESTION, comparator_name, compared


def survival_hazard_ratio(cohort: Cohort, rows: Rows) -> Answer:
    """Hazard ratio of death with BM: ever against never, and with BM entered when detected."""
    among = compared(cohort) & cohort.usable(BONE)
    rows = rows.of(estimand="hazard ratio of death", unit="ratio", contrast=comparator_name(cohort))
    estimates: list[Estimate] = []
    runs: tuple[tuple[Style, bool, bool], ...] = (
        ("as_published", False, False),
        ("sensitivity", True, False),
        ("recommended", True, True),
    )
    for style, entry, by_state in runs:
        for adjusted in (False, True) if style == "recommended" else (True,):
            model = _model(cohort, among, entry, by_state, adjusted)
            if model is not None:
                estimates.append(
                    _hazard_ratio(cohort, rows, style, model, entry, by_state, adjusted)
                )
    sentence = (
        f"Hazard ratios are from Cox models adjusted for {_adjusted_for(cohort)} (Efron ties, delayed "
        "entry, complete cases), bone metastasis a time-dependent state that a patient enters when "
        "it is detected."
    )
    return Answer(
        tuple(estimates),
        methods=(rows.method("recommended", sentence, COX, EFRON, PUTTER, AZZATO),),
    )


def survival_missing_grade(cohort: Cohort, rows: Rows) -> Answer:
    """The recommended model with missing values kept as a category of their own."""
    among = compared(cohort) & cohort.usable(BONE)
    if not _covariates(cohort, among).isna().to_numpy().any():
        return Answer()
    covariates = _covariates(cohort, among, keep_missing=True)
    model = _fit(
        bone_state_history(cohort, among, delayed_entry=True, covariates=_columns(covariates))
    )
    if model is None:
        return Answer()
    row = rows.row(
        "sensitivity",
        estimand="hazard ratio of death",
        unit="ratio",
        group=BM,
        contrast=comparator_name(cohort),
        **interval_of(model.hazard_ratios["bm"]),
        p_value=model.hazard_ratios["bm"].p_value,
        test="Wald",
        events=model.events,
        at_risk=model.subjects,
        method="time-dependent, missing values as a category",
    )
    return Answer((row,))


def survival_proportional_hazards(cohort: Cohort, rows: Rows) -> Answer:
    """Test of proportional hazards of the recommended model."""
    model = _model(cohort, compared(cohort) & cohort.usable(BONE), True, True, True)
    if model is None or model.infinite:
        return Answer()
    tests = proportional_hazards(model).tests
    estimates = tuple(
        rows.row(
            "recommended",
            estimand="non-proportional hazard",
            group=BM if name == "bm" else name,
            unit="chi-squared",
            estimate=float(test.statistic),
            p_value=float(test.p_value),
            test="Grambsch-Therneau",
            events=model.events,
            at_risk=model.subjects,
        )
        for name, test in tests.items()
    )
    sentence = "Proportional hazards were tested on scaled Schoenfeld residuals."
    return Answer(estimates, methods=(rows.method("recommended", sentence, GRAMBSCH),))


def survival_by_era(cohort: Cohort, rows: Rows) -> Answer:
    """The recommended hazard ratio with each era of diagnosis as a stratum of its own."""
    if not cohort.has_calendar:
        return Answer()
    among = compared(cohort) & cohort.usable(BONE)
    columns = _columns(_covariates(cohort, among))
    era = (cohort.people.diagnosis_year // 5).fillna(0)
    followed = bone_state_history(
        cohort, among & _complete(cohort, among), delayed_entry=True, covariates=columns, strata=era
    )
    model = _fit(followed)
    if model is None:
        return Answer()
    row = rows.row(
        "sensitivity",
        estimand="hazard ratio of death",
        unit="ratio",
        group=BM,
        contrast=comparator_name(cohort),
        **interval_of(model.hazard_ratios["bm"]),
        p_value=model.hazard_ratios["bm"].p_value,
        test="Wald",
        events=model.events,
        at_risk=model.subjects,
        method="time-dependent, stratified by five-year era of diagnosis",
    )
    return Answer((row,))


def survival_e_value(cohort: Cohort, rows: Rows) -> Answer:
    """How strong an unmeasured confounder would have to be to explain the hazard ratio away."""
    model = _model(cohort, compared(cohort) & cohort.usable(BONE), True, True, True)
    if model is None or model.infinite:
        return Answer()
    ratio = model.hazard_ratios["bm"]
    nearest = ratio.conf_low if ratio.estimate >= 1 else ratio.conf_high
    row = rows.row(
        "sensitivity",
        estimand="E-value of the hazard ratio",
        unit="ratio",
        group=BM,
        estimate=e_value(ratio.estimate),
        conf_low=e_value(nearest) if (nearest - 1) * (ratio.estimate - 1) > 0 else 1.0,
        method="risk-ratio scale that an unmeasured confounder would need with both",
        note="the lower limit is the E-value of the interval's end nearest to 1",
    )
    sentence = (
        "The E-value is the association an unmeasured confounder would need with both bone "
        "metastasis and death to explain the hazard ratio away (square-root transformation for a "
        "common outcome)."
    )
    return Answer((row,), methods=(rows.method("sensitivity", sentence, E_VALUE),))


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


def _model(
    cohort: Cohort, among: pd.Series, entry: bool, by_state: bool, adjusted: bool
) -> CoxFit | None:
    """Fit the Cox model of BM, complete cases of its covariates only."""
    columns: dict[str, pd.Series] = {}
    if adjusted:
        columns = _columns(_covariates(cohort, among))
        among = among & _complete(cohort, among)
    if cohort.protocol.follow_up.entry == "none":
        entry = False
    if by_state:
        return _fit(bone_state_history(cohort, among, delayed_entry=entry, covariates=columns))
    columns = {**columns, "bm": cohort.has_bm.astype(float)}
    return _fit(survival_history(cohort, among, delayed_entry=entry, covariates=columns))


def _fit(followed: Followed) -> CoxFit | None:
    history = followed.history
    if not len(history) or not (history.to_state == 1).any():
        return None
    names = [n for n, values in history.covariates.items() if np.ptp(values) > 0]
    return cox(history, names) if "bm" in names else None


def _hazard_ratio(
    cohort: Cohort,
    rows: Rows,
    style: Style,
    model: CoxFit,
    entry: bool,
    by_state: bool,
    adjusted: bool,
) -> Estimate:
    ratio = model.hazard_ratios["bm"]
    how = "bone metastasis time-dependent" if by_state else "ever against never"
    adjusted_for = f"adjusted for {_adjusted_for(cohort)}" if adjusted else "not adjusted"
    left_out = int((compared(cohort)).sum()) - model.subjects
    note = f"{left_out} left out, a covariate or follow-up missing" if left_out else ""
    return rows.row(
        style,
        group=BM if adjusted else f"{BM}, not adjusted",
        **interval_of(ratio),
        p_value=ratio.p_value,
        test="Wald",
        events=model.events,
        at_risk=model.subjects,
        note=note,
        method=f"Cox, {how}, {'delayed entry' if entry else 'entry ignored'}, {adjusted_for}",
    )


def _covariates(cohort: Cohort, among: pd.Series, *, keep_missing: bool = False) -> pd.DataFrame:
    """Covariates of the protocol as columns of numbers; categories as 0/1."""
    p = cohort.people
    columns: dict[str, pd.Series] = {}
    for name in cohort.protocol.survival.adjust_for:
        columns |= _COVARIATES[name](p)
    frame = pd.DataFrame(columns, index=p.index)
    if keep_missing:
        for name in [n for n in frame.columns if frame[n][among].isna().any()]:
            frame[f"{name} missing"] = frame[name].isna().astype(float)
            frame[name] = frame[name].fillna(frame[name].median())
        frame = frame.loc[:, ~frame.T.duplicated()]
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


def _columns(frame: pd.DataFrame) -> dict[str, pd.Series]:
    return {str(name): frame[name] for name in frame.columns}


def _complete(cohort: Cohort, among: pd.Series) -> pd.Series:
    return _covariates(cohort, among).notna().all(axis=1)


def _adjusted_for(cohort: Cohort) -> str:
    names = [
        name.replace("_", " ").replace("iv", "IV") for name in cohort.protocol.survival.adjust_for
    ]
    return (
        ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]
        if names
        else "nothing"
    )


ANALYSES = tuple(
    Analysis(f.__name__, QUESTION, f)
    for f in (
        survival_hazard_ratio,
        survival_missing_grade,
        survival_proportional_hazards,
        survival_by_era,
        survival_e_value,
    )
)
