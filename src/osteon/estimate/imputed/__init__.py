"""Rubin's rules: what several completed data sets say together."""
