"""`probe`: parameters of a matrix unit from its results alone."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ...arguments import integer_option, scalar_format
from ...errors import FormatError
from ...families.base import Format
from .box import Box, Rows, Shape
from .fitting import Fit, Seen, refitted
from .models import results
from .report import Probed, parameters_of, reasons
from .search import fits_of
from .separation import Pool, asked_apart, plainest, separate
from .signatures import Prober, Signature, read
from .smallest import Disagreement, smallest
from .stimuli import Stimuli

Array = npt.NDArray[Any]

_RANDOM = 2500
_RETRIES = 4
_FEW = 6000
_KEPT = 120  # failing rows of a confirmation that are fitted next
_RESERVE = 48  # calls left for the smallest disagreement


def probe(
    f: Callable[..., Any],
    *,
    formats: tuple[Format | str, Format | str] | Format | str,
    output: Format | str,
    k: int,
    scale: Format | str | None = None,
    scale_block: int = 0,
    seed: int = 0,
    max_calls: int = 150,
    trials: int = 50_000,
) -> Probed:
    """Return the parameters of a matrix unit, inferred from the results of a black box.

    Structural probes (which products hide which) and ladders of powers of two say where to start;
    fields are then fitted to random rows, and models that still agree are told apart by rows looked
    for among the models. What cannot be told apart is said. Everything asked is counted.

    Parameters
    ----------
    f : callable
        ``f(a, b, c)``, with scales ``f(a, b, c, scale_a, scale_b)``: codes (n, K), (n, K), (n,) and
        (n, K / scale_block) twice, to the codes of n dot products, (n,).
    formats : (Format or str, Format or str), or one for both
        Of a and b.
    output : Format or str
        Of c and of the results.
    k : int
        Products of a row, 1 to 256.
    scale, scale_block : Format or str, int
        Format of block scales, and elements that share one.
    seed : int
        Of the random rows.
    max_calls : int
        How often `f` may be called, at least 20.
    trials : int
        Fresh random rows that confirm the model.

    Returns
    -------
    Probed

    Raises
    ------
    FormatError
        The arguments do not fit, or `f` does not return one code for each row.

    Examples
    --------
    >>> import numfmt as nf
    >>> hidden = nf.Aligned(output="binary32", block=4, fraction_bits=10, keep=12)
    >>> def f(a, b, c):
    ...     return nf.dot(a, b, c, formats="e4m3", accumulator=hidden)
    >>> found = nf.probe(f, formats="e4m3", output="binary32", k=4, trials=2000)
    >>> [found.parameters[name] for name in ("block", "fraction_bits", "keep")]
    [4, 10, 12]
    >>> found.agrees, found.confirmed
    (True, 2000)
    """
    shape = _shape(formats, output, k, scale, scale_block)
    integer_option(max_calls, 20, 1 << 20, "max_calls")
    integer_option(trials, 1, 1 << 24, "trials")
    return _Inference(f, shape, max_calls, trials, np.random.default_rng(seed)).probed()


def _shape(formats: Any, output: Any, k: Any, scale: Any, scale_block: Any) -> Shape:
    pair = (formats, formats) if isinstance(formats, Format | str) else tuple(formats)
    if len(pair) != 2:
        raise FormatError(f"formats={formats!r} is not a pair of formats, that of a and that of b")
    integer_option(k, 1, 256, "k")
    if (scale is None) != (scale_block == 0) or (scale_block and k % scale_block):
        raise FormatError(
            f"scale={scale!r}, scale_block={scale_block!r}: give both or neither, and a block that "
            f"divides k={k}"
        )
    return Shape(
        scalar_format(pair[0], "formats[0]"),
        scalar_format(pair[1], "formats[1]"),
        scalar_format(output, "output"),
        int(k),
        None if scale is None else scalar_format(scale, "scale"),
        int(scale_block),
    )


class _Inference:
    """One probe: the box, what was seen of it, and the steps."""

    def __init__(
        self,
        f: Callable[..., Any],
        shape: Shape,
        max_calls: int,
        trials: int,
        rng: np.random.Generator,
    ) -> None:
        self.shape = shape
        self.box = Box(f, shape, max_calls)
        self.rng = rng
        self.trials = trials
        self.stimuli = Stimuli(shape)
        self.seen = Seen(shape)
        self.agreed = 0  # fresh rows in a row

    def probed(self) -> Probed:
        prober = Prober(self.box)
        signature = read(prober)
        for rows, codes in prober.answered:
            self.seen.add(rows, codes)
        structural = self.seen.codes.size
        self.seen.ask(self.box, self.stimuli.rows(self.rng, _RANDOM))
        read_bits = {n for n in signature.fraction_bits.values() if n is not None}
        for bits in sorted(read_bits)[:2]:
            self.seen.ask(self.box, self.stimuli.borrows((bits,)))
        fits = fits_of(self.shape, signature, self.seen, structural, self.rng)
        fit, failing = fits[0], self._missed(fits[0])
        equals: dict[str, list[Any]] = {}
        for _ in range(_RETRIES):
            if failing.size:
                break
            fit, equals = separate(fit, self.seen, self.box, self.stimuli, self.rng)
            failing = self._missed(fit)
            if failing.size:
                break
            fit = plainest(fit, equals, self.seen, Pool(self.stimuli, self.rng, fit.model))
            failing = self._failing(fit)
            if not failing.size or self.box.left < _RESERVE:
                break
            self.seen.ask(self.box, failing.take(slice(0, _KEPT)))
            fit = self._refitted(fit, fits)
            failing = self._missed(fit)
        return self._told(fit, fits, equals, signature, failing)

    def _missed(self, fit: Fit) -> Rows:
        """Return the rows asked so far that a fit misses."""
        wrong = self.seen.wrong(fit.model, True)
        rows = self.seen.rows
        assert rows is not None
        return rows if wrong is None else rows.take(np.flatnonzero(wrong))

    def _refitted(self, fit: Fit, fits: list[Fit]) -> Fit:
        """Return a fit to all that was seen, from where it stood or else from another family."""
        found = refitted(fit, self.seen, self.rng)
        for other in fits[:4] if found.missed else ():
            again = refitted(other, self.seen, self.rng)
            found = again if again.missed < found.missed else found
        return found

    def _failing(self, fit: Fit) -> Rows:
        """Return fresh random rows that a fit misses; a few are tried before the many."""
        few = min(_FEW, self.trials)
        for count in (few, self.trials - few)[: 1 + (self.trials > few)]:
            rows = self.stimuli.rows(self.rng, count)
            got, mine = self.box.ask(rows), results(fit.model, rows)
            failing = rows if mine is None else rows.take(np.flatnonzero(got != mine))
            self.agreed = 0 if failing.size else self.agreed + count
            if failing.size:
                break
        return failing

    def _told(
        self,
        fit: Fit,
        fits: list[Fit],
        equals: dict[str, list[Any]],
        signature: Signature,
        failing: Rows,
    ) -> Probed:
        disagreement: Disagreement | None = None
        ambiguous: list[Fit] = []
        if failing.size:
            disagreement = smallest(fit.model, failing, self.box)
        else:
            others = [other for other in fits if other.family != fit.family]
            pool = Pool(self.stimuli, self.rng, fit.model)
            ambiguous = asked_apart(fit, others, self.seen, self.box, pool)
        model = fit.model
        return Probed(
            unit=model,
            family=fit.family,
            parameters=parameters_of(model),
            unobserved=reasons(model, self.shape, equals),
            ambiguous=tuple(other.model for other in ambiguous),
            signature=signature,
            calls=self.box.calls,
            rows=self.box.rows,
            confirmed=self.agreed,
            disagreement=disagreement,
        )
