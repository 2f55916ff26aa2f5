"""The protocol: every definition a study rests on, as named settings in one TOML file.

Everything that a paper leaves unsaid is a setting here with a stated default. Unknown keys are
refused with the nearest allowed name. The hash of the settings stands on every output.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator

from osteon.contracts.results import Setting
from osteon.contracts.settings import Settings, parse_settings
from osteon.errors import ProtocolError, did_you_mean

Question = Literal[
    "who", "how_often", "seen_first", "pattern", "skeletal_events", "survival", "groups"
]
Days = Annotated[float, Field(ge=0)]


class DateRange(Settings):
    """Days from ``from`` to ``to``, both included."""

    start: date | None = Field(default=None, alias="from")
    end: date | None = Field(default=None, alias="to")


class Population(Settings):
    """Who is studied. Each criterion is one box of the flow diagram."""

    topography: tuple[str, ...] = ()
    """ICD-O-3 topography codes (a code without a digit after the point takes all below it); empty = any"""
    morphology: tuple[str, ...] = ()
    """ICD-O-3 morphology codes; empty = any"""
    histologically_confirmed: bool = False
    """only tumours with basis of diagnosis = histology"""
    first_visit: DateRange = DateRange()
    """treated at the centre between these days (first visit); diagnosis may be earlier"""
    diagnosis: DateRange = DateRange()
    """diagnosed between these days"""
    stage: tuple[str, ...] = ()
    """UICC stages at diagnosis; empty = any"""
    minimum_age_years: float = 0
    """age at diagnosis"""
    entry_within_days: float | None = None
    """only patients whose first visit is at most so many days after time zero"""


class FollowUp(Settings):
    """When the clock starts, when a patient comes under observation, how long."""

    time_zero: Literal["diagnosis", "first_visit", "stage_iv", "bone_metastasis"] = "diagnosis"
    """where the clock of survival starts"""
    entry: Literal["first_visit", "none"] = "first_visit"
    """under observation from the first visit (delayed entry), or from time zero (none). The as-published side ignores entry"""
    smallest_risk_set: int = Field(default=20, ge=1)
    """a delayed-entry curve starts at the first time with at least so many at risk"""
    median_from: Literal["diagnosis", "first_visit", "stage_iv", "bone_metastasis"] = "first_visit"
    """origin of the median follow-up"""
    median_in: Literal["population", "bone_metastasis"] = "population"
    """among whom the median follow-up is printed"""
    median_as_published: Literal["observed_time", "reverse_kaplan_meier"] = "observed_time"
    """how the paper took its median follow-up; recommended is always reverse Kaplan-Meier"""
    stage_iv_window_days: Days = 120
    """a distant metastasis within so many days of diagnosis makes stage IV at diagnosis where no stage or M is recorded"""
    estimated_half_width_days: Days = 183
    """an estimated date may be off by so many days either way"""
    month_days: float = Field(default=30.4375, gt=0)
    """length of a month wherever months are printed"""


class BoneMetastasis(Settings):
    """Who has bone metastasis (BM), and since when."""

    evidence: tuple[Literal["sstr_pet", "ct", "mri", "reported"], ...] = (
        "sstr_pet",
        "ct",
        "mri",
        "reported",
    )
    """what counts: accepted findings on receptor imaging, on CT, on MR, or a reported metastasis"""
    when: Literal["ever", "at_stage_iv"] = "ever"
    """BM at any time, or only within window_days of stage IV"""
    window_days: Days = 120
    """days around stage IV, for when = at_stage_iv"""
    among: Literal["stage_iv_at_diagnosis", "population"] = "stage_iv_at_diagnosis"
    """denominator of the prevalence, and the patients in whom BM is studied"""
    count_pending: bool = False
    """count findings that nobody has decided on: pending, or equivocal (SSTR-RADS 3B, faint uptake) without a status"""


class SstrOnly(Settings):
    """When BM counts as first seen on receptor imaging only, and as visible later."""

    requires: Literal["diagnostic_ct", "any_ct", "diagnostic_ct_or_mri"] = "diagnostic_ct"
    """the exam that must have shown no correlate; without it a patient is not assessable"""
    conversion: Literal["same_lesion", "any_lesion"] = "same_lesion"
    """visible once an SSTR-only lesion itself has a correlate, or any bone lesion has"""
    window_days: Days = 30
    """a CT or MR within so many days of the receptor exam counts as the same session"""
    treatment_stratum: tuple[Literal["prrt", "antiresorptive"], ...] = ("prrt", "antiresorptive")
    """sclerosis after the start of these may be response: visible is not progressing"""


class Pattern(Settings):
    """How lesion patterns on CT make one pattern of a patient."""

    rule: Literal["any_lytic_then_mixed_then_majority", "majority", "mixed_if_several"] = (
        "any_lytic_then_mixed_then_majority"
    )
    """any lytic lesion makes lytic, else any mixed makes mixed, else the majority; or plain majority (a tie is mixed); or mixed as soon as classes differ"""
    at: Literal["first_visible", "any_time"] = "any_time"
    """classes read at the first exam with a visible lesion, or the latest class of each lesion"""


class Functioning(Settings):
    """When a tumour counts as functioning."""

    rule: Literal["syndrome_and_biochemical", "syndrome", "either"] = "syndrome"
    """hormonal syndrome with raised amines, syndrome alone, or either"""
    when: Literal["ever", "at_diagnosis"] = "ever"
    """at any time, or within window_days of diagnosis"""
    window_days: Days = 183
    """days around diagnosis, for when = at_diagnosis"""


class SkeletalEvent(Settings):
    """What is a skeletal-related event (SRE)."""

    variant: Literal["sre_regulatory", "sre_plus_hypercalcaemia", "sre_narrow", "sse"] = (
        "sre_regulatory"
    )
    """named set of components, see osteon.vocabulary.bone"""
    cluster_days: Days = 21
    """events within so many days of the one before count as one"""
    bone_seeking_counts: bool = True
    """Ra-223, Sr-89 and Sm-153 count as radiation to bone"""
    prophylactic_counts: bool = True
    """radiation or surgery done to prevent counts as an event"""


class Antiresorptive(Settings):
    """Who is treated, since when."""

    agents: tuple[str, ...] = ("M05BX04", "M05BA08", "M05BA06", "M05BA03", "M05BA02")
    """ATC codes that count"""
    crude: Literal["ever", "before_first_event"] = "before_first_event"
    """the published-style table: ever treated, or treated before the first SRE"""
    model: Literal["ever_treated", "on_treatment"] = "ever_treated"
    """time-dependent exposure: from the start for good, or only while treatment runs"""
    lag_days: Days = 0
    """exposure begins so many days after the first administration"""
    lag_sensitivity_days: tuple[Days, ...] = (60, 90)
    """further lags, as sensitivity runs"""
    landmark_days: tuple[Days, ...] = (90, 180)
    """landmarks after BM for the landmark analysis"""
    grace_intervals: float = Field(default=1.5, ge=0)
    """treatment runs on for so many dosing intervals after an administration"""
    default_interval_days: Days = 28
    """dosing interval where none is recorded"""
    exclude_osteoporosis_doses: bool = True
    """regimens for osteoporosis, told by dose and interval, do not count (osteon.vocabulary.drugs)"""


class Survival(Settings):
    """Overall survival by bone metastasis, and what it is compared with."""

    comparator: Literal["other_distant_metastases", "all_others"] = "other_distant_metastases"
    """patients with distant metastases other than bone, or everybody else in the population"""
    adjust_for: tuple[Literal["age", "sex", "grade", "stage_iv", "diagnosis_year"], ...] = (
        "age",
        "sex",
        "grade",
    )
    """covariates of the Cox model"""
    horizon_months: float = Field(default=120, gt=0)
    """restricted mean survival up to here"""
    at_months: tuple[float, ...] = (36, 60, 120)
    """fixed times at which survival is printed"""
    outcome: str = "death"
    """death, or the name of a reported outcome"""


class BoneIncidence(Settings):
    """Cumulative incidence of bone metastasis with death competing."""

    among: Literal["stage_iv_at_diagnosis", "not_stage_iv_at_diagnosis", "population"] = (
        "population"
    )
    """patients without BM at time zero, among these"""
    work_up_days: Days = 90
    """the first work-up ends so many days after a patient came under observation: BM found by then was there on arrival, predictors are read by then, and BM found later is incident"""
    at_months: tuple[float, ...] = (12, 36, 60)
    """times at which it is printed"""


class Groups(Settings):
    """Comparison of assigned groups, such as the arms of a trial."""

    assignment: str = "arm"
    """name of the assignment"""
    reference: str = ""
    """the group the others are compared with"""
    outcome: str = "death"
    """death, or the name of a reported outcome"""
    at_months: tuple[float, ...] = ()
    """fixed times at which the curves are printed"""


class Family(Settings):
    """Tests that belong together and are adjusted together."""

    name: str
    """what the family is about"""
    analyses: tuple[str, ...]
    """names of the analyses whose tests belong to it"""
    method: Literal["holm", "benjamini_hochberg"] = "holm"
    """adjustment"""


class Bootstrap(Settings):
    """Resampling of patients."""

    replicates: int = Field(default=1000, ge=1)
    """number of resamples"""
    seed: int = 20250916
    """printed with every number that depends on it"""


class Disclosure(Settings):
    """What may leave the centre."""

    small_cell_limit: int = Field(default=5, ge=1)
    """counts below this are masked when masking is switched on"""


class Published(Settings):
    """A figure exactly as the paper prints it."""

    figure: str
    """what it is, in the paper's words"""
    value: str
    """the printed string, such as "34.4%", "p < 0.0001", "127 months" """
    analysis: str
    """the analysis that obtains it"""
    group: str = ""
    """the group of that analysis"""
    quantity: Literal["estimate", "conf_low", "conf_high", "p_value", "at_risk", "events"] = (
        "estimate"
    )
    """which number of the analysis"""
    derived: tuple[str, ...] = ()
    """counts worked out from the printed figure ("13/48"); any one of them counts as equal"""


