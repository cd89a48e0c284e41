"""Which system calls the sensing process loses, and when: short lists by what somebody could do with them.

Numbers of flags come from linux/sched.h, asm-generic/fcntl.h, asm-generic/ioctls.h and linux/netlink.h; they are the
same on all three processors.
"""

import errno

from edge.sense.sandbox.bpf import Deny, Where

_UNIX, _NETLINK, _UEVENTS = 1, 16, 15
"""AF_UNIX, AF_NETLINK, NETLINK_KOBJECT_UEVENT: the words of the kernel that libcamera finds cameras by."""
NEW_NAMESPACES = 0x7E020000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET."""
_THREAD = 0x00010000
"""CLONE_THREAD."""
TYPE_INTO_TERMINAL, _CONSOLE = 0x5412, 0x541C
"""TIOCSTI and TIOCLINUX: what they put into a terminal, the shell that started this would run as a command."""
_CREATE = 0o100 | 0o1000 | 0o20000000
"""O_CREAT, O_TRUNC, and the bit by which O_TMPFILE differs from O_DIRECTORY."""


def _all(names: str, error: int = errno.EPERM) -> tuple[Deny, ...]:
    return tuple(Deny(name, error) for name in names.split())


NETWORK = (
    Deny("socket", errno.EAFNOSUPPORT, (Where(0, "is_not", _UNIX), Where(0, "is_not", _NETLINK))),
    Deny("socket", errno.EPROTONOSUPPORT, (Where(0, "is", _NETLINK), Where(2, "is_not", _UEVENTS))),
    Deny("socketpair", errno.EAFNOSUPPORT, (Where(0, "is_not", _UNIX),)),
    # io_uring opens sockets and files without a system call that a filter could see.
    *_all("io_uring_setup io_uring_enter io_uring_register"),
    # Nobody calls the sensing process: it connects to the reporting one.
    *_all("listen accept accept4"),
)
OTHER_PROCESSES = _all("ptrace process_vm_readv process_vm_writev pidfd_getfd")
KERNEL = _all(
    "bpf userfaultfd perf_event_open kexec_load kexec_file_load init_module finit_module delete_module "
    "add_key request_key keyctl"
)
NAMESPACES = (
    *_all("setns unshare mount umount2 pivot_root chroot mount_setattr move_mount"),
    *_all("open_tree open_tree_attr fsopen fsconfig fsmount fspick open_by_handle_at name_to_handle_at"),
    Deny("clone", where=(Where(0, "has", NEW_NAMESPACES),)),
    # Its flags lie behind a pointer. Told that there is no such call, the C library takes clone.
    Deny("clone3", errno.ENOSYS),
)
TERMINAL = tuple(Deny("ioctl", where=(Where(1, "is", request),)) for request in (TYPE_INTO_TERMINAL, _CONSOLE))
SHARED_MEMORY = _all("mq_open mq_unlink msgget semget shmget shmat")
"""System V's and POSIX's ways to leave something for others; memory of one's own (memfd_create) stays."""
METADATA = _all(
    "truncate truncate64 chmod fchmod fchmodat fchmodat2 chown chown32 fchown fchown32 fchownat lchown lchown32 "
    "setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat "
    "utime utimes futimesat utimensat utimensat_time64"
)
"""What could be written beside a file's content: Landlock covers none of it, and an attribute has room for 64 KiB."""

FIRST = (*NETWORK, *OTHER_PROCESSES, *KERNEL, *NAMESPACES, *TERMINAL, *SHARED_MEMORY, *METADATA)
"""From the start of the process on."""

FILES = (
    Deny("open", where=(Where(1, "has", _CREATE),)),
    Deny("openat", where=(Where(2, "has", _CREATE),)),
    Deny("openat2", errno.ENOSYS),
    *_all("creat mkdir mkdirat mknod mknodat link linkat symlink symlinkat rename renameat renameat2"),
    *_all("unlink unlinkat rmdir"),
)
"""In place of Landlock where the kernel lacks it (Raspberry Pi OS): nothing new in any folder. What is there already
and may be written by its permissions stays writable; for that the unit's read-only file system answers."""

SECOND = (
    *_all("execve execveat fork vfork"),
    Deny("clone", where=(Where(0, "lacks", _THREAD),)),
)
"""From the first picture on: no other program and no other process, only threads."""
