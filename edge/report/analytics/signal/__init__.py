"""Filters for noisy truth values and signals over time."""
