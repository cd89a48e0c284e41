"""What a service must not be able to do, tried by its own process, in its main thread, when it gets SIGUSR2.

So all that binds it binds the tries: the unit, and what the process gave up by itself. The outcome goes to standard
error, that is to the journal: a line for each outcome, ``done`` or why not, with all that came out so.
"""

import errno
import os
import signal
import socket
import stat
import subprocess
import sys

_FAMILIES = ("AF_INET", "AF_INET6", "AF_PACKET", "AF_NETLINK", "AF_VSOCK", "AF_BLUETOOTH", "AF_CAN")
_PEERS = {"broker": "10.77.0.1", "somebody_else": "10.77.0.2"}
_FOLDERS = [
    "/",
    "/boot",
    "/dev",
    "/dev/mqueue",
    "/dev/shm",
    "/etc",
    "/etc/posenet-edge",
    "/home",
    "/opt/posenet-edge",
    "/proc/self",
    "/root",
    "/run",
    "/run/lock",
    "/run/posenet-edge",
    "/run/udev",
    "/srv",
    "/sys",
    "/sys/fs/cgroup",
    "/tmp",
    "/usr",
    "/var",
    "/var/lib",
    "/var/lib/posenet-edge",
    "/var/log",
    "/var/tmp",
]
_SECRETS = (
    "/etc/posenet-edge/secrets/mqtt_password",
    "/etc/shadow",
    "/root/password",
    "/proc/1/environ",
    "/proc/kcore",
)
_SOCKETS = ("/run/dbus/system_bus_socket", "/run/systemd/private", "/run/systemd/io.systemd.Hostname")
_LIBRARIES = ("cv2.imdecode", "numpy.zeros", "libcamera.CameraManager", "picamera2.Picamera2")
_HARMLESS = {"null", "zero", "full", "random", "urandom", "tty", "ptmx"}


def _outcome(attempt, *arguments):
    try:
        attempt(*arguments)
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__) if error.errno else type(error).__name__
    except Exception as error:
        return type(error).__name__
    return "done"


def _family(name):
    socket.socket(getattr(socket, name), socket.SOCK_DGRAM if name != "AF_NETLINK" else socket.SOCK_RAW).close()


def _connect(address):
    socket.create_connection((address, 1883), 1.0).close()


def _knock(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)


def _write(folder):
    path = f"{folder.rstrip('/')}/rehearsal-{os.getpid()}"
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    os.unlink(path)


def _read(path):
    with open(path, "rb") as file:
        file.read(1)


def _device(path):
    os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))


def _devices():
    for folder, _, names in os.walk("/dev"):
        for name in names:
            path = os.path.join(folder, name)
            mode = os.lstat(path).st_mode
            if (
                (stat.S_ISCHR(mode) or stat.S_ISBLK(mode))
                and name not in _HARMLESS
                and not folder.startswith("/dev/pts")
            ):
                yield path


def _use(name):
    # A folder that may not be read is still a package, an empty one.
    library, _, function = name.partition(".")
    getattr(__import__(library), function)


def _from_memory():
    memory = os.memfd_create("program")
    with open(sys.executable, "rb") as program:
        os.write(memory, program.read())
    os.posix_spawn(f"/proc/self/fd/{memory}", ["program", "-c", "pass"], {})


def _tries():
    found = {f"socket {name}": _outcome(_family, name) for name in _FAMILIES}
    found |= {f"connect {name}": _outcome(_connect, address) for name, address in _PEERS.items()}
    found |= {f"knock {path}": _outcome(_knock, path) for path in _SOCKETS}
    found |= {f"write {folder}": _outcome(_write, folder) for folder in _FOLDERS}
    found |= {f"read {path}": _outcome(_read, path) for path in _SECRETS}
    found |= {f"device {path}": _outcome(_device, path) for path in _devices()}
    found["exec /bin/true"] = _outcome(lambda: subprocess.run(["/bin/true"], check=True))
    found["exec from memory"] = _outcome(_from_memory)
    found["setuid"] = _outcome(os.setuid, 0)
    found["ptrace"] = _outcome(_read, "/proc/1/mem")
    found |= {f"use {name}": _outcome(_use, name) for name in _LIBRARIES}
    return found


def _on_signal(*_):
    found = _tries()
    # One line each, since the journal cuts long ones; few lines, since the journal limits their rate.
    for outcome in sorted(set(found.values())):
        names = ", ".join(name for name, each in found.items() if each == outcome)
        os.write(2, f"REHEARSAL {outcome}: {names}\n".encode())
    os.write(2, b"REHEARSAL over\n")


def listen():
    """Wait for the signal, where this is one of the services."""
    if os.environ.get("INVOCATION_ID") and "NOTIFY_SOCKET" in os.environ:
        signal.signal(signal.SIGUSR2, _on_signal)
