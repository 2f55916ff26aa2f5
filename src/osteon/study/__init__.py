"""Runs a protocol: each question as published and as recommended; the bias ledger."""

from osteon.study.run import check_names, run_study

__all__ = ["check_names", "run_study"]
