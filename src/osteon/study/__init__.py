"""Runs a protocol: each question as published and as recommended; the bias ledger."""

from osteon.study.run import run_study

__all__ = ["run_study"]
