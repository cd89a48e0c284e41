"""System calls that the sensing process is denied in each stage, grouped by what they could be used for.

The flags come from linux/sched.h, asm-generic/fcntl.h, asm-generic/ioctls.h and linux/netlink.h and are the same on all
three processors.
"""

import errno

from edge.sense.sandbox.seccomp import Deny, Where

_UNIX, _NETLINK, _UEVENTS = 1, 16, 15
"""AF_UNIX, AF_NETLINK, NETLINK_KOBJECT_UEVENT (device events, by which libcamera finds cameras)."""
NEW_NAMESPACES = 0x7E020000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET."""
_THREAD = 0x00010000
"""CLONE_THREAD."""
TYPE_INTO_TERMINAL, _CONSOLE = 0x5412, 0x541C
"""TIOCSTI and TIOCLINUX type into the terminal; the shell there would run it as a command."""
_CREATE = 0o100 | 0o1000 | 0o20000000
"""O_CREAT, O_TRUNC, and the bit that O_TMPFILE has beside O_DIRECTORY."""


def _all(names: str, error: int = errno.EPERM) -> tuple[Deny, ...]:
    return tuple(Deny(name, error) for name in names.split())


NETWORK = (
    Deny("socket", errno.EAFNOSUPPORT, (Where(0, "is_not", _UNIX), Where(0, "is_not", _NETLINK))),
    Deny("socket", errno.EPROTONOSUPPORT, (Where(0, "is", _NETLINK), Where(2, "is_not", _UEVENTS))),
    Deny("socketpair", errno.EAFNOSUPPORT, (Where(0, "is_not", _UNIX),)),
    # io_uring can open sockets and files without a system call that the filter sees.
    *_all("io_uring_setup io_uring_enter io_uring_register"),
    # sense never listens; it connects to report.
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
    # Its flags are behind a pointer, which a filter cannot read. On ENOSYS the C library uses clone instead.
    Deny("clone3", errno.ENOSYS),
)
TERMINAL = tuple(Deny("ioctl", where=(Where(1, "is", request),)) for request in (TYPE_INTO_TERMINAL, _CONSOLE))
SHARED_MEMORY = _all("mq_open mq_unlink msgget semget shmget shmat")
"""Shared memory and queues of System V and POSIX, through which data could be left for other processes; private memory
(memfd_create) is allowed."""
METADATA = _all(
    "truncate truncate64 chmod fchmod fchmodat fchmodat2 chown chown32 fchown fchown32 fchownat lchown lchown32 "
    "setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat "
    "utime utimes futimesat utimensat utimensat_time64"
)
"""Writing to a file's metadata, which Landlock does not restrict: an extended attribute holds up to 64 KiB."""

FIRST = (*NETWORK, *OTHER_PROCESSES, *KERNEL, *NAMESPACES, *TERMINAL, *SHARED_MEMORY, *METADATA)
"""Denied from the start of the process."""

FILES = (
    Deny("open", where=(Where(1, "has", _CREATE),)),
    Deny("openat", where=(Where(2, "has", _CREATE),)),
    Deny("openat2", errno.ENOSYS),
    *_all("creat mkdir mkdirat mknod mknodat link linkat symlink symlinkat rename renameat renameat2"),
    *_all("unlink unlinkat rmdir"),
)
"""Denied as well on a kernel without Landlock (Raspberry Pi OS): making, renaming and removing files. Existing files
stay writable by their permissions; the unit makes the file system read-only for that."""

SECOND = (
    *_all("execve execveat fork vfork"),
    Deny("clone", where=(Where(0, "lacks", _THREAD),)),
)
"""Denied from the first picture on: starting programs and processes; threads are allowed."""
