"""System call numbers of the three supported processors.

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
accept                    43  202  285
accept4                  288  242  366
add_key                  248  217  309
bpf                      321  280  386
capget                   125   90  184
capset                   126   91  185
chmod                     90    -   15
chown                     92    -  182
chown32                    -    -  212
chroot                   161   51   61
clone                     56  220  120
clone3                   435  435  435
creat                     85    -    8
delete_module            176  106  129
execve                    59  221   11
execveat                 322  281  387
fchmod                    91   52   94
fchmodat                 268   53  333
fchmodat2                452  452  452
fchown                    93   55   95
fchown32                   -    -  207
fchownat                 260   54  325
finit_module             313  273  379
fork                      57    -    2
fremovexattr             199   16  237
fsconfig                 431  431  431
fsetxattr                190    7  228
fsmount                  432  432  432
fsopen                   430  430  430
fspick                   433  433  433
futimesat                261    -  326
getpid                    39  172   20
init_module              175  105  128
io_uring_enter           426  426  426
io_uring_register        427  427  427
io_uring_setup           425  425  425
ioctl                     16   29   54
kexec_file_load          320  294  401
kexec_load               246  104  347
keyctl                   250  219  311
landlock_add_rule        445  445  445
landlock_create_ruleset  444  444  444
landlock_restrict_self   446  446  446
lchown                    94    -   16
lchown32                   -    -  198
link                      86    -    9
linkat                   265   37  330
listen                    50  201  284
lremovexattr             198   15  236
lsetxattr                189    6  227
mkdir                     83    -   39
mkdirat                  258   34  323
mknod                    133    -   14
mknodat                  259   33  324
mount                    165   40   21
mount_setattr            442  442  442
move_mount               429  429  429
mq_open                  240  180  274
mq_unlink                241  181  275
msgget                    68  186  303
name_to_handle_at        303  264  370
open                       2    -    5
open_by_handle_at        304  265  371
open_tree                428  428  428
open_tree_attr           467  467  467
openat                   257   56  322
openat2                  437  437  437
perf_event_open          298  241  364
pidfd_getfd              438  438  438
pivot_root               155   41  218
process_vm_readv         310  270  376
process_vm_writev        311  271  377
ptrace                   101  117   26
removexattr              197   14  235
removexattrat            466  466  466
rename                    82    -   38
renameat                 264   38  329
renameat2                316  276  382
request_key              249  218  310
rmdir                     84    -   40
seccomp                  317  277  383
semget                    64  190  299
setns                    308  268  375
setxattr                 188    5  226
setxattrat               463  463  463
shmat                     30  196  305
shmget                    29  194  307
socket                    41  198  281
socketpair                53  199  288
symlink                   88    -   83
symlinkat                266   36  331
truncate                  76   45   92
truncate64                 -    -  193
umount2                  166   39   52
unlink                    87    -   10
unlinkat                 263   35  328
unshare                  272   97  337
userfaultfd              323  282  388
utime                    132    -    -
utimensat                280   88  348
utimensat_time64           -    -  412
utimes                   235    -  269
vfork                     58    -  190
"""
_ROWS = [line.split() for line in _TABLE.strip().splitlines()]
NUMBERS: dict[Architecture, dict[str, int]] = {
    architecture: {row[0]: int(row[column]) for row in _ROWS if row[column] != "-"}
    for column, architecture in enumerate(ARCHITECTURES, start=1)
}
"""Numbers by name, without the calls that an architecture does not have."""


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
