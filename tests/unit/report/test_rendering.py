import pytest

from osteon.report.drawing import field, layer
from osteon.report.rendering import Helper, to_svg

SPEC = layer("point", [{"x": 1}, {"x": 2}], {"x": field("x")})


@pytest.fixture
def svg(tmp_path):
    file = tmp_path / "a figure.svg"
    file.write_text(to_svg(SPEC, 85), "utf-8")
    return file


def test_the_helper_packs_and_rasterises(tmp_path, svg):
    with Helper() as helper:
        helper.rasterise(svg)
        assert "vegaEmbed" in helper.library()
        helper.finish()
    assert svg.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert {file.name for file in tmp_path.iterdir()} == {"a figure.svg", "a figure.png"}


def test_what_a_killed_helper_leaves_is_done_here(tmp_path, svg):
    with Helper() as helper:
        helper._process.kill()
        helper._process.wait()
        helper.rasterise(svg)
        assert "vegaEmbed" in helper.library()
        helper.finish()
    assert svg.with_suffix(".png").read_bytes().startswith(b"\x89PNG")


def test_a_drawing_that_is_none_fails_with_its_reason(tmp_path):
    broken = tmp_path / "broken.svg"
    broken.write_text("no svg")
    with Helper() as helper:
        helper.rasterise(broken)
        with pytest.raises(RuntimeError, match="unknown token"):
            helper.finish()


def test_a_drawing_states_its_width():
    assert 'width="85mm"' in to_svg(SPEC, 85)
    assert "mm" not in to_svg(SPEC).partition(">")[0]
