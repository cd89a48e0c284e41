"""Plane geometry that both services share: polygons, and the floor as the camera sees it."""
