"""The scenario: what is assumed of disease and centre, and what the centre is conditioned on.

One TOML file, unknown keys refused. A *free* scenario takes the first patients that the model
sends to the centre, so its truth is known. A *conditioned* one takes those listed beside it in
``<name>.draws.txt``, which ``calibration/calibrate.py`` chose so that the targets are met.
"""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from osteon.contracts.settings import Settings, parse_settings
from osteon.errors import OsteonError, did_you_mean
from osteon.simulate.model import (
    Antiresorptive,
    Bone,
    FunctioningTumour,
    Imaging,
    Mortality,
    Positive,
    Records,
    Referral,
    SkeletalEvent,
    Treatment,
    Tumour,
)

FOLDER = resources.files("osteon.simulate") / "scenarios"


class Faults(Settings):
    """Faulty rows, by kind: how many are planted."""

    topography: str = "C17.0"
    """faults that cost a patient a place are planted in these, whom the study leaves out"""
    death_before_last_contact: int = 0
    treatment_ends_before_start: int = 0
    bone_metastasis_with_m0: int = 0
    grade_against_ki67: int = 0
    unreadable_date: int = 0
    unknown_code: int = 0
    orphan_rows: int = 0
    repeated_patient: int = 0
    contradicting_patient: int = 0
    event_without_bone_metastasis: int = 0
    exam_after_death: int = 0


class Target(Settings):
    """A figure that the centre is conditioned on: it must come out between two numbers."""

    figure: str
    """name of the figure, as ``calibration/figures.py`` computes it"""
    low: float
    high: float
    printed: str = ""
    """the figure in words, as the paper prints it; empty where it prints none"""
    unit: Positive = 1.0
    """a miss of this size costs the search 1"""


class Scenario(Settings):
    """A whole scenario: seed, model, and what it is conditioned on."""

    name: str
    title: str
    seed: int
    patients: int = Field(ge=1)
    """patients in the exports; with conditioning, those of the population plus `outside`"""
    outside: int = Field(default=0, ge=0)
    """with conditioning: patients who do not fulfil the study's criteria"""
    conditioned: bool = False
    """take the patients listed in the draws file, instead of the first to come"""
    protocol: str = ""
    """the protocol that the centre is conditioned for"""
    referral: Referral = Referral()
    tumour: Tumour
    functioning: FunctioningTumour = FunctioningTumour()
    mortality: Mortality = Mortality()
    bone: Bone = Bone()
    imaging: Imaging = Imaging()
    skeletal_event: SkeletalEvent = SkeletalEvent()
    antiresorptive: Antiresorptive = Antiresorptive()
    treatment: Treatment = Treatment()
    records: Records = Records()
    faults: Faults = Faults()
    targets: tuple[Target, ...] = ()
    draws: tuple[int, ...] = Field(default=(), exclude=True)
    """numbers of the chosen patients; read from the draws file"""

    @classmethod
    def load(cls, source: str | Path) -> Scenario:
        """Read a scenario file with its draws, or a shipped scenario by name.

        Raises
        ------
        OsteonError
            If there is none, a setting is unknown, or a conditioned scenario has no draws.

        Examples
        --------
        >>> Scenario.load("null_drug").antiresorptive.hazard_ratio
        1.0
        """
        path = Path(source)
        if path.suffix == ".toml":
            return cls._with_draws(_text(path), path.with_suffix(".draws.txt"), str(path))
        if str(source) not in shipped():
            raise OsteonError(
                f'there is no shipped scenario "{source}"',
                f"shipped are {', '.join(shipped())}; a file must end in .toml",
                did_you_mean(str(source), shipped()),
            )
        text = (FOLDER / f"{source}.toml").read_text("utf-8")
        return cls._with_draws(text, FOLDER / f"{source}.draws.txt", str(source))

    @classmethod
    def _with_draws(cls, text: str, draws: Traversable, where: str) -> Scenario:
        scenario = parse_settings(text, cls, where=where, error=OsteonError)
        if not scenario.conditioned:
            return scenario
        if not draws.is_file():
            raise OsteonError(
                f"{where} is conditioned, but {draws.name} is not beside it",
                "a conditioned scenario takes the patients listed there",
                "run calibration/calibrate.py, or set conditioned = false",
            )
        numbers = [int(line) for line in draws.read_text("utf-8").split("\n") if line[:1].isdigit()]
        return scenario.model_copy(update={"draws": tuple(numbers)})

    @model_validator(mode="before")
    @classmethod
    def _lift_heading(cls, data: Any) -> Any:
        """``[scenario]`` is the heading of the file; its keys belong to the scenario itself."""
        if isinstance(data, dict) and isinstance(data.get("scenario"), dict):
            rest = {key: value for key, value in data.items() if key != "scenario"}
            return {**data["scenario"], **rest}
        return data

    @property
    def conditioned_on(self) -> str:
        """What this centre was made to show, to follow "conditioned on"; empty if nothing."""
        if not self.conditioned:
            return ""
        figures = ", ".join(t.printed for t in self.targets if t.printed)
        return f"the published figures of {self.protocol}: {figures}"


def shipped() -> tuple[str, ...]:
    """Names of the scenarios that come with the package."""
    return tuple(sorted(f.name[:-5] for f in FOLDER.iterdir() if f.name.endswith(".toml")))


def _text(path: Path) -> str:
    if not path.is_file():
        raise OsteonError(
            f"there is no scenario file {path}",
            f"shipped scenarios are {', '.join(shipped())}",
            "give a file that ends in .toml, or a shipped name",
        )
    return path.read_text(encoding="utf-8")
