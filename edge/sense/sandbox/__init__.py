"""The cell of the sensing process: what the kernel is asked to forbid, and the tries that show whether it does."""
