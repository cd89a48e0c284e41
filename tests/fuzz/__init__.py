"""Damaged input for everything that reads what others wrote; ``scripts/fuzz`` runs it at length."""
