"""Duty: how often the model looks, by what is in the room and how the machine is."""
