"""Filters for noisy boolean and numeric signals over time."""
