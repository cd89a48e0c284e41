"""Measure parts of the product on clips, photos and scenes."""
