"""Plane geometry: polygons in the frame, and the map from the frame to the floor."""
