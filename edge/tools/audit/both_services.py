"""Claims about both services together: their users, the socket between them, and that neither was restarted."""

import grp
import stat
from pathlib import Path

from edge.runtime.command import SOCKET_PATH
from edge.tools.audit.system import Service, System, find_service
from edge.tools.checks.finding import Answer, CouldNotTell, Level, judge

_GROUPS = {"sense": {"posenet-sense", "posenet-wall", "video"}, "report": {"posenet-report"}}


def are_two_users(sense: Service, report: Service) -> Answer:
    """Check that they run as two users without rights, in no group but their own, the wall's and the cameras'."""
    if not sense.main or not report.main:
        raise CouldNotTell("one of them does not run")
    breaches, users = [], {}
    for service in (sense, report):
        short = service.short_name
        users[short] = {user for process in service.processes for user in process.users()}
        breaches += [f"{short} runs as root"] if 0 in users[short] else []
        named = {_group(number) for process in service.processes for number in process.groups()}
        breaches += [f"{short} is in group {name}" for name in sorted(named - _GROUPS[short])]
    breaches += [f"both run as user {user}" for user in sorted(users["sense"] & users["report"])]
    return judge(breaches, ", ".join(f"{short}: user {'/'.join(map(str, found))}" for short, found in users.items()))


def lets_in_only_sense(path: Path = Path(SOCKET_PATH)) -> Answer:
    """Check owner, mode and group of the socket between the services."""
    about = path.stat()
    breaches = []
    if not stat.S_ISSOCK(about.st_mode):
        breaches.append(f"{path} is no socket")
    if about.st_mode & 0o007 or about.st_uid != 0:
        breaches.append(f"{path} has mode {stat.S_IMODE(about.st_mode):o} and owner {about.st_uid}")
    group = grp.getgrgid(about.st_gid)
    breaches += [f"{member} is in group {group.gr_name}" for member in group.gr_mem if member != "posenet-sense"]
    return judge(breaches, f"mode {stat.S_IMODE(about.st_mode):o}, group {group.gr_name}: {', '.join(group.gr_mem)}")


def are_still_the_same(system: System, services: tuple[Service, ...]) -> Answer:
    """Check that the processes which were tested still run."""
    if not all(service.main for service in services):
        raise CouldNotTell("one of them does not run")
    for service in services:
        now = find_service(system, service.name)
        if (now.main and now.main.pid) != (service.main and service.main.pid):
            raise CouldNotTell(f"{service.name} was started again meanwhile; run the audit again")
    return Answer(Level.GOOD, ", ".join(f"process {service.main.pid}" for service in services if service.main))


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
