"""From an open camera to the latest frame: the capture thread and its control."""
