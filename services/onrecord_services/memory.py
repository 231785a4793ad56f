"""Memory: tell Python's collector of circles that there are next to none among cases, events and rows.

They are trees: counting references frees them. Left alone, the collector walks all of them again and again,
a quarter of a second at a time, and more the more there are.
"""

import gc

YOUNG_OBJECTS = 20_000
MIDDLE_AGED_EVERY = 50
OLD_EVERY = 1_000


def spare_the_collector() -> None:
    """Look at the young often, at everything hardly ever. Once, at the start of a process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, MIDDLE_AGED_EVERY, OLD_EVERY)
