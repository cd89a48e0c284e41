"""Simulated people: scripted bodies in front of a camera, as the tracker would report them."""
