"""Home Assistant for real: it finds the sensor's entities, believes them, loses them and finds them again."""

from collections.abc import Callable
from pathlib import Path

from tests.rehearsal.cache import PROJECT
from tests.rehearsal.equipment import KIT
from tests.rehearsal.home import SITE, home_assistant
from tests.rehearsal.machine import Machine

HERE = "/root/home"
# They wait more than they work, so that there are more workers than processors.
PYTEST = (
    f"PYTHONPATH={SITE}:{HERE} python3 -m pytest -c /dev/null --rootdir={HERE} -p no:cacheprovider -o asyncio_mode=auto "
    "--numprocesses=6 --maxschedchunk=1 --durations=5 --durations-min=1 --show-capture=no -q -ra"
)


def test_home_assistant_and_the_sensor(
    installed: list[Path], make_machine: Callable[[str, list[Path]], Machine]
) -> None:
    with make_machine("home", [home_assistant(), *installed]) as machine:
        for file in (KIT / "home").glob("*.py"):
            machine.write(f"{HERE}/{file.name}", file.read_bytes())
        machine.write(f"{HERE}/conftest.py", "from house import broker, no_warnings\n")
        machine.write(f"{HERE}/person.jpg", (PROJECT / "examples/photos/astronaut.jpg").read_bytes())
        for file in (PROJECT / "examples/homeassistant").glob("*.yaml"):
            machine.write(f"{HERE}/blueprints/{file.name}", file.read_bytes())
        # The longest first.
        files = " ".join(f"{HERE}/inside_{name}.py" for name in ("scenes", "home", "blueprints"))
        ran = machine.run(f"{PYTEST} {files}", check=False, timeout=900)
        print(ran.stdout[-4000:])
        assert ran.returncode == 0, ran.stdout[-20000:] + ran.stderr[-2000:]
