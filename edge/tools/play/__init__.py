"""Poses on file, and poses played: into a report of their own, or straight into words."""
