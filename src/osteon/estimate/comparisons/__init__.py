"""Tests of groups on risk tables, and exact ones for a handful of subjects."""
