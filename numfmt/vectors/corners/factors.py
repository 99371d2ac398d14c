"""Integers as products of two of few digits."""

import functools

_TRIALS = 1 << 12  # primes below are always found
_MORE = 1 << 20  # and these where an integer seems to have no factors


def _primes_of(n: int, bound: int) -> tuple[list[int], int]:
    """Return the prime factors of an odd n below a bound, and the cofactor."""
    found, p = [], 3
    while p < bound and p * p <= n:
        while n % p == 0:
            found.append(p)
            n //= p
        p += 2
    return found, n


def _search(n: int, x_digits: int, y_digits: int, bound: int) -> list[tuple[int, int]]:
    primes, cofactor = _primes_of(n, bound)
    divisors = {1}
    for p in [*primes, cofactor]:
        divisors |= {d * p for d in divisors}
    return sorted(
        (d, n // d)
        for d in divisors
        if d.bit_length() <= x_digits and (n // d).bit_length() <= y_digits
    )


@functools.lru_cache(maxsize=4096)
def pairs(n: int, x_digits: int, y_digits: int) -> list[tuple[int, int]]:
    """Return products of at most so many digits each that are an odd n; not all of large ones.

    Examples
    --------
    >>> pairs(35, 3, 3), pairs(29, 4, 4)
    ([(5, 7), (7, 5)], [])
    """
    if n.bit_length() > x_digits + y_digits:
        return []
    return _search(n, x_digits, y_digits, _TRIALS)


@functools.lru_cache(maxsize=256)
def all_pairs(n: int, x_digits: int, y_digits: int) -> list[tuple[int, int]] | None:
    """Return all such products, or None where the factors of n are beyond reach."""
    if n.bit_length() > x_digits + y_digits:
        return []
    primes, cofactor = _primes_of(n, _MORE)
    del primes
    if cofactor >= _MORE * _MORE:
        return None
    return _search(n, x_digits, y_digits, _MORE)
