"""The installed product on machines in qemu with kernels of their own: what ``scripts/machine`` builds and tries."""
