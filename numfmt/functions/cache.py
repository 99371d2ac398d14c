"""Tables that take seconds to make, kept on disk: written once, checked whenever they are read."""

import functools
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..families.base import ScalarFormat

Columns = tuple[npt.NDArray[Any], ...]
_LETTERS = 32  # of a digest in a file's name


def folder() -> Path | None:
    """Return where tables are kept, or None where the environment says that none are.

    ``NUMFMT_CACHE_DIR`` if it is set (nothing: no tables on disk), else ``numfmt`` in
    ``XDG_CACHE_HOME`` or in ``~/.cache``.
    """
    named = os.environ.get("NUMFMT_CACHE_DIR")
    if named is not None:
        return Path(named) if named else None
    home = os.environ.get("XDG_CACHE_HOME", "")
    try:
        return (Path(home) if Path(home).is_absolute() else Path.home() / ".cache") / "numfmt"
    except RuntimeError:  # no home
        return None


@functools.cache
def _sources() -> str:
    """Return a digest of the code that makes the tables."""
    here = Path(__file__).resolve().parent
    digest = hashlib.sha256()
    others = [here.parent / name for name in ("families/reals.py", "params.py", "flags.py")]
    for path in (*sorted(here.glob("*.py")), *others):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def path_of(name: str, formats: tuple[ScalarFormat, ...], *rest: object) -> Path | None:
    """Return the file of a table, named by all that it depends on: `rest` too."""
    base = folder()
    if base is None:
        return None
    key = repr((_sources(), name, [fmt.structure for fmt in formats], rest))
    return base / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:_LETTERS]}.npz"


def _digest(columns: Columns, name: str) -> str:
    digest = hashlib.sha256(name.encode())
    for column in columns:
        digest.update(str(column.dtype).encode() + column.tobytes())
    return digest.hexdigest()


def load(path: Path | None) -> Columns | None:
    """Return the columns of a table, or None if it is not there or not as it was written."""
    if path is None:
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            columns = tuple(found[f"column{i}"] for i in range(len(found.files) - 1))
            written = str(found["digest"])
    except Exception:  # whatever a damaged file makes of zipfile and NumPy: it is made again
        return None
    return columns if _digest(columns, path.name) == written else None


def save(path: Path | None, columns: Columns) -> None:
    """Write a table under a temporary name and rename it; a folder that cannot be written is left.

    Another process may do the same: either file is right.
    """
    if path is None:
        return
    arrays: dict[str, Any] = {f"column{i}": column for i, column in enumerate(columns)}
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as file:
            temporary = Path(file.name)
            np.savez_compressed(file, digest=np.array(_digest(columns, path.name)), **arrays)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError:
        pass
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
