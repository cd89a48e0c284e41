"""The detectors, one a file; ``edge.report.analytics.registry`` finds them here."""
