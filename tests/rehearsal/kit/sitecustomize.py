"""Every Python of the rehearsed device reads this at its start: it lets test equipment into two libraries and one module."""

import importlib.abc
import importlib.machinery
import sys


class _Equip(importlib.abc.MetaPathFinder):
    """Calls ``rehearsal_kit.MODULES[name](module)`` once that module has been imported."""

    def __init__(self, modules):
        self.modules = modules

    def find_spec(self, name, path, target=None):
        equip = self.modules.pop(name, None)
        spec = equip and importlib.machinery.PathFinder.find_spec(name, path, target)
        if not spec:
            return None
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            equip(module)

        spec.loader.exec_module = exec_module
        return spec


sys.path.append("/usr/share/rehearsal/kit")
try:
    import rehearsal_kit
    import tries
except ImportError:
    # A service may not be allowed to see it, and then has no use for it.
    pass
else:
    sys.meta_path.insert(0, _Equip(dict(rehearsal_kit.MODULES)))
    tries.listen()
sys.path.remove("/usr/share/rehearsal/kit")
