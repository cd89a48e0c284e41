"""Settings with every meaning switched on, and a place of every kind."""

from edge.config.settings import FloorSettings, LineSettings, RuleSettings, Settings, ZoneSettings

LEFT_HALF = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))

EVERYTHING = Settings(
    floor=FloorSettings(camera_height=2.2, tilt=20.0, field_of_view=62.0),
    zone=(ZoneSettings(name="left", polygon=LEFT_HALF, dwell=2.0),),
    line=(LineSettings(name="middle", start=(0.5, 1.0), end=(0.5, 0.0)),),
    rule=(RuleSettings(name="reach", when="left_wrist above left_shoulder and zone == 'left'"),),
)
