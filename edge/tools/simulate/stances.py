"""Stances: standing, sitting, bending, squatting, falling, lying, and gestures of the arms."""

from edge.tools.simulate.body import Stance, both

STANDING = Stance()
_DOWN = both(spread=10, elbow=20)

# On a chair of 0.45 m and on a sofa of 0.35 m; OVER and INTO are between standing and these, with the trunk forward.
SITTING = Stance(lean=-41, reach=0.72, pitch=-8, **both(flex=25, spread=8, elbow=65))
OVER = Stance(lean=-25, reach=0.82, pitch=62, **both(flex=45, spread=8, elbow=45))
SOFA = Stance(lean=-53, reach=0.68, pitch=-28, **both(flex=20, spread=20, elbow=40))
INTO = Stance(lean=-30, reach=0.80, pitch=30, **both(flex=30, spread=25, elbow=30))

BENT = Stance(lean=-16, reach=0.82, pitch=88, nod=-15, **both(flex=88, spread=2, elbow=5))
SQUAT = Stance(lean=-27, reach=0.58, pitch=38, nod=-20, **both(flex=125, spread=5, elbow=5))
# The right foot forward, the left knee on the floor; STEP_BACK is between standing and this.
STEP_BACK = Stance(lean=-25, reach=0.78, pitch=50, left_ahead=-0.23, left_lift=0.08, **both(flex=50))
HALF_KNEELING = Stance(
    lean=-44, reach=0.66, pitch=15, left_ahead=-0.46, left_lift=0.01, right_flex=45, right_elbow=30, left_flex=15
)
TYING = HALF_KNEELING._replace(
    pitch=66, roll=4, nod=15, left_flex=92, left_spread=-8, left_elbow=10, right_flex=86, right_spread=4, right_elbow=14
)
TYING_ON = TYING._replace(left_flex=84, left_elbow=30, right_flex=78, right_elbow=35)

KNEELING = Stance(lean=48, reach=0.70, pitch=8, **_DOWN)
STEP_UP = Stance(lean=0, reach=0.68, pitch=15, right_ahead=-0.1, left_ahead=-0.23, right_lift=0.1, **_DOWN)
# On the right buttock, propped on the right arm.
SIDE_SITTING = Stance(
    lean=10, sway=74, reach=0.70, pitch=5, roll=35, right_spread=34, right_elbow=60, left_flex=30, left_elbow=50
)

# Each fall: a stance during it, and the stance at its end.
FALLING_ASIDE = Stance(
    sway=42, reach=0.80, roll=54, lean=6, left_spread=70, left_elbow=40, right_spread=75, right_elbow=30, nod=-10
)
FALLEN_ASIDE = Stance(
    sway=75, reach=0.82, roll=84, twist=-12, nod=10,
    left_flex=55, left_spread=0, left_elbow=65, right_flex=80, right_spread=-20, right_elbow=45,
)  # fmt: skip
FALLING_AHEAD = Stance(lean=52, reach=0.86, pitch=62, nod=-20, **both(flex=120, spread=15, elbow=30))
FALLEN_AHEAD = Stance(lean=85, reach=0.985, pitch=89, nod=-12, turn=50, **both(flex=4, spread=120, elbow=70, rotate=90))
FALLING_BACK = Stance(lean=-52, reach=0.72, pitch=-58, nod=20, **both(flex=40, spread=60, elbow=25))
FALLEN_BACK = Stance(lean=-86, reach=0.94, pitch=-88, nod=5, **both(flex=-2, spread=45, elbow=20))

# On a bed of 0.5 m: on its edge, and lying on the back.
EDGE = Stance(lean=-40, reach=0.75, pitch=5, **both(flex=10, spread=15, elbow=20))
LYING = Stance(lean=-55, reach=1.17, pitch=-88, nod=12, **both(flex=8, spread=12, elbow=15, lift=0.31))

HAND_UP = STANDING._replace(right_flex=165, right_spread=10, right_elbow=10)
HANDS_UP = STANDING._replace(**both(flex=165, spread=10, elbow=10))
# The upper arm level to the side, the forearm up and swung in and out.
WAVE_OUT = STANDING._replace(right_flex=0, right_spread=95, right_elbow=60, right_rotate=90)
WAVE_IN = WAVE_OUT._replace(right_elbow=115)
ARMS_ASIDE = STANDING._replace(**both(spread=90, elbow=5))
JACK = STANDING._replace(reach=0.97, **both(spread=160, elbow=10, aside=0.2))
JUMP = STANDING._replace(reach=1.14, **both(spread=90, elbow=10, aside=0.13))
TALKING = STANDING._replace(right_flex=35, right_elbow=80, left_flex=20, left_elbow=60, turn=15)

# The right foot a long step ahead of the left, whose heel is off the floor; STEPPING is between standing and this.
LUNGE = Stance(reach=0.60, pitch=8, right_ahead=0.24, left_ahead=-0.24, left_lift=0.06, **_DOWN)
STEPPING = LUNGE._replace(reach=0.85, right_ahead=0.12, left_ahead=-0.12, right_lift=0.1, left_lift=0.03)

# Boxing: the guard, and punches out of it, the first with the left hand.
GUARD = Stance(
    reach=0.95, twist=15, left_ahead=0.1, right_ahead=-0.1, **both(flex=35, spread=12, elbow=130, aside=0.09)
)
JAB = GUARD._replace(twist=0, left_flex=92, left_spread=5, left_elbow=8)
PUNCH = GUARD._replace(twist=40, right_flex=92, right_spread=5, right_elbow=8)
HOOK = GUARD._replace(twist=45, right_flex=60, right_spread=75, right_elbow=90, right_rotate=-60)
UPPERCUT = GUARD._replace(twist=35, right_flex=75, right_spread=5, right_elbow=95)

# A bar: in the hands on the floor, hanging in front of the thighs, before the shoulders and over the head.
BAR_FLOOR = Stance(lean=-24, reach=0.66, pitch=62, nod=-20, **both(flex=62, spread=12, elbow=3))
BAR_HANGING = Stance(pitch=3, **both(flex=10, spread=12, elbow=5))
BAR_SHOULDERS = Stance(pitch=-3, **both(flex=45, spread=15, elbow=140))
BAR_OVERHEAD = Stance(**both(flex=172, spread=15, elbow=8))
