"""Attention: which part of a frame the model looks at next, and turned by how much."""
