"""Sandbox of the sensing process: the kernel's restrictions, and probes that test whether they hold."""
