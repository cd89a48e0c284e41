"""Profiles: what is switched off together, at home, away and by night, or as ``[[profile]]`` has it."""

from edge.config.settings import ProfileSettings, Settings

HOME = ProfileSettings(name="home")
"""In force where no other was chosen: everything as set."""
BUILT_IN = (
    HOME,
    # Nobody should be there: what tells that somebody is stays, what tells how people are there is off.
    ProfileSettings(name="away", detectors_off=("hands", "waving", "repetitions", "posture", "inactivity")),
    # People sleep: they lie still for long, and turn over without meaning anything by it.
    ProfileSettings(name="night", detectors_off=("hands", "waving", "repetitions", "inactivity")),
)
"""Where no ``[[profile]]`` is set. None of them switches falls off: one that was left chosen must not hide a fall."""


def profiles(settings: Settings) -> dict[str, ProfileSettings]:
    """Return all profiles by name; ``home`` is always among them."""
    found = {profile.name: profile for profile in settings.profile or BUILT_IN}
    return found if HOME.name in found else {HOME.name: HOME, **found}
