"""What poses mean: one file a meaning, each a small thing with ``update(people, now) -> events`` and a ``state``."""
