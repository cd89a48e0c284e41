"""System call numbers of the three supported processors, and what a call is denied for if it is denied altogether.

A 32-bit Raspberry Pi OS may run on a 64-bit kernel, which reports aarch64: the size of a pointer decides.
Sources: arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h, arch/arm/tools/syscall.tbl.
"""

import platform
import struct
from typing import NamedTuple


class Architecture(NamedTuple):
    """A processor: its name, its number in linux/audit.h, and the first number of its foreign ABI (x32) if any."""

    name: str
    audit: int
    foreign: int | None = None


X86_64 = Architecture("x86_64", 0xC000003E, foreign=0x40000000)
AARCH64 = Architecture("aarch64", 0xC00000B7)
ARM = Architecture("arm", 0x40000028)
ARCHITECTURES = (X86_64, AARCH64, ARM)
"""In the order of the table's columns; all are little-endian."""

_TABLE = """
accept                    43  202  285  network
accept4                  288  242  366  network
add_key                  248  217  309  kernel
bpf                      321  280  386  kernel
capget                   125   90  184
capset                   126   91  185
chmod                     90    -   15  metadata
chown                     92    -  182  metadata
chown32                    -    -  212  metadata
chroot                   161   51   61  namespaces
clone                     56  220  120
clone3                   435  435  435
creat                     85    -    8  files
delete_module            176  106  129  kernel
execve                    59  221   11  programs
execveat                 322  281  387  programs
fchmod                    91   52   94  metadata
fchmodat                 268   53  333  metadata
fchmodat2                452  452  452  metadata
fchown                    93   55   95  metadata
fchown32                   -    -  207  metadata
fchownat                 260   54  325  metadata
finit_module             313  273  379  kernel
fork                      57    -    2  programs
fremovexattr             199   16  237  metadata
fsconfig                 431  431  431  namespaces
fsetxattr                190    7  228  metadata
fsmount                  432  432  432  namespaces
fsopen                   430  430  430  namespaces
fspick                   433  433  433  namespaces
futimesat                261    -  326  metadata
getpid                    39  172   20
init_module              175  105  128  kernel
io_uring_enter           426  426  426  network
io_uring_register        427  427  427  network
io_uring_setup           425  425  425  network
ioctl                     16   29   54
kexec_file_load          320  294  401  kernel
kexec_load               246  104  347  kernel
keyctl                   250  219  311  kernel
landlock_add_rule        445  445  445
landlock_create_ruleset  444  444  444
landlock_restrict_self   446  446  446
lchown                    94    -   16  metadata
lchown32                   -    -  198  metadata
link                      86    -    9  files
linkat                   265   37  330  files
listen                    50  201  284  network
lremovexattr             198   15  236  metadata
lsetxattr                189    6  227  metadata
mkdir                     83    -   39  files
mkdirat                  258   34  323  files
mknod                    133    -   14  files
mknodat                  259   33  324  files
mount                    165   40   21  namespaces
mount_setattr            442  442  442  namespaces
move_mount               429  429  429  namespaces
mq_open                  240  180  274  memory
mq_unlink                241  181  275  memory
msgget                    68  186  303  memory
name_to_handle_at        303  264  370  namespaces
open                       2    -    5
open_by_handle_at        304  265  371  namespaces
open_tree                428  428  428  namespaces
open_tree_attr           467  467  467  namespaces
openat                   257   56  322
openat2                  437  437  437
perf_event_open          298  241  364  kernel
pidfd_getfd              438  438  438  processes
pivot_root               155   41  218  namespaces
process_vm_readv         310  270  376  processes
process_vm_writev        311  271  377  processes
ptrace                   101  117   26  processes
removexattr              197   14  235  metadata
removexattrat            466  466  466  metadata
rename                    82    -   38  files
renameat                 264   38  329  files
renameat2                316  276  382  files
request_key              249  218  310  kernel
rmdir                     84    -   40  files
seccomp                  317  277  383
semget                    64  190  299  memory
setns                    308  268  375  namespaces
setxattr                 188    5  226  metadata
setxattrat               463  463  463  metadata
shmat                     30  196  305  memory
shmget                    29  194  307  memory
socket                    41  198  281
socketpair                53  199  288
symlink                   88    -   83  files
symlinkat                266   36  331  files
truncate                  76   45   92  metadata
truncate64                 -    -  193  metadata
umount2                  166   39   52  namespaces
unlink                    87    -   10  files
unlinkat                 263   35  328  files
unshare                  272   97  337  namespaces
userfaultfd              323  282  388  kernel
utime                    132    -    -  metadata
utimensat                280   88  348  metadata
utimensat_time64           -    -  412  metadata
utimes                   235    -  269  metadata
vfork                     58    -  190  programs
"""
_ROWS = [line.split() for line in _TABLE.strip().splitlines()]
NUMBERS: dict[Architecture, dict[str, int]] = {
    architecture: {row[0]: int(row[column]) for row in _ROWS if row[column] != "-"}
    for column, architecture in enumerate(ARCHITECTURES, start=1)
}
"""Numbers by name, without the calls that an architecture does not have."""
DENIED = {row[4]: tuple(other[0] for other in _ROWS if other[4:] == row[4:]) for row in _ROWS if len(row) > 4}
"""Names of the calls that are denied altogether, by the reason in the table."""


def this_architecture(machine: str | None = None, pointer: int = struct.calcsize("P")) -> Architecture | None:
    """Architecture of this process.

    Args:
        machine: As of ``uname -m``.
        pointer: Size of a pointer in this process, bytes.

    Returns:
        None for a processor that is not in the table.
    """
    machine = machine or platform.machine()
    if machine == "x86_64":
        return X86_64 if pointer == 8 else None
    if machine == "aarch64":
        return AARCH64 if pointer == 8 else ARM
    return ARM if machine in ("armv7l", "armv8l") and pointer == 4 else None
