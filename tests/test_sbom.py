"""The SBOM is a CycloneDX document, and names every locked package and every model."""

import json

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from edge.data_files import MODELS
from tests.support.locked import asked, pins
from tests.support.sbom import reasons, sbom


def test_it_is_what_cyclonedx_says_and_nothing_is_missing() -> None:
    document = sbom()
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(json.dumps(document)) is None
    assert validator.validate_str(json.dumps(document | {"bomFormat": "another"})) is not None
    named = {(each["name"], each.get("version")) for each in document["components"]}
    assert {(pin.requirement.name, pin.version) for part in asked() for pin in pins(part)} <= named
    models = [each for each in document["components"] if each["type"] == "machine-learning-model"]
    assert len(models) == len(list(MODELS.glob("*.tflite")))
    assert document == sbom()


def test_every_locked_package_has_a_line_that_says_why() -> None:
    why = reasons()
    assert {pin.requirement.name for part in asked() for pin in pins(part)} - why.keys() == set()
