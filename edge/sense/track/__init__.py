"""Who is who: from each picture's poses to persons that keep their ids, with their keypoints smoothed."""

from edge.sense.track.tracker import Tracker

__all__ = ["Tracker"]
