"""Proportions of the human body, as fractions of its height.

Drillis and Contini (1966), as given in Winter, Biomechanics and Motor Control of Human Movement (2009), figure 4.1.
"""

EYES = 0.936
"""Height of the eyes above the floor; so all of the next four."""
SHOULDERS = 0.818
HIPS = 0.530
KNEES = 0.285
ANKLES = 0.039

TRUNK = SHOULDERS - HIPS
THIGH = HIPS - KNEES
SHANK = KNEES - ANKLES
UPPER_ARM = 0.186
FOREARM = 0.146
SHOULDER_WIDTH = 0.259
HIP_WIDTH = 0.191

ADULT_HEIGHT_M = 1.7
"""Height of a person where nothing else tells it, m."""
