import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise

import pytest
from PIL import Image

from osteon.report.curve_frame import Frame
from osteon.report.curve_rows import box_rows, line_rows
from osteon.report.curves import curve_chart
from osteon.report.story import tell

WIDTHS = {"85mm": 85, "175mm": 175}


def test_every_figure_is_there_at_both_widths(results, written):
    names = {f"{f.name}_{w}" for f in tell(results).figures for w in WIDTHS}
    assert {p.stem for p in written["figures"].glob("*.svg")} == names
    assert {p.stem for p in written["figures"].glob("*.png")} == names


def test_all_kinds_are_drawn(results):
    names = [f.name for f in tell(results).figures]
    assert "flow" in names
    assert {"curve_overall_survival", "curve_sre_incidence", "curve_until_visible"} <= set(names)
    assert {"ratios_survival", "shares_pattern", "rates_skeletal_events"} <= set(names)
    assert len(names) == len(set(names))


def test_svg_states_its_column_width(written):
    for file in written["figures"].glob("*.svg"):
        root = ET.fromstring(file.read_text("utf-8"))
        assert root.get("width") == file.stem.rpartition("_")[2]
        assert root.get("height").endswith("mm")


def test_png_has_300_dots_per_inch_at_that_width(written):
    for file in written["figures"].glob("*.png"):
        with Image.open(file) as image:
            wanted = WIDTHS[file.stem.rpartition("_")[2]] / 25.4 * 300
            assert image.width == pytest.approx(wanted, abs=2)
            assert image.info["dpi"][0] == pytest.approx(300, abs=0.1)


def test_text_is_as_large_as_journals_ask(written):
    """Seven points at the final width; the mark may be smaller."""
    for file in written["figures"].glob("*.svg"):
        root = ET.fromstring(file.read_text("utf-8"))
        millimetres = float(root.get("width")[:-2]) / float(root.get("viewBox").split()[2])
        for text in root.iter("{http://www.w3.org/2000/svg}text"):
            if text.text and "Synthetic" not in text.text:
                points = float(text.get("font-size")[:-2]) * millimetres / 25.4 * 72
                assert points > 6.3, (file.name, text.text)


def test_nothing_leaves_the_drawing(written):
    """Boxes, lines and texts end inside the page, as well as characters can be reckoned."""
    for file in written["figures"].glob("*.svg"):
        root = ET.fromstring(file.read_text("utf-8"))
        left, top, width, height = map(float, root.get("viewBox").split())
        for x, y, text in _texts(root, 0.0, 0.0):
            anchor, size = text.get("text-anchor"), float(text.get("font-size")[:-2])
            if "rotate" in (text.get("transform") or ""):
                continue
            reach = 0.5 * size * len(text.text)
            start = x - reach / 2 if anchor == "middle" else x - reach if anchor == "end" else x
            assert start > left - 3, (file.name, text.text)
            assert start + reach < left + width + 22, (file.name, text.text)
            assert top < y < top + height, (file.name, text.text)


def _texts(element, x, y):
    found = re.match(r"translate\((-?[\d.]+),(-?[\d.]+)\)", element.get("transform") or "")
    x, y = (x + float(found[1]), y + float(found[2])) if found else (x, y)
    if element.tag.endswith("}text") and element.text:
        yield x, y, element
    for child in element:
        yield from _texts(child, x, y)


def texts(written, name):
    root = ET.fromstring((written["figures"] / f"{name}.svg").read_text("utf-8"))
    return [t.text for t in root.iter("{http://www.w3.org/2000/svg}text") if t.text]


@pytest.mark.parametrize("width", WIDTHS)
def test_published_and_recommended_curves_are_drawn_together(written, width):
    told = texts(written, f"curve_overall_survival_{width}")
    assert {"As published", "Recommended"} <= set(told)
    assert "conditional on reaching 4.2 months" in told
    assert told.count("Months") == 2
    assert "Synthetic centre" in told


def test_a_turnbull_curve_rises_from_nobody_found(results):
    """By contract: the shaded rectangles begin at nobody found and join the levels."""
    curve = next(c for c in results.curves if c.kind == "turnbull")
    frame = Frame([("", (curve,))], 300, 30.4375, "")
    boxes, lines = box_rows(curve, frame), line_rows(curve, frame)
    assert curve.rises
    assert boxes[0]["hi"] == lines[0]["s"] == 0
    assert [b["lo"] for b in boxes] == [round(100 * e, 3) for e in curve.estimate]
    assert [b["hi"] for b in boxes[1:]] == [b["lo"] for b in boxes[:-1]]
    assert lines[-1]["s"] == pytest.approx(100 * curve.estimate[-1])


def test_a_turnbull_curve_says_what_its_axis_counts(results):
    curves = tuple(c for c in results.curves if c.kind == "turnbull")
    figures = tell(replace(results, curves=curves)).figures
    drawn = json.dumps(next(f for f in figures if f.name == "curve_until_visible").wide.spec)
    assert '"title": "Seen first on receptor imaging, %"' in drawn
    assert "Followed, not yet found (found so far)" in drawn
    assert "At risk (events so far)" not in drawn


def test_ticks_are_even_and_a_late_start_keeps_its_number_at_risk(results):
    """A start at month 2.3 is no tick, or every second tick would be out of step."""
    curve = next(c for c in results.curves if c.kind == "survival")
    days = tuple(m * 30.4375 for m in (2.3, 24, 48, 72, 96, 120, 144, 168))
    late = replace(
        curve, start_days=days[0], risk_days=days, at_risk=(20,) * 8, events=tuple(range(8))
    )
    spec = curve_chart([("", (late,))], width_mm=85, month_days=30.4375)
    frame = Frame([("", (late,))], 180, 30.4375, "")
    steps = {round(b - a, 3) for a, b in pairwise(frame.ticks)}
    assert frame.ticks[0] == 0.0
    assert len(steps) == 1
    assert '"n": "20 (0)"' in json.dumps(spec)


def test_a_median_whose_interval_begins_below_0_is_drawn_from_0(results):
    curve = next(c for c in results.curves if c.kind == "survival" and c.median_days)
    spec = curve_chart(
        [("", (replace(curve, median_low_days=-90.0),))], width_mm=85, month_days=30.4375
    )
    drawn = json.dumps(spec)
    assert '"lo": 0.0' in drawn
    assert '"lo": -' not in drawn


def test_the_two_groups_of_a_card_are_drawn_first(results):
    from dataclasses import replace

    more = tuple(
        replace(c, group="all patients") for c in results.curves if c.group == "bone metastases"
    )
    names = [f.name for f in tell(replace(results, curves=(*results.curves, *more))).figures]
    assert names.index("curve_overall_survival") < names.index("curve_overall_survival_groups")


def test_every_ratio_stands_in_the_forest_plot(results, written):
    told = texts(written, "ratios_skeletal_events_175mm")
    for printed in ("43.7 (5.50–5660)", "at least 4.02", "0.12 (0.001–1.04) †"):
        assert printed in [t.replace("\u00a0", " ") for t in told]


def test_the_caption_tells_months_and_conditions(results):
    caption = next(f.caption for f in tell(results).figures if f.name == "curve_overall_survival")
    assert "Months of 30.4375 days." in caption
    assert "conditional on reaching 4.2 months" in caption


def test_the_flow_diagram_holds_every_count(results, written):
    told = " ".join(texts(written, "flow_175mm")).replace("\u00a0", " ")
    for step in results.attrition:
        assert f"n = {step.kept}" in told
        if step.removed:
            assert f"n = {step.removed}" in told
