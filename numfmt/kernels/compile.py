"""The one decorator for jitted code, with a disk cache that can never serve old bits."""

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache, IndexDataCacheFile


@functools.cache
def fingerprint() -> str:
    """Return a digest of every source file that compiled code can depend on."""
    here = Path(__file__).resolve().parent
    digest = hashlib.sha256()
    for path in sorted([*here.glob("*.py"), *here.parent.glob("*.py")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


class _ContentCache(FunctionCache):
    """Numba's disk cache, stamped with `fingerprint` instead of one file's date and size.

    Numba looks only at the file of the function itself, so a cached caller would keep the old
    body of a callee that was edited elsewhere.
    """

    def __init__(self, py_func: Callable[..., Any]) -> None:
        super().__init__(py_func)
        self._constants = _constants_of(py_func)
        self._cache_file = IndexDataCacheFile(
            cache_path=self._cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=fingerprint(),
        )

    def _index_key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        """Return what tells one compiled body from another: types, machine, enclosed constants.

        Numba pickles enclosed functions instead, and these differ in every process.
        """
        return sig, codegen.magic_tuple(), self._constants


def _constants_of(function: Callable[..., Any]) -> tuple[Any, ...]:
    """Return the constants that a function encloses, those of enclosed functions included."""
    found: list[Any] = []
    for cell in function.__closure__ or ():
        value = cell.cell_contents
        inner = getattr(value, "py_func", None)
        found.append(repr(value) if inner is None else _constants_of(inner))
    return tuple(found)


def jit(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function` compiled on first call: no GIL, NumPy's error model, cached on disk.

    Where no cache folder can be written, the function is compiled again in every process.
    """
    dispatcher: Any = numba.njit(nogil=True, error_model="numpy")(function)
    if compiling():
        try:
            dispatcher._cache = _ContentCache(function)
        except RuntimeError:  # numba found no writable folder
            pass
    compiled: Callable[..., Any] = dispatcher
    return compiled


def compiling() -> bool:
    """Return whether Numba compiles in this process (NUMBA_DISABLE_JIT unset)."""
    config: Any = numba.config  # whose own annotations leave this attribute out
    return not config.DISABLE_JIT
