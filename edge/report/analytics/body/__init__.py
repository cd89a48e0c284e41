"""One person's body, measured: points, heights, posture of the trunk, limb movements."""
