"""From the poses of each frame to persons that keep their ids, with smoothed keypoints."""

from edge.sense.track.tracker import Tracker

__all__ = ["Tracker"]
