from __future__ import annotations

import pytest

from osteon.errors import OsteonError
from osteon.simulate import Scenario, shipped

FREE = """
[scenario]
name = "mine"
title = "Mine"
seed = 1
patients = 3

[tumour]
topography = { "C17.2" = 1.0 }
"""


def written(tmp_path, text: str, draws: str | None = None):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    if draws is not None:
        (tmp_path / "mine.draws.txt").write_text(draws)
    return path


def test_a_scenario_file(tmp_path):
    scenario = Scenario.load(written(tmp_path, FREE))
    assert (scenario.name, scenario.draws, scenario.conditioned_on) == ("mine", (), "")


def test_an_unknown_key_is_refused_with_the_nearest_name(tmp_path):
    text = FREE + "\n[bone]\nslow_shar = 0.5\n"
    with pytest.raises(OsteonError, match=r"bone\.slow_shar.*Did you mean \"slow_share\"\?"):
        Scenario.load(written(tmp_path, text))


def test_a_share_above_one_is_refused(tmp_path):
    with pytest.raises(OsteonError, match=r"bone\.slow_share.*less than or equal to 1"):
        Scenario.load(written(tmp_path, FREE + "\n[bone]\nslow_share = 1.5\n"))


def test_a_conditioned_scenario_reads_the_draws_beside_it(tmp_path):
    text = FREE.replace("patients = 3", "patients = 3\nconditioned = true\nprotocol = 'x'")
    scenario = Scenario.load(written(tmp_path, text, "# chosen\n4\n9\n2\n"))
    assert scenario.draws == (4, 9, 2)


def test_a_conditioned_scenario_without_draws_says_what_to_do(tmp_path):
    text = FREE.replace("patients = 3", "patients = 3\nconditioned = true")
    with pytest.raises(OsteonError, match=r"mine\.draws\.txt.*calibrate\.py"):
        Scenario.load(written(tmp_path, text))


def test_there_is_no_such_scenario(tmp_path):
    with pytest.raises(OsteonError, match=r"null_drug.*Did you mean"):
        Scenario.load("nul_drug")
    with pytest.raises(OsteonError, match="no scenario file"):
        Scenario.load(tmp_path / "absent.toml")


@pytest.mark.parametrize("name", shipped())
def test_shipped_scenarios_load(name):
    scenario = Scenario.load(name)
    assert scenario.name == name
    assert bool(scenario.draws) == bool(scenario.conditioned_on) == scenario.conditioned


def test_what_it_is_conditioned_on_is_said_in_the_papers_words():
    told = Scenario.load("essen_sinet_2025").conditioned_on
    assert "458 patients" in told
    assert "log-rank p = 0.023" in told
