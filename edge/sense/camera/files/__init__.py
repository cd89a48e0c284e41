"""Photos and clips in place of a camera."""
