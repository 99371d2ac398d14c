"""Where the bytes of a file go: into a file, into memory, or against the file that is there."""

import hashlib
import io
import os
from pathlib import Path
from typing import IO

_BLOCK = 1 << 20


class Sink(io.RawIOBase):
    """Takes bytes in order and knows how many there were, and their digest.

    It cannot be sought in, so that archives come out alike wherever they go.
    """

    def __init__(self) -> None:
        super().__init__()
        self.size = 0
        self._digest = hashlib.sha256()

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        """Take bytes."""
        block = bytes(data)
        self._digest.update(block)
        self.size += len(block)
        self._take(block)
        return len(block)

    def sha256(self) -> str:
        """Return the digest of all bytes so far."""
        return self._digest.hexdigest()

    def _take(self, block: bytes) -> None:
        raise NotImplementedError


class MemorySink(Sink):
    """Keeps the bytes."""

    def __init__(self) -> None:
        super().__init__()
        self._blocks: list[bytes] = []

    def _take(self, block: bytes) -> None:
        self._blocks.append(block)

    def data(self) -> bytes:
        """Return all bytes."""
        return b"".join(self._blocks)


class FileSink(Sink):
    """Writes a file; goes on after `size` bytes that are there already.

    Parameters
    ----------
    path : Path
    size : int
        What to keep of the file, if it is there.
    """

    def __init__(self, path: Path, size: int = 0) -> None:
        super().__init__()
        self.path = path
        self._file: IO[bytes] = path.open("r+b" if size else "w+b")
        self._file.truncate(size)
        while self.size < size:
            block = self._file.read(min(_BLOCK, size - self.size))
            if not block:
                raise OSError(0, f"{path} has only {self.size} of {size} bytes")
            self._digest.update(block)
            self.size += len(block)

    def _take(self, block: bytes) -> None:
        self._file.write(block)

    def flush(self) -> None:
        """Hand everything to the system."""
        if not self._file.closed:
            self._file.flush()

    def read_back(self) -> IO[bytes]:
        """Return the file, opened for reading."""
        self.flush()
        return self.path.open("rb")

    def close(self) -> None:
        """Close the file."""
        if not self._file.closed:
            self._file.close()
        super().close()


class CompareSink(Sink):
    """Compares with a file that is there, and remembers the first difference.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._problem: str | None = None
        self._line, self._line_start = 1, 0  # of the bytes so far
        self._head = b""  # the expected line up to here
        try:
            self._file: IO[bytes] | None = path.open("rb")
            self._found_size = os.fstat(self._file.fileno()).st_size
        except FileNotFoundError:
            self._file, self._problem = None, f"{path}: missing"
        except OSError as error:
            self._file, self._problem = None, f"{path}: cannot be read: {error.strerror}"

    def _take(self, block: bytes) -> None:
        if self._file is None or self._problem is not None:
            return
        found = self._file.read(len(block))
        if found != block:
            self._describe(block, found)
            return
        self._line += block.count(b"\n")
        last = block.rfind(b"\n")
        if last < 0:
            self._head += block
        else:
            self._line_start = self.size - len(block) + last + 1
            self._head = block[last + 1 :]

    def _describe(self, block: bytes, found: bytes) -> None:
        pairs = zip(found, block, strict=False)
        at = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(found), len(block)))
        if self.path.suffix in (".npz", ".npy"):
            self._problem = f"{self.path}: differs from byte {self.size - len(block) + at}"
            return
        before = block[:at]
        line = self._line + before.count(b"\n")
        start = before.rfind(b"\n") + 1
        head = self._head if start == 0 else b""
        expected = head + block[start:].split(b"\n", 1)[0]
        offset = self._line_start if start == 0 else self.size - len(block) + start
        self._problem = (
            f"{self.path}:{line}: found {self._line_at(offset)}, expected {_shown(expected)}"
        )

    def _line_at(self, offset: int) -> str:
        assert self._file is not None
        self._file.seek(offset)
        data = self._file.read(400)
        return _shown(data.split(b"\n", 1)[0]) if data else "the end of the file"

    def problem(self) -> str | None:
        """Return how the file differs from the bytes that it should have, or None."""
        if self._problem is None and self._file is not None and self._found_size != self.size:
            if self.path.suffix in (".npz", ".npy"):
                return f"{self.path}: {self._found_size} bytes, expected {self.size}"
            return (
                f"{self.path}:{self._line}: found {self._line_at(self._line_start)}, expected the "
                "end of the file"
            )
        return self._problem

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
        super().close()


def _shown(line: bytes) -> str:
    return repr(line[:200].decode("ascii", "backslashreplace"))
