"""The two exceptions of numfmt, written for the person at the keyboard."""


class FormatError(ValueError):
    """A value, code, option or description that a format does not allow.

    The message names the argument, shows the offending value and says what to do instead.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.encode(float("nan"), "e2m1")
    Traceback (most recent call last):
        ...
    numfmt.errors.FormatError: x is NaN and 'e2m1' has no NaN; pass nan=0.0 (a value) or \
nan=<int> (a code), or replace it before encoding
    """


class UnknownFormat(LookupError):
    """A name that stands for no format, or for more than one.

    Examples
    --------
    >>> import numfmt as nf
    >>> nf.get("e3m4")
    Traceback (most recent call last):
        ...
    numfmt.errors.UnknownFormat: 'e3m4' does not say what its top codes mean; write 'e3m4_ieee', \
'e3m4_fn', 'e3m4_finite' or 'e3m4_fnuz' (largest finite value 15.5, 30, 31, 15.5)
    """
