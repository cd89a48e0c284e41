"""The newest frame wins, and who wants every frame gets every frame."""

import threading

from edge.sense.latest import Latest


def test_the_newest_wins_and_the_rest_are_counted() -> None:
    slot: Latest[int] = Latest()
    for item in (1, 2, 3):
        slot.put(item)
    assert slot.take(0) == 3
    assert slot.take(0) is None
    assert slot.dropped == 2


def test_a_patient_source_loses_nothing() -> None:
    slot: Latest[int] = Latest()
    taken: list[int] = []

    def fill() -> None:
        for item in range(50):
            slot.put(item, patiently=True)

    source = threading.Thread(target=fill)
    source.start()
    while len(taken) < 50:
        item = slot.take(5)
        assert item is not None
        taken.append(item)
    source.join()
    assert taken == list(range(50))
    assert slot.dropped == 0


def test_closing_wakes_both_sides_and_keeps_what_lies_there() -> None:
    slot: Latest[int] = Latest()
    slot.put(1)
    source = threading.Thread(target=slot.put, args=(2, True))
    source.start()
    slot.close()
    source.join(5)
    assert not source.is_alive()
    assert slot.take(5) == 1
    assert slot.take(3600) is None
