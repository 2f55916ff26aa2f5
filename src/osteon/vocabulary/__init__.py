"""Codes and clinical categories, each with its source."""
