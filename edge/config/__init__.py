"""The configuration file: its settings, and how it is read and checked."""
