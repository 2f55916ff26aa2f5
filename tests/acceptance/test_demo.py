"""The demo centre: every figure that the papers' abstracts print, and the ledger."""

from __future__ import annotations

import pytest

from osteon.simulate import simulate


def test_every_published_figure_is_obtained(demo):
    differing = {c.figure: (c.printed, c.obtained) for c in demo.published if c.verdict != "equal"}
    assert differing == {}


def test_the_counts_of_the_abstract(demo):
    counts = {c.figure: c.obtained_count for c in demo.published if c.derived}
    assert counts["stage IV at diagnosis"] == "305/458"
    assert counts["bone metastases among these"] == "105/305"
    assert counts["first seen on SSTR imaging only"] == "51/105"
    assert counts["osteoblastic"] == "61/105"
    assert counts["skeletal-related events"] == "13/105"
    assert (counts["SRE without antiresorptive"], counts["SRE with antiresorptive"]) in {
        ("13/48", "0/57"),
        ("13/49", "0/56"),
    }


def test_metachronous_bone_metastases_outside_stage_iv_do_not_enter(demo):
    outside = [c for c in demo.counts if c.table == "bone metastasis" and c.row == "everybody else"]
    found = {c.column: c.count for c in outside}
    assert found["with bone metastasis"] > 0
    assert found["with bone metastasis"] + found["without"] == 458 - 305


def test_nothing_is_open_and_nothing_failed(demo):
    assert [e.number for e in demo.ledger if e.status == "open"] == []
    assert [e.analysis for e in demo.estimates if "not estimable" in e.note] == []


def test_an_empty_arm_gets_an_upper_bound(demo):
    [bound] = demo.find("sre_by_antiresorptive", "recommended", "antiresorptive")
    assert (bound.events, round(bound.conf_high, 4)) in {(0, 0.0627), (0, 0.0638)}


def test_faulty_rows_are_counted_and_nothing_is_lost(demo):
    assert demo.findings
    for source in demo.provenance.sources:
        assert source.stored + source.not_applicable + source.set_aside == source.rows_in


def test_it_is_marked_synthetic_and_conditioned(demo):
    assert demo.provenance.synthetic
    assert "published figures" in demo.conditioned_on


def test_results_hold_no_identifier_and_no_date(demo):
    text = demo.to_json()
    assert "SYN-" not in text


@pytest.fixture(scope="module")
def sister(study, tmp_path_factory):
    centre = simulate("essen_pannet_2023", tmp_path_factory.mktemp("pannet"))
    return study(centre, tmp_path_factory.mktemp("pannet_study"), "essen_pannet_2023")


def test_the_sister_paper(sister):
    obtained = {c.figure: (c.obtained, c.obtained_count) for c in sister.published}
    assert obtained["patients"][0] == "314"
    assert obtained["stage IV"][1] == "171/314"
    assert obtained["bone metastases among these"][1] == "62/171"
    assert obtained["first seen as tracer uptake only"][1] == "22/62"
    assert obtained["SRE with antiresorptive"][1] == "2/36"
    assert obtained["SRE without antiresorptive"][1] == "9/26"
    assert obtained["SRE without against with antiresorptive, odds ratio"][0] == "9.0"
    assert obtained["SRE without against with antiresorptive"][0] == "p = 0.0054"
    assert obtained["median survival, bone metastases"][0] == "63 months"
    assert obtained["median survival, other distant metastases"][0] == "116 months"


def test_a_centre_conditioned_on_nothing_says_so(study, tmp_path):
    centre = simulate("null_drug", tmp_path / "centre")
    results = study(centre, tmp_path, "essen_sinet_2025")
    assert results.provenance.synthetic
    assert results.conditioned_on == ""
