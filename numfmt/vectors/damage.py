"""What is raised of files that are not what they should be."""

from ..errors import FormatError


class DamagedFile(FormatError):
    """A file of a vector set that is not what its manifest says; names the file and line."""
