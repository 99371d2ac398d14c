"""What the commands share: exit statuses, and how words are read and answers printed."""

import argparse
import json
from typing import Any

OK, DIFFERENT, WRONG, BROKEN, INTERRUPTED = 0, 1, 2, 70, 130


def names_of(options: Any) -> str:
    """Return the names of an enumeration."""
    return ", ".join(member.value for member in options)


def code_of(text: str) -> int:
    """Return a code that a user typed."""
    try:
        if not text.isascii():
            raise ValueError
        return int(text, 0)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no code; write 0x7e, 126 or 0b1111110"
        ) from None


def print_json(data: Any) -> None:
    """Print data as JSON."""
    print(json.dumps(data, indent=1))