class Protocol(Settings):
    """A whole protocol. `Protocol.load` reads one; `hash` is printed on every output."""

    name: str
    title: str
    version: str = "1"
    citation: str = ""
    questions: tuple[Question, ...] = Field(min_length=1)
    skip: tuple[str, ...] = ()
    """analyses switched off; the bias ledger shows what that leaves open"""
    population: Population = Population()
    follow_up: FollowUp = FollowUp()
    bone_metastasis: BoneMetastasis = BoneMetastasis()
    sstr_only: SstrOnly = SstrOnly()
    pattern: Pattern = Pattern()
    functioning: Functioning = Functioning()
    skeletal_event: SkeletalEvent = SkeletalEvent()
    antiresorptive: Antiresorptive = Antiresorptive()
    bone_incidence: BoneIncidence = BoneIncidence()
    survival: Survival = Survival()
    groups: Groups = Groups()
    families: tuple[Family, ...] = ()
    bootstrap: Bootstrap = Bootstrap()
    disclosure: Disclosure = Disclosure()
    published: tuple[Published, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _lift_heading(cls, data: Any) -> Any:
        """``[protocol]`` is the heading of the file; its keys belong to the protocol itself."""
        if isinstance(data, dict) and isinstance(data.get("protocol"), dict):
            rest = {key: value for key, value in data.items() if key != "protocol"}
            return {**data["protocol"], **rest}
        return data

    @classmethod
    def load(cls, source: str | Path) -> Protocol:
        """Read a protocol file, or a shipped protocol by name.

        Raises
        ------
        ProtocolError
            If there is no such protocol, the file is not TOML, or a setting is unknown or wrong
            (all faults are told at once); or if the file differs from the shipped protocol whose
            name it bears.

        Examples
        --------
        >>> Protocol.load("essen_sinet_2025").survival.comparator
        'other_distant_metastases'
        """
        protocol = cls.parse(_read(source), where=str(source))
        if str(source) not in shipped() and protocol.name in shipped():
            protocol._refuse_a_borrowed_name(str(source))
        return protocol

    def _refuse_a_borrowed_name(self, where: str) -> None:
        if self.hash != Protocol.load(self.name).hash:
            raise ProtocolError(
                f'{where} is called "{self.name}" and is not the shipped protocol of that name',
                "a name stands on every output, and one name means one set of rules",
                f'give it a name of its own, such as name = "{self.name}_our_centre"',
            )

    @classmethod
    def parse(cls, text: str, where: str = "the protocol") -> Protocol:
        """Read a protocol from TOML text."""
        return parse_settings(text, cls, where=where, error=ProtocolError)

    @property
    def hash(self) -> str:
        """SHA-256 of the settings, published figures included; comments and order do not matter."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def runs(self, analysis: str) -> bool:
        """Whether an analysis is not switched off by ``skip``."""
        return analysis not in self.skip

    def in_words(self) -> tuple[Setting, ...]:
        """Every setting with its value, its meaning and whether the file states it."""
        return tuple(_settings(self, prefix=""))


def shipped() -> tuple[str, ...]:
    """Names of the protocols that come with the package."""
    folder = resources.files("osteon") / "protocols"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def copy_of(source: str | Path, path: Path) -> None:
    """Write a protocol to a new file, to be changed; it is called as the file is.

    Raises
    ------
    ProtocolError
        If there is no such protocol, or the file is there already.
    """
    text = _read(source)
    if path.suffix != ".toml" or path.exists():
        raise ProtocolError(
            f"{path} is there already" if path.exists() else f"{path} does not end in .toml",
            "a copy is written to a new .toml file",
            "choose another name",
        )
    path.write_text(
        re.sub(r'(?m)^name( *)= "[^"]*"', rf'name\1= "{path.stem}"', text, count=1), "utf-8"
    )


def _read(source: str | Path) -> str:
    path = Path(source)
    if path.suffix == ".toml":
        if not path.is_file():
            raise ProtocolError(
                f"there is no protocol file {path}",
                f"shipped protocols are {', '.join(shipped())}",
                "give a file that ends in .toml, or a shipped name",
            )
        return path.read_text(encoding="utf-8")
    if str(source) not in shipped():
        raise ProtocolError(
            f'there is no shipped protocol "{source}"',
            f"shipped are {', '.join(shipped())}; a file must end in .toml",
            did_you_mean(str(source), shipped()),
        )
    return (resources.files("osteon") / "protocols" / f"{source}.toml").read_text("utf-8")


def _settings(model: BaseModel, prefix: str) -> list[Setting]:
    rows: list[Setting] = []
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel) and not isinstance(value, DateRange):
            rows += _settings(value, prefix=f"{name}.")
        elif info.description:
            stated = name in model.model_fields_set
            rows.append(Setting(prefix + name, _value(value), info.description, stated))
    return rows


def _value(value: Any) -> str:
    if isinstance(value, DateRange):
        return f"{value.start or 'any'} to {value.end or 'any'}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(_value(v) for v in value) or "(none)"
    return "(none)" if value is None or value == "" else str(value)
