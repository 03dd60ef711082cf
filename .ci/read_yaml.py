"""Reads every YAML file of a workspace with PyYAML, and rows of results with the json module: both must agree.

Usage: read_yaml.py WORKSPACE
"""

import json
import pathlib
import sys

import yaml

# Files of lines: below this key, each line is `- ` and a value that is JSON too.
LISTS = {"results": "results", "details": "details"}
FILES = {"outcomes.yaml": "outcomes", "tests.yaml": "tests"}


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Leaves times as texts, as JSON has none, and refuses a key given twice."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise yaml.constructor.ConstructorError(None, None, "a key stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in Loader.yaml_implicit_resolvers.items()
}


def list_key(path):
    return FILES.get(path.name) or (LISTS.get(path.parent.name) if "launches" in path.parts else None)


def rows_as_json(text, key):
    """The values of the lines below `key:`."""
    _, _, below = ("\n" + text).partition(f"\n{key}:\n")
    return [json.loads(line.removeprefix("- ")) for line in below.split("\n") if line]


def front_matter(text):
    return text.split("---\n", 2)[1]


def main(workspace):
    files = rows = 0
    for path in sorted(workspace.rglob("*")):
        if ".git" in path.parts or "site" in path.relative_to(workspace).parts[:1] or not path.is_file():
            continue
        if path.suffix not in (".yaml", ".md") or "attachments" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".md":
            if text.startswith("---\n"):
                assert isinstance(yaml.load(front_matter(text), Loader), dict), path
                files += 1
            continue
        value = yaml.load(text, Loader)
        assert isinstance(value, dict), f"{path} is no mapping"
        files += 1
        key = list_key(path)
        if key is not None:
            expected = value[key] or []
            assert rows_as_json(text, key) == expected, f"{path}: its lines as JSON differ"
            rows += len(expected)
    print(f"{files} files, {rows} rows")
    assert rows > 0


main(pathlib.Path(sys.argv[1]))
