"""The broker of one's own."""

import pytest

from edge.errors import Unavailable
from edge.tools.mosquitto import Mosquitto, listens


def test_it_listens_on_loopback_only_and_is_gone_afterwards() -> None:
    with Mosquitto() as broker:
        assert listens(broker.port)
        process = broker._process
        folder = broker._folder.name
        assert process
    assert process.poll() is not None
    assert not listens(broker.port)
    with pytest.raises(FileNotFoundError):
        open(folder)  # noqa: PTH123, SIM115


def test_two_stand_side_by_side() -> None:
    with Mosquitto() as one, Mosquitto() as other:
        assert one.port != other.port


def test_one_that_does_not_start_says_why() -> None:
    with pytest.raises(Unavailable, match=r"mosquitto did not start .*nonsense"), Mosquitto("nonsense true"):
        pass
