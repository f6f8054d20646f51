"""Retrying: when a letter that was not taken is carried again."""

import random
from collections.abc import Sequence
from datetime import timedelta

#: A far end may ask for at most so long a rest.
LONGEST = timedelta(days=1)
#: By how much a delay grows at the most, so that letters that failed together do not come together.
JITTER = 0.2


def after(delays: Sequence[float], tries: int, retry_after: float | None = None) -> timedelta:
    """Give how long to wait after the try numbered `tries`, counted from 1.

    A delay is never shorter than set, nor than the far end asked for. Raises IndexError where it
    was the last try.
    """
    spread = 1 + random.uniform(0, JITTER)  # noqa: S311 -- no secret
    wait = timedelta(seconds=delays[tries - 1] * spread)
    asked = min(timedelta(seconds=retry_after or 0), LONGEST)
    return max(wait, asked)
