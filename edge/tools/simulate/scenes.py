"""Scripted scenes, each with its actors, duration and expected results."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from edge.errors import UsageError
from edge.pose import Person
from edge.tools.simulate import stances as to
from edge.tools.simulate.body import HEIGHT, Points, Stance
from edge.tools.simulate.gait import turn, walk
from edge.tools.simulate.motion import Act, Actor, become, hold, topple
from edge.tools.simulate.noise import EXACT, Noise, Observer, Screen
from edge.tools.simulate.pinhole_camera import CORNER, Camera
from edge.tools.simulate.stances import STANDING


@dataclass(frozen=True, slots=True)
class Scene:
    """A scripted scene in front of a camera; it is the same whenever it is played."""

    name: str
    description: str
    expected: tuple[str, ...]
    """Expected results in words."""
    duration: float
    """Duration of the scene, s."""
    actors: tuple[Actor, ...]
    camera: Camera = CORNER
    screens: tuple[Screen, ...] = ()
    """Furniture and walls that hide people behind them."""

    def bodies(self, t: float) -> list[Points]:
        """Joints ``[17, 3]`` in m of all actors at ``t`` s, whether the camera sees them or not."""
        return [actor.joints(t) for actor in self.actors]

    def persons(self, t: float) -> tuple[Person, ...]:
        """Persons that the camera sees at ``t`` s, without noise; ids count the actors from 1."""
        return Observer(self.camera, screens=self.screens)(self.bodies(t))


def scene(name: str, camera: Camera = CORNER) -> Scene:
    """Find a scene by name.

    Returns:
        The scene in front of this camera.

    Raises:
        UsageError: There is no such scene.
    """
    if name not in SCENES:
        raise UsageError(f"scene {name!r} is not known; expected one of {', '.join(SCENES)}")
    return replace(SCENES[name], camera=camera)


def frames(
    scene: Scene, rate: float = 15.0, size: tuple[int, int] = (640, 480), noise: Noise = EXACT, seed: int = 0
) -> Iterator[tuple[float, tuple[Person, ...]]]:
    """Play a scene.

    Args:
        scene: What to play.
        rate: Frames per second.
        size: Width and height of a frame, px.
        noise: Errors of the model.
        seed: Of the noise; the same seed gives the same noise.

    Yields:
        Time in s from 0, and the persons that are seen.
    """
    observer = Observer(replace(scene.camera, size=size), noise, seed, scene.screens)
    for number in range(int(scene.duration * rate) + 1):
        yield number / rate, observer(scene.bodies(number / rate))


def _scene(name: str, description: str, expected: tuple[str, ...], *actors: Actor) -> Scene:
    return Scene(name, description, expected, max(actor.duration for actor in actors), actors)


def _one(name: str, description: str, expected: tuple[str, ...], start: Stance, *acts: Act) -> Scene:
    return _scene(name, description, expected, Actor(start, *acts))


def _at(x: float, y: float, heading: float = 180.0) -> Stance:
    """Stance of a person who stands at (x, y) m and by default faces the camera."""
    return STANDING._replace(x=x, y=y, heading=heading)


_RIGHTWARDS = -90.0
_MIDDLE = _at(0.0, 3.8)
_ASLANT = _at(0.0, 3.8, 150.0)
_OUTSIDE = _at(-3.6, 3.8, _RIGHTWARDS)
_ENTER = (walk(0.0, 3.8), turn(150.0), hold(1.5))
# Standing up takes 1.91 s and sitting down 1.97 s: Kerr and others, Clin Biomech 12 (1997) 236.
_SIT = become(to.SITTING, 2.0, via=to.OVER)
_RISE = become(STANDING, 1.9, via=to.OVER)
# From losing balance to the floor; the hips come down for the last 0.58 s (SD 0.26) and meet it at 2.14 m/s (SD 0.63),
# the head at 2.91 m/s (SD 0.86): Choi, Wakeling and Robinovitch, J Biomech 48 (2015) 911, 25 falls of old people.
_FALL = 1.0
_FALL_ASIDE = become(to.FALLEN_ASIDE, _FALL, via=to.FALLING_ASIDE, ease=topple)
_FALL_AHEAD = become(to.FALLEN_AHEAD, _FALL, via=to.FALLING_AHEAD, ease=topple)
_FALL_BACK = become(to.FALLEN_BACK, _FALL, via=to.FALLING_BACK, ease=topple)
_GET_UP = (
    become(to.SIDE_SITTING, 1.8),
    hold(0.8),
    become(to.KNEELING, 1.6, shift=0.55 - 0.25j),
    hold(0.6),
    become(to.HALF_KNEELING, 1.2, via=to.STEP_UP, shift=0.75j),
    become(STANDING, 1.8, via=to.STEP_BACK),
)
_TIE = (become(to.TYING_ON, 0.5), become(to.TYING, 0.5))
_WAVE = (become(to.WAVE_OUT, 0.35), become(to.WAVE_IN, 0.35))
_SQUAT = (become(to.SQUAT, 1.2), hold(0.1), become(STANDING, 1.2), hold(0.2))
_STRIDE = 0.24 * HEIGHT * 1j
_LUNGE = (
    become(to.LUNGE, 1.0, via=to.STEPPING, shift=_STRIDE),
    hold(0.1),
    become(STANDING, 1.0, via=to.STEPPING, shift=-_STRIDE),
    hold(0.2),
)
_PICK_UP = (become(to.BENT, 1.3), hold(0.4), become(STANDING, 1.4), hold(0.5))
_PUNCHES = tuple(
    act
    for punch in (to.JAB, to.PUNCH, to.HOOK, to.JAB, to.UPPERCUT)
    for act in (become(punch, 0.16), become(to.GUARD, 0.16))
)
_LIFT = (
    become(to.BAR_FLOOR, 1.2), hold(0.4), become(to.BAR_HANGING, 0.9), become(to.BAR_SHOULDERS, 0.5), hold(0.6),
    *(become(to.BAR_OVERHEAD, 0.6), hold(0.1), become(to.BAR_SHOULDERS, 0.6), hold(0.3)) * 3,
    become(to.BAR_HANGING, 0.6), hold(0.3),
)  # fmt: skip
_JACK = (become(to.JACK, 0.5, via=to.JUMP), become(STANDING, 0.5, via=to.JUMP), hold(0.1))
_RAISE = (become(to.ARMS_ASIDE, 1.2), hold(0.2), become(STANDING, 1.2), hold(0.2))
_TALK = (become(to.TALKING, 0.8), hold(1.2), become(STANDING, 0.8), hold(1.2))
# The back of a sofa that stands with its back to the camera, and a wall with a door.
_SOFA_BACK = (Screen(-1.1, 1.6, 2.9, 1.0),)
_WALL = (Screen(-6.0, 0.2, 5.0, 3.0), Screen(1.1, 6.0, 5.0, 3.0))
_ON_TELEVISION = Actor(_at(0.9, 4.8), *_TALK * 5, height=0.6, floor=0.8)

SCENES = {
    made.name: made
    for made in (
        _one("walk-through", "comes in on the left, walks through and goes out on the right",
             ("one person, then nobody",), _OUTSIDE, walk(3.6, 3.8)),
        _one("sit", "comes in, sits down on a chair, stays there and stands up again",
             ("sitting, then standing", "no fall"), _OUTSIDE, *_ENTER, _SIT, hold(6.0), _RISE, hold(2.0)),
        _one("sit-fast", "drops onto a low sofa and stays there",
             ("sitting", "no fall"), _MIDDLE, hold(2.0), become(to.SOFA, 0.8, via=to.INTO), hold(8.0)),
        _one("fall", "comes in, falls sideways and stays down",
             ("a fall", "lying on the floor"), _OUTSIDE, *_ENTER, _FALL_ASIDE, hold(15.0)),
        _one("fall-forward", "falls forward, seen from the side, and stays down",
             ("a fall", "lying on the floor"), _at(-1.9, 3.8, _RIGHTWARDS), walk(-0.7, 3.8), _FALL_AHEAD, hold(15.0)),
        _one("fall-backward", "falls backward, seen from the side, and stays down",
             ("a fall", "lying on the floor"), _at(-1.0, 3.8, _RIGHTWARDS), walk(0.8, 3.8), _FALL_BACK, hold(15.0)),
        _one("fall-towards", "falls forward, towards the camera, and stays down",
             ("a fall", "lying on the floor"), _at(0.0, 5.5), walk(0.0, 4.4), _FALL_AHEAD, hold(15.0)),
        _one("fall-get-up", "comes in, falls sideways, sits up after some seconds, kneels and stands up",
             ("a fall", "then up again"), _OUTSIDE, *_ENTER, _FALL_ASIDE, hold(4.0), *_GET_UP, hold(3.0)),
        _one("tie-shoes", "goes down on one knee, ties a shoe and stands up",
             ("low for a while", "no fall"), _ASLANT, hold(1.5), become(to.TYING, 1.8, via=to.STEP_BACK), *_TIE * 6,
             become(STANDING, 1.8, via=to.STEP_BACK), hold(2.0)),
        _one("pick-up", "bends, picks something up from the floor and straightens",
             ("bending for a moment", "no fall"), _at(0.0, 3.8, -120.0), hold(1.5), become(to.BENT, 1.3), hold(0.5),
             become(STANDING, 1.4), hold(2.0)),
        _one("lie-down", "sits down on a bed, lies down on it and stays there",
             ("lying, on no floor", "no fall"), _at(-0.2, 3.6), hold(1.5), become(to.EDGE, 2.0, via=to.OVER), hold(1.5),
             become(to.LYING, 3.0, shift=0.8 - 0.75j, turn=-90.0), hold(15.0)),
        _scene("two-cross", "two people walk past each other",
               ("two people", "each keeps an id"), Actor(_at(-3.2, 3.6, _RIGHTWARDS), walk(3.2, 3.6)),
               Actor(_at(3.3, 4.5, 90.0), walk(-3.3, 4.5))),
        _one("wave", "waves with the right hand, to and fro 7 times",
             ("waving",), _MIDDLE, hold(1.5), become(to.WAVE_IN, 0.8), *_WAVE * 7, become(STANDING, 0.8), hold(2.0)),
        _one("raise-hand", "raises the right hand and keeps it up for 4 s",
             ("right hand raised",), _MIDDLE, hold(1.5), become(to.HAND_UP, 0.9), hold(4.0), become(STANDING, 0.9),
             hold(2.0)),
        _one("both-hands", "raises both hands and keeps them up for 4 s",
             ("both hands raised",), _MIDDLE, hold(1.5), become(to.HANDS_UP, 1.0), hold(4.0), become(STANDING, 1.0),
             hold(2.0)),
        _one("squats", "does 8 squats", ("8 squats", "no fall"), _ASLANT, hold(1.5), *_SQUAT * 8, hold(1.5)),
        _one("slow-squats", "does 4 squats, one every 8 s",
             ("4 squats", "no fall"), _ASLANT, hold(1.5), *(*_SQUAT, hold(5.3)) * 4),
        _one("lunges", "does 12 lunges with the right foot forward",
             ("no squats", "no fall"), _MIDDLE, hold(1.5), *_LUNGE * 12, hold(1.5)),
        _one("pick-ups", "picks something up from the floor 6 times",
             ("no squats", "no fall"), _MIDDLE, hold(1.5), *_PICK_UP * 6, hold(1.5)),
        _one("boxing", "boxes for 10 s with straight punches, hooks and uppercuts",
             ("no waving",), to.GUARD._replace(y=3.8, heading=180.0), hold(1.5), *(*_PUNCHES, hold(0.5)) * 5,
             hold(1.5)),
        _scene("lift-bar", "two people lift a bar to their shoulders and three times over their heads, twice",
               ("no waving", "no arm raises", "no squats"),
               *(Actor(_at(x, 3.8), become(to.BAR_HANGING, 1.0), hold(0.5), *_LIFT * 2, hold(1.5))
                 for x in (-0.5, 0.5))),
        _one("jumping-jacks", "does 10 jumping jacks",
             ("10 jumping jacks",), _MIDDLE, hold(1.5), *_JACK * 10, hold(1.5)),
        _one("arm-raises", "raises both arms to the sides 8 times",
             ("8 arm raises",), _MIDDLE, hold(1.5), *_RAISE * 8, hold(1.5)),
        _one("stand-still", "stands still", ("one person, standing",), _MIDDLE, hold(30.0)),
        _one("approach", "comes from the far end of the room close to the camera",
             ("one person, nearer and nearer",), _at(0.3, 6.0), hold(1.0), walk(0.2, 1.5), hold(3.0)),
        _one("leave", "stands, then walks out on the right",
             ("one person, then nobody",), _MIDDLE, hold(2.0), walk(3.6, 3.8)),
        _one("leave-down", "walks towards the camera and out of the frame below it",
             ("one person, then nobody", "no fall"), _at(0.2, 5.0), hold(1.0), walk(0.35, -0.6)),
        replace(
            _one("lie-behind-sofa", "walks behind a sofa seen from its back, sits down on it and lies down, hidden",
                 ("one person, then the same one assumed", "no fall"), _at(-2.0, 4.0, _RIGHTWARDS), hold(2.5),
                 walk(-0.4, 4.0), turn(0.0), become(to.EDGE, 2.0, via=to.OVER), hold(2.0),
                 become(to.LYING, 3.0, shift=0.8 - 0.75j, turn=-90.0), hold(10.0)),
            screens=_SOFA_BACK,
        ),
        replace(
            _one("leave-by-door", "stands, then walks out through a door in the far wall",
                 ("one person, then nobody, where the door is an exit",), _at(0.4, 3.6), hold(2.5),
                 walk(0.65, 5.5), walk(2.6, 5.9)),
            screens=_WALL,
        ),
        _scene("tv", "comes in and sits down before a television, on which a small person talks",
               ("one person, sitting", "the other never leaves one place"),
               Actor(_OUTSIDE, walk(-0.9, 3.8), turn(-56.0), hold(1.0), _SIT, hold(10.0)), _ON_TELEVISION),
        Scene("empty", "nobody is there", ("nobody",), 10.0, ()),
    )
}  # fmt: skip
