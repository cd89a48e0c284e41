"""A recorded room that Home Assistant follows: states, events and device triggers.

By ``replay``, which is content with Home Assistant's packages: the scenes need others, and with the newest there are none.
"""

import gzip
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from homeassistant.core import HomeAssistant
from house import HERE, PATIENCE_S, PORT, PROGRAMS, Broker, Heard, at_home, automate, device_triggers, listening, until

BEFORE = 400
"""Frames of the recording before somebody is there, who leaves 9 s later; 2 s after that somebody else comes."""
SPEED = 2
"""Times as fast as recorded, which leaves the empty room for longer than a state waits to be said."""
LEFT, ARRIVED = "Everybody left", "Somebody arrived"


@contextmanager
def replayed(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The recording as a sensor ``hall``, until the end of the ``with``."""
    header, *frames = gzip.decompress((HERE / "recording.gz").read_bytes()).splitlines(keepends=True)
    film = folder / "film.gz"
    # Nobody may be played under the name of the sensor that was recorded.
    film.write_bytes(gzip.compress(b"".join([header.replace(b'"hall"', b'"film"'), *frames[BEFORE:]])))
    options = ["--name=hall", f"--set=mqtt.port={PORT}", f"--speed={SPEED}"]
    with subprocess.Popen([PROGRAMS / "python", "-m", "edge", "replay", film, *options]) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


async def test_a_recorded_room_is_followed(hass: HomeAssistant, broker: Broker, tmp_path: Path) -> None:
    with ExitStack() as until_home_assistant_is_gone:
        async with at_home(hass):
            heard = Heard(hass)
            process = until_home_assistant_is_gone.enter_context(replayed(tmp_path))

            async def offers_both() -> bool:
                assert process.poll() is None, "replay has ended"
                return {LEFT, ARRIVED} <= set(await device_triggers(hass))

            await until(hass, offers_both, "device triggers")
            await automate(hass, await listening(hass))
            await until(hass, lambda: {LEFT, ARRIVED} <= set(heard.triggers()), "both triggers")
            await until(
                hass,
                lambda: (
                    heard.states("binary_sensor.hall_occupied")[-2:] == ["off", "on"]
                    and heard.states("sensor.hall_people")[-2:] == ["0", "1"]
                ),
                "empty, then somebody again",
            )
            assert {"left", "arrived"} <= {each["event_type"] for each in heard.events()}
