"""Run a protocol: every question as published and as recommended, on the same patients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from osteon.cohort import Cohort
from osteon.cohort.histories import NO_ENTRY, NO_FOLLOW_UP, NO_TIME_ZERO, survival_history
from osteon.contracts.protocol import Family, Protocol
from osteon.contracts.results import (
    AttritionStep,
    Estimate,
    LedgerEntry,
    Method,
    PatientLevel,
    Results,
)
from osteon.contracts.tables import BONE, CONVERSION, EVENTS, EXPOSURE, SURVIVAL
from osteon.errors import EstimateError, ProtocolError, did_you_mean
from osteon.estimate import benjamini_hochberg, holm
from osteon.study import (
    antiresorptive,
    groups,
    how_often,
    pattern,
    predictors,
    seen_first,
    skeletal_events,
    survival_curves,
    survival_models,
    who,
)
from osteon.study.answer import Analysis, Answer, Rows, paired
from osteon.study.cards import cards
from osteon.study.curves import enters_late
from osteon.study.ledger import ledger
from osteon.study.published import compare
from osteon.study.references import BENJAMINI, HOLM
from osteon.study.swimmer import swimmer

QUESTIONS = (
    who,
    how_often,
    predictors,
    seen_first,
    pattern,
    skeletal_events,
    antiresorptive,
    survival_curves,
    survival_models,
    groups,
)
ANALYSES: dict[str, Analysis] = {a.name: a for module in QUESTIONS for a in module.ANALYSES}
FAMILIES = "families"

Progress = Callable[[str, float], None]


def run_study(cohort: Cohort, *, progress: Progress | None = None) -> tuple[Results, PatientLevel]:
    """Answer the questions of the cohort's protocol.

    Parameters
    ----------
    cohort : Cohort
        From `osteon.cohort.build_cohort`.
    progress : callable, optional
        Told the stage and the share done.

    Returns
    -------
    Results, PatientLevel
        What a report prints, and what shows single patients and stays in the centre.

    Raises
    ------
    ProtocolError
        If the protocol names an analysis that does not exist.
    """
    protocol = cohort.protocol
    check_names(protocol)
    tell = progress or (lambda stage, share: None)
    answer = Answer()
    wanted = [
        a for a in ANALYSES.values() if a.question in protocol.questions and protocol.runs(a.name)
    ]
    for i, analysis in enumerate(wanted):
        tell(analysis.name.replace("_", " "), (i + 1) / (len(wanted) + 1))
        answer += _answer(analysis, cohort)
    estimates, families = _adjust(answer.estimates, protocol)
    results = Results(
        title=protocol.title,
        citation=protocol.citation,
        provenance=cohort.provenance,
        population=_in_one_sentence(cohort),
        questions=protocol.questions,
        cards=cards(protocol.questions, estimates),
        estimates=estimates,
        curves=answer.curves,
        counts=answer.counts,
        baseline=answer.baseline,
        attrition=(*cohort.attrition, *_branches(cohort)),
        findings=cohort.findings,
        ledger=_ledger(protocol, estimates, families),
        published=compare(protocol.published, estimates),
        methods=answer.methods + families,
        settings=protocol.in_words(),
        conditioned_on=cohort.conditioned_on,
        small_cell_limit=protocol.disclosure.small_cell_limit,
    )
    return results, PatientLevel(swimmer(cohort), answer.steps, cohort.provenance)


def check_names(protocol: Protocol) -> None:
    """Refuse a protocol that names an analysis which does not exist; raises `ProtocolError`."""
    used = [*protocol.skip, *(a for f in protocol.families for a in f.analyses)]
    for name in [*used, *(p.analysis for p in protocol.published)]:
        if name not in ANALYSES and name != FAMILIES:
            raise ProtocolError(
                f'the protocol names the analysis "{name}", which does not exist',
                f"analyses are {', '.join(ANALYSES)}",
                did_you_mean(name, ANALYSES),
            )


def _answer(analysis: Analysis, cohort: Cohort) -> Answer:
    """Run one analysis; what cannot be estimated from these patients says so in its place."""
    rows = Rows(analysis.question, analysis.name)
    try:
        answer = analysis.run(cohort, rows)
    except EstimateError as error:
        answer = rows.nothing(error.wrong, estimand=analysis.name.replace("_", " "))
    return answer + paired(answer, analysis.alone) if analysis.alone else answer


def _ledger(
    protocol: Protocol, estimates: Sequence[Estimate], families: Sequence[Method]
) -> tuple[LedgerEntry, ...]:
    """The ledger, from the analyses that gave a number, and of which style."""
    gave = [e for e in estimates if e.estimate is not None]
    adjusted = {FAMILIES} if families else set()
    return ledger(
        protocol.questions,
        {e.analysis for e in gave if e.style == "recommended"} | adjusted,
        {e.analysis for e in gave} | adjusted,
    )


def _adjust(
    estimates: Sequence[Estimate], protocol: Protocol
) -> tuple[tuple[Estimate, ...], tuple[Method, ...]]:
    """Adjust the p-values of each declared family, recommended tests only."""
    adjusted, methods = list(estimates), []
    families = protocol.families if protocol.runs(FAMILIES) else ()
    for family in families:
        members = [i for i, e in enumerate(estimates) if _belongs(e, family)]
        if members:
            methods.append(_family_method(family, len(members)))
        if len(members) < 2:
            continue
        p = np.array([estimates[i].p_value for i in members], dtype=float)
        name, adjust, _ = _ADJUST[family.method]
        how = f"{name}, {len(members)} tests on {family.name}"
        for i, value in zip(members, adjust(p), strict=True):
            adjusted[i] = replace(adjusted[i], p_adjusted=float(value), adjustment=how)
    return tuple(adjusted), tuple(methods)


def _belongs(e: Estimate, family: Family) -> bool:
    return e.style == "recommended" and e.analysis in family.analyses and e.p_value is not None


_ADJUST = {
    "holm": ("Holm", holm, HOLM),
    "benjamini_hochberg": ("Benjamini and Hochberg", benjamini_hochberg, BENJAMINI),
}


def _family_method(family: Family, n: int) -> Method:
    how, _, reference = _ADJUST[family.method]
    if n == 1:
        sentence = f"The one test on {family.name} is a family of its own and needs no adjustment."
    else:
        sentence = f"The {n} tests on {family.name} were adjusted together by {how}."
    return Method(FAMILIES, "recommended", sentence, (reference,))


def _branches(cohort: Cohort) -> Iterator[AttritionStep]:
    """Side branches: in whom bone metastasis is studied, and who an analysis cannot use."""
    n, among, known, bm = (
        int(members.sum())
        for members in (cohort.people.index >= 0, cohort.among, cohort.bone_known, cohort.has_bm)
    )
    if (cohort.people.bone == "yes").any():
        branch = "studied for bone metastasis"
        if among < n:
            yield AttritionStep(how_often.studied_population(cohort), among, n - among, branch)
        if known < among:
            yield AttritionStep("clear whether bone is involved", known, among - known, branch)
        yield AttritionStep("with bone metastasis", bm, known - bm, branch)
    for group, (what, questions) in _NEEDED_FOR.items():
        unusable = int((~cohort.usable(group)).sum())
        if unusable and questions & set(cohort.protocol.questions):
            branch = f"analyses of {what}"
            yield AttritionStep("with data that can answer them", n - unusable, unusable, branch)
    yield from _delayed(cohort)


def _delayed(cohort: Cohort) -> Iterator[AttritionStep]:
    usable = cohort.usable(SURVIVAL)
    followed, kept = survival_history(cohort, usable, delayed_entry=True), int(usable.sum())
    branch = f"survival{' with delayed entry' if enters_late(cohort) else ''}"
    for why in followed.left_out:
        if n_out := followed.count(why):
            kept -= n_out
            yield AttritionStep(_INSTEAD.get(why, f"not {why}"), kept, n_out, branch)


_NEEDED_FOR = {
    SURVIVAL: ("survival", {"who", "survival", "groups"}),
    BONE: ("bone metastasis", {"how_often", "seen_first", "pattern", "survival"}),
    EVENTS: ("skeletal events", {"skeletal_events"}),
    EXPOSURE: ("antiresorptive therapy", {"skeletal_events"}),
    CONVERSION: ("time until visible on CT", {"seen_first"}),
}
_INSTEAD = {
    NO_FOLLOW_UP: "with time under observation",
    NO_ENTRY: "first visit known",
    NO_TIME_ZERO: "time zero known",
}


def _in_one_sentence(cohort: Cohort) -> str:
    n = len(cohort.people)
    if not (cohort.people.bone == "yes").any():
        return f"{n} patients."
    return (
        f"{n} patients, {int(cohort.people.stage_iv_at_diagnosis.sum())} with stage IV at diagnosis; "
        f"{int(cohort.has_bm.sum())} of the {int(cohort.among.sum())} studied have bone metastasis."
    )
