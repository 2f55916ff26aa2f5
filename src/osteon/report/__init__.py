"""Results to a report: HTML, Word, PDF, tables and figures; disclosure control.

``report`` prints what `osteon.contracts.results` holds and computes nothing.
"""

from osteon.report.disclosure import mask
from osteon.report.rendering import Helper
from osteon.report.writing import write_report

__all__ = ["Helper", "mask", "write_report"]
