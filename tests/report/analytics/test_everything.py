"""All meanings at once on every scene: what is said has the shape that the schemas promise."""

import pytest
from jsonschema import Draft202012Validator

from edge.report.analytics.engine import Engine
from edge.report.messages.event import event_payload
from edge.report.messages.message import as_json
from edge.report.messages.schema import SCHEMAS
from edge.report.messages.state import STATE_MESSAGE
from edge.strict_json import parse
from edge.tools.simulate.noise import Noise
from edge.tools.simulate.scenes import SCENES
from edge.wire import FrameLine
from tests.support.everything import EVERYTHING
from tests.support.outbox import NUMBER
from tests.support.scene_player import filmed


@pytest.mark.parametrize("name", SCENES)
def test_what_is_said_of_a_scene_is_as_the_schemas_say(name: str) -> None:
    watcher = Engine(EVERYTHING)
    of_state, of_event = Draft202012Validator(SCHEMAS["state"]), Draft202012Validator(SCHEMAS["event"])
    said = None
    for number, (t, persons) in enumerate(filmed(name, rate=10.0, noise=Noise())):
        for event in watcher.see(FrameLine(number, t, t, 640, 480, persons)):
            of_event.validate(parse(as_json(event_payload(event, t) | NUMBER)))
        if (state := watcher.state(t)) != said:
            of_state.validate(parse(as_json(STATE_MESSAGE.build(time=t, **state))))
            said = state
    assert said
    assert set(said) == set(watcher.keys)
