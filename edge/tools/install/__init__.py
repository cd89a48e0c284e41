"""Installing and upgrading, by the system's Python and its standard library alone: it is there before all else."""
