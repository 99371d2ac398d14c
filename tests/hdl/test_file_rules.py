"""What simulators make of a `$readmemh` file that breaks a rule, and that ours breaks none."""

import re
import subprocess

import pytest
from simulators import counts, need

pytestmark = pytest.mark.hdl


def test_the_writer_keeps_every_rule(random_set):
    table, folder = random_set
    data = (folder / "vectors.hex").read_bytes()
    assert data.endswith(b"\n")
    assert not data.endswith(b"\n\n")
    assert b"\r" not in data
    head, words = [], []
    for line in data.decode("ascii").splitlines():
        (head if line.startswith("//") else words).append(line)
    assert data.decode("ascii").splitlines() == head + words
    assert len(words) == len(table)
    digits = -(-table.word_bits // 4)
    assert all(re.fullmatch(f"[0-9a-f]{{{digits}}}", word) for word in words)
    assert all(int(word, 16) < 1 << table.word_bits for word in words)
    published = (folder / "layout.svh").read_text()
    assert f"NUMFMT_ROWS = {len(table)};" in published
    assert f"NUMFMT_WORD = {table.word_bits};" in published


def _words(data):
    """Return the words of a file without its comments."""
    return [line for line in data.splitlines() if not line.startswith(b"//")]


def _without_last_newline(data):
    return data.rstrip(b"\n")


def _with_hash_comment(data):
    return b"# seed 0\n" + data


def _with_a_word_more(data):
    return data + _words(data)[-1] + b"\n"


def _with_a_word_less(data):
    return b"\n".join(data.splitlines()[:-1]) + b"\n"


def _with_a_digit_more(data):
    return b"".join(b"f" + word + b"\n" for word in _words(data))


def _with_underscores(data):
    return b"".join(word[:1] + b"_" + word[1:] + b"\n" for word in _words(data))


def _with_an_address(data):
    return b"@0\n" + data


def _with_carriage_returns(data):
    return data.replace(b"\n", b"\r\n")


ALL, ALL_BUT_ONE, NONE, STOPS = "all", "all but one", "none", "stops"
# What Icarus 11 and Verilator 5.006 read, and what the tool says of it.
SPOILED = [
    (_without_last_newline, (ALL, ""), (ALL_BUT_ONE, "")),
    (_with_hash_comment, (NONE, "ERROR"), (ALL, "")),
    (_with_a_word_more, (ALL, "WARNING"), (STOPS, "beyond bounds")),
    (_with_a_word_less, (ALL_BUT_ONE, "WARNING"), (ALL_BUT_ONE, "")),
    (_with_a_digit_more, (ALL, "WARNING"), (ALL, "")),
    (_with_underscores, (ALL, ""), (ALL, "")),
    (_with_an_address, (ALL, ""), (ALL, "")),
    (_with_carriage_returns, (ALL, ""), (ALL, "")),
]
IDS = [spoil.__name__.strip("_") for spoil, _, _ in SPOILED]


def _outcome(echo, folder, spoil):
    """Return how much of a spoiled file a simulator reads rightly, and what it says."""
    clean = (folder / "vectors.hex").read_bytes()
    _, whole = echo.read(clean)
    said, rows = echo.read(spoil(clean), codes=(0, -1))
    if "passed" not in said:
        return STOPS, said
    count = len(echo.table)
    lost = sum(a != b for a, b in zip(rows[:-1], whole[:-1], strict=True))
    assert counts(said) == (count - lost, lost), "the bench did not notice"
    return {0: ALL, 1: ALL_BUT_ONE, count: NONE}[lost], said


@pytest.mark.parametrize(("spoil", "read"), [(spoil, read) for spoil, read, _ in SPOILED], ids=IDS)
def test_icarus_reads_a_spoiled_file_as_recorded(icarus_echo, random_set, spoil, read):
    found, said = _outcome(icarus_echo, random_set[1], spoil)
    assert found == read[0]
    assert read[1] in said


@pytest.mark.parametrize(("spoil", "read"), [(spoil, read) for spoil, _, read in SPOILED], ids=IDS)
def test_verilator_reads_a_spoiled_file_as_recorded(verilator_echo, random_set, spoil, read):
    """Of another version than the recorded one, only that the bench notices what was lost."""
    found, said = _outcome(verilator_echo, random_set[1], spoil)
    if _version() == "5.006":
        assert found == read[0]
        assert read[1] in said


def _version():
    need("verilator")
    said = subprocess.run(["verilator", "--version"], capture_output=True, text=True, check=True)
    return said.stdout.split()[1]
