"""All claims of the audit, in the order of the table."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from edge.config.settings import Settings
from edge.sense.sandbox.device_nodes import read_majors
from edge.tools.audit import both_services, code, data_sharing, files, network, processes, units
from edge.tools.audit.broker import Broker, all_endpoints, networks, opens_only_the_brokers
from edge.tools.audit.system import Service, System
from edge.tools.checks.finding import Answer, CouldNotTell
from edge.tools.checks.runner import Check
from edge.tools.dropins import METRICS_FOLDER, allowed_addresses, report_dropin, sense_dropin

Test = Callable[[System, Service], Answer]

_KEPT = "/var/lib/posenet-edge/report"
"""Folder in which report stores that the camera is to stay closed."""

_BOTH: tuple[tuple[str, Test], ...] = (
    ("no rights, no capability, every thread filtered", processes.has_no_rights),
    ("no page both writable and executable", processes.runs_no_memory),
    ("no file open for writing, no folder handed in", files.writes_no_file),
    ("no process beside its own", processes.starts_nothing),
    ("no foreign code brought in by variables", processes.injects_nothing),
    ("no import belonging to the other service", code.imports_nothing_foreign),
    ("its code is what was installed", code.is_what_was_installed),
)
_SENSE: tuple[tuple[str, Test], ...] = (
    ("nowhere to write", files.writes_nowhere),
    ("a network of its own, with nothing in it", network.own_network),
    ("no socket but to the wall and to systemd", network.sense_sockets),
    ("no packet would leave", lambda system, service: network.filters_addresses(system, service, ())),
    ("no local service within reach but the wall", files.reaches_services),
    ("no device open but cameras", lambda system, it: files.opens_only(read_majors(system.proc), files.CAMERAS, it)),
    ("every device but cameras is refused", lambda system, it: files.refuses_devices(system, it, files.CAMERAS)),
    ("no picture in a core dump, on swap, to a tracer", processes.keeps_memory),
    ("says of itself that it is sealed", processes.says_sealed),
)
_REPORT: tuple[tuple[str, Test], ...] = (
    (f"nowhere to write but in {_KEPT}", lambda system, it: files.writes_nowhere(system, it, _KEPT, METRICS_FOLDER)),
    ("no device open", lambda _, service: files.opens_only({}, (), service)),
    ("every device is refused", lambda system, service: files.refuses_devices(system, service, ())),
    ("no camera to be seen", files.sees_no_camera),
    ("no library for cameras, pictures or models", processes.maps_no_picture_library),
)


def all_claims(
    system: System, sense: Service, report: Service, brokers: Sequence[Broker], settings: Settings
) -> Iterator[Check]:
    """Give each claim with its test, which is to be run later."""
    for service, written in ((sense, sense_dropin(settings)), (report, report_dropin(settings, Path("/")))):
        for text, test in _of_unit(written):
            yield _claim(system, service, text, test, needs_process=False)
    yield Check("two users without rights", lambda: both_services.are_two_users(sense, report))
    yield Check("the wall lets in only sense", both_services.lets_in_only_sense)
    for text, test in (*_SENSE, *_BOTH):
        yield _claim(system, sense, text, test)
    for text, test in (*_REPORT, *_of_brokers(brokers, settings), *_of_sharing(settings), *_BOTH):
        yield _claim(system, report, text, test)
    yield Check("the processes are still the same", lambda: both_services.are_still_the_same(system, (sense, report)))


def _of_unit(written: str) -> tuple[tuple[str, Test], ...]:
    """Claims that can be tested of a service that does not run. written: the drop-in that ``apply`` would write."""

    def untouched(system: System, service: Service) -> Answer:
        return units.has_only_what_apply_wrote(system, service, written)

    return (
        ("runs", processes.runs),
        ("its unit says what it was shipped with", units.is_as_shipped),
        ("no drop-in but that of apply", untouched),
    )


def _of_sharing(settings: Settings) -> tuple[tuple[str, Test], ...]:
    level = settings.publish.share
    return (("shares what is configured", lambda _, service: data_sharing.shares_as_configured(service, level)),)


def _of_brokers(brokers: Sequence[Broker], settings: Settings) -> tuple[tuple[str, Test], ...]:
    def allowed(system: System, service: Service) -> Answer:
        opened = networks(service["IPAddressAllow"])
        return network.filters_addresses(system, service, opened)

    def sockets(system: System, service: Service) -> Answer:
        return network.report_sockets(system, service, endpoints, brokers[0].servers, settings.metrics.listen)

    endpoints = all_endpoints(brokers)
    extra = " ".join(set(allowed_addresses(settings)) & {"localhost"})
    return (
        ("no socket but to the broker and the wall", sockets),
        (
            "no address open but the broker's",
            lambda _, service: opens_only_the_brokers(service.properties, brokers, extra),
        ),
        ("no packet would leave to any other address", allowed),
    )


def _claim(system: System, service: Service, text: str, test: Test, needs_process: bool = True) -> Check:
    def ask() -> Answer:
        if needs_process and not service.main:
            raise CouldNotTell("it does not run")
        return test(system, service)

    return Check(f"{service.short_name}: {text}", ask)
