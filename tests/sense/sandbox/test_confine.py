"""The first stage on this machine's own kernel: plain calls, by code that knows nothing of how they are stopped."""

import os
import platform
import socket
from pathlib import Path

import pytest

from tests.sense.sandbox.sandbox_child import USERS, child, folder, needs_landlock, needs_scopes

__all__ = ["folder"]


SOCKETS = """
answers = {
    "INET datagram": attempt(lambda: socket.socket(2, socket.SOCK_DGRAM)),
    "INET stream": attempt(lambda: socket.socket(2, socket.SOCK_STREAM)),
    "INET6": attempt(lambda: socket.socket(10, socket.SOCK_STREAM)),
    "PACKET": attempt(lambda: socket.socket(17, socket.SOCK_RAW)),
    "VSOCK": attempt(lambda: socket.socket(40, socket.SOCK_STREAM)),
    "BLUETOOTH": attempt(lambda: socket.socket(31, socket.SOCK_RAW, 1)),
    "ALG": attempt(lambda: socket.socket(38, socket.SOCK_SEQPACKET)),
    "INET pair": attempt(lambda: socket.socketpair(2)),
    "routes": attempt(lambda: socket.socket(16, socket.SOCK_RAW, 0)),
    "wireless": attempt(lambda: socket.socket(16, socket.SOCK_RAW, 16)),
    "uevents": attempt(lambda: socket.socket(16, socket.SOCK_RAW, 15)),
    "UNIX": attempt(lambda: socket.socket(1, socket.SOCK_STREAM)),
    "UNIX pair": attempt(lambda: socket.socketpair()),
    "listen": attempt(lambda: socket.socket(1, socket.SOCK_STREAM).listen()),
}
"""


@pytest.mark.parametrize("user", USERS)
def test_no_socket_reaches_a_network(user: int | None) -> None:
    answers = child(f"confine_start()\n{SOCKETS}\ntell(answers)", user)
    open_ones = {"uevents", "UNIX", "UNIX pair"}
    errors = {"routes": "EPROTONOSUPPORT", "wireless": "EPROTONOSUPPORT", "listen": "EPERM"}
    for name, answer in answers.items():
        assert answer == ("open" if name in open_ones else errors.get(name, "EAFNOSUPPORT")), name


FILES = """
old = folder / "old"
answers = {
    "create": attempt(lambda: (folder / "new").write_text("pixels")),
    "temporary": attempt(lambda: os.open(folder, os.O_TMPFILE | os.O_RDWR)),
    "shm": attempt(lambda: Path("/dev/shm/posenet-edge-new").write_text("pixels")),
    "mkdir": attempt(lambda: (folder / "new").mkdir()),
    "fifo": attempt(lambda: os.mkfifo(folder / "new")),
    "symlink": attempt(lambda: (folder / "new").symlink_to("pixels")),
    "link": attempt(lambda: os.link(old, folder / "new")),
    "rename": attempt(lambda: old.rename(folder / "new")),
    "unlink": attempt(old.unlink),
    "socket": attempt(lambda: socket.socket(1, socket.SOCK_STREAM).bind(str(folder / "new"))),
    "overwrite": attempt(lambda: os.close(os.open(old, os.O_WRONLY))),
    "empty": attempt(lambda: os.truncate(old, 0)),
    "chmod": attempt(lambda: old.chmod(0o600)),
    "fchmod": attempt(lambda: os.fchmod(reading, 0o600)),
    "utime": attempt(lambda: os.utime(old, (1, 1))),
    "xattr": attempt(lambda: os.setxattr(old, "user.pixels", b"1")),
}
"""


@needs_landlock
@pytest.mark.parametrize("user", USERS)
def test_nothing_can_be_written(folder: Path, user: int | None) -> None:
    script = f"reading = os.open(folder / 'old', os.O_RDONLY)\nconfine_start()\n{FILES}\ntell(answers)"
    answers = child(script, user, folder=folder)
    by_filter = {"empty", "chmod", "fchmod", "utime", "xattr"}
    for name, answer in answers.items():
        assert answer == ("EPERM" if name in by_filter else "EACCES"), name
    assert [path.name for path in folder.iterdir()] == ["old"]
    assert (folder / "old").read_text() == "old"


