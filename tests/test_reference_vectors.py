"""The committed sets are those that are listed, and classes keep their numbers."""

import json
import re
from pathlib import Path

import pytest

import reference_sets
from numfmt import cli
from numfmt.vectors.corners import CORNERS
from numfmt.vectors.numbering import CLASSES

README = Path(__file__).parent.parent / "README.md"


@pytest.mark.fast
def test_every_committed_set_is_listed_and_every_listed_set_is_committed():
    committed = {path.parent.name for path in reference_sets.FOLDER.glob("*/manifest.json")}
    assert committed == set(reference_sets.SETS)


@pytest.mark.parametrize("name", sorted(reference_sets.SETS))
def test_the_manifest_of_a_committed_set_has_the_spec_of_the_list(name):
    manifest = json.loads((reference_sets.FOLDER / name / "manifest.json").read_text())
    assert manifest["spec_sha256"] == reference_sets.SETS[name].sha256()


@pytest.mark.parametrize("name", sorted(reference_sets.SETS))
def test_manifests_follow_their_schema(name):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((reference_sets.FOLDER / "schema" / "manifest.schema.json").read_text())
    manifest = json.loads((reference_sets.FOLDER / name / "manifest.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(manifest)


@pytest.mark.fast
def test_committed_sets_are_small_and_none_is_thinned_of_its_corners():
    sizes = [path.stat().st_size for path in reference_sets.FOLDER.glob("*/*") if path.is_file()]
    assert sum(sizes) < 8 << 20
    for name in reference_sets.SETS:
        manifest = json.loads((reference_sets.FOLDER / name / "manifest.json").read_text())
        for entry, found in manifest["coverage"].items():
            if "text" in found:  # a corner class
                assert found["found"] + found.get("unreachable", 0) == found["wanted"], (
                    name,
                    entry,
                )


@pytest.mark.fast
def test_classes_have_distinct_numbers_that_fit_a_byte_and_every_corner_has_one():
    assert len(set(CLASSES.values())) == len(CLASSES)
    assert max(CLASSES.values()) < 256
    assert [corner.name for corner in CORNERS if corner.name not in CLASSES] == []
    assert len({corner.name for corner in CORNERS}) == len(CORNERS)


@pytest.mark.fast
def test_the_formats_of_the_readme_are_what_the_command_prints(capsys):
    comment, table = re.search(
        r"<!-- formats: python -m numfmt (.*?) -->\n(.*?)\n\n", README.read_text(), re.DOTALL
    ).groups()
    assert cli.main(comment.split()) == 0
    assert capsys.readouterr().out.rstrip("\n") == table
