"""The Hypothesis profile for runs that must be repeatable and that wait for hardware."""

import random
from collections.abc import Callable
from typing import Final, TypeVar

from hypothesis import HealthCheck, find, settings
from hypothesis.errors import NoSuchExample
from hypothesis.strategies import SearchStrategy

from ..errors import FormatError

_T = TypeVar("_T")

PROFILE: Final = "numfmt-ci"

settings.register_profile(
    PROFILE,
    deadline=None,  # a simulator answers when it answers
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def load_profile() -> None:
    """Run Hypothesis from here on with the profile ``numfmt-ci``.

    It has no deadline, draws the same examples in every run and keeps no database, and forgives
    slow and large draws. Importing `numfmt.strategies` registers it; nothing loads it unasked.

    Examples
    --------
    >>> from hypothesis import settings
    >>> settings.get_profile("numfmt-ci").derandomize
    True
    """
    settings.load_profile(PROFILE)


def simplest(
    strategy: SearchStrategy[_T], condition: Callable[[_T], bool] = lambda drawn: True
) -> _T:
    """Return the simplest example that Hypothesis finds, the same one every time.

    Parameters
    ----------
    strategy : strategy
    condition : function, optional
        What must be true of the example.

    Raises
    ------
    FormatError
        None of 2000 examples meets the condition.

    Examples
    --------
    >>> from numfmt.strategies import bits
    >>> [hex(simplest(bits("e4m3"), lambda code: code > least)) for least in (0, 0x38, 0x7f)]
    ['0x38', '0x40', '0xb8']
    """
    profile = settings(settings.get_profile(PROFILE), max_examples=2000)
    try:
        return find(strategy, condition, settings=profile, random=random.Random(0))
    except NoSuchExample:
        raise FormatError("none of 2000 examples meets the condition") from None
