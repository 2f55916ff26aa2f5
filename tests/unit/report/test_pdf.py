import pytest
from pypdf import PdfReader

from osteon.report.pdf import write_pdf
from osteon.report.story import tell


@pytest.fixture(scope="module")
def pdf(written):
    return PdfReader(written["pdf"])


def test_it_is_archival_and_accessible(written, pdf):
    raw = written["pdf"].read_bytes()
    assert b"pdfaid:part>2<" in raw.replace(b" ", b"")
    assert b"pdfaid:conformance>A<" in raw.replace(b" ", b"")
    assert b"pdfuaid:part>1<" in raw.replace(b" ", b"")
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).lower().startswith("en")


def test_title_and_date(pdf, results):
    assert pdf.metadata.title == results.title
    assert pdf.metadata.creation_date.isoformat().startswith("2025-11-03T09:12:44")


def test_every_page_carries_the_mark(pdf):
    assert len(pdf.pages) > 8
    for page in pdf.pages:
        assert "Synthetic centre" in page.extract_text()


def test_the_same_results_give_the_same_file(written, results, tmp_path):
    (tmp_path / "figures").symlink_to(written["figures"])
    assert write_pdf(tell(results), tmp_path).read_bytes() == written["pdf"].read_bytes()
