"""One file a detector: what is concluded from the people that are seen."""