@pytest.mark.parametrize("user", USERS)
def test_without_landlock_nothing_new_can_be_made(folder: Path, user: int | None) -> None:
    script = """
    def none():
        raise OSError(errno.EOPNOTSUPP, "not supported")
    landlock.version = none
    reading = os.open(folder / "old", os.O_RDONLY)
    reached = confine_start()
    """
    script += "\n".join(f"    {line}" for line in (FILES + "\ntell([reached, answers])").splitlines())
    reached, answers = child(script, user, folder=folder)
    version, missing, breaches, cameras, rules = reached
    assert (version, missing, breaches, cameras, rules) == (0, ["no Landlock: not supported"], [], None, None)
    stay_open = {"overwrite", "socket"}  # what docs/seal.md says of these kernels
    for name, answer in answers.items():
        assert name in stay_open or answer == "EPERM", name


KERNEL = """
answers = {
    "unshare user": attempt(lambda: foreign("unshare", 0x10000000)),
    "unshare net": attempt(lambda: foreign("unshare", 0x40000000)),
    "setns": attempt(lambda: foreign("setns", os.open("/proc/self/ns/net", os.O_RDONLY), 0)),
    "mount": attempt(lambda: foreign("mount", b"none", b"/tmp", b"tmpfs", 0, None)),
    "umount": attempt(lambda: foreign("umount2", b"/tmp", 0)),
    "chroot": attempt(lambda: os.chroot("/")),
    "ptrace": attempt(lambda: foreign("ptrace", 16, os.getppid(), None, None)),
    "process_vm_readv": attempt(lambda: foreign("process_vm_readv", os.getppid(), None, 0, None, 0, 0)),
    "io_uring": attempt(lambda: foreign("syscall", 425, 1, ctypes.create_string_buffer(120))),
    "clone3": attempt(lambda: foreign("syscall", 435, None, 0)),
    "pidfd_getfd": attempt(lambda: foreign("syscall", 438, -1, 0, 0)),
    "mount api": attempt(lambda: foreign("syscall", 430, b"tmpfs", 0)),
    "perf": attempt(lambda: foreign("syscall", 298, None, 0, -1, -1, 0)),
    "keyctl": attempt(lambda: foreign("syscall", 250, 0, -3, 1)),
    "bpf": attempt(lambda: foreign("syscall", 321, 0, None, 0)),
    "userfaultfd": attempt(lambda: foreign("syscall", 323, 1)),
    "shmget": attempt(lambda: foreign("shmget", 0, 4096, 0o600)),
    "terminal": attempt(lambda: fcntl.ioctl(terminal, 0x5412, b"x")),
    "x32": attempt(lambda: foreign("syscall", 0x40000000 + 39)),
}
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="these numbers are those of x86_64")
@pytest.mark.parametrize("user", USERS)
def test_the_doors_of_the_kernel_are_shut(user: int | None) -> None:
    answers = child(f"terminal = os.openpty()[1]\nconfine_start()\n{KERNEL}\ntell(answers)", user)
    assert {name: answer for name, answer in answers.items() if answer != "EPERM"} == {"clone3": "ENOSYS"}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="32-bit calls of x86 exist on x86 only")
def test_a_32_bit_call_is_no_way_around() -> None:
    script = """
    import mmap
    # mov eax, 359 (socket of i386); mov ebx, 2; mov ecx, 1; xor edx, edx; int 0x80; ret
    code = bytes.fromhex("53 b867010000 bb02000000 b901000000 31d2 cd80 5b c3")
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    before = call()
    confine_start()
    tell([before, call()])
    """
    try:
        before, after = child(script)
    except AssertionError as error:
        if "exit status -11" not in str(error):
            raise
        pytest.skip("this kernel has no 32-bit calls")
    if before < 0:
        pytest.skip("what surrounds this process denies 32-bit calls")
    assert before > 2  # a real INET socket
    assert after == -1  # EPERM


@needs_scopes
def test_neither_abstract_sockets_nor_signals_leave() -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name := f"\0posenet-edge-test-{os.getpid()}")
        listener.listen()
        script = """
        call = lambda: socket.socket(1, socket.SOCK_STREAM).connect(name)
        signal = lambda: os.kill(os.getppid(), 0)
        before = [attempt(call), attempt(signal)]
        confine_start()
        tell([before, [attempt(call), attempt(signal)]])
        """
        assert child(script, name=name) == [["open", "open"], ["EPERM", "EPERM"]]
