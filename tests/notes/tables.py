#!/usr/bin/env python3
"""Writes what the notes take from the manifests of the stages.

    tables.py            writes it anew
    tables.py --check    says what is stale, and who writes it anew; exit status 1 if anything is

README.md has the table of stages and the behaviour matrix, docs/how-to-teach.md a heading for each stage
with its minutes, and their sum.  A table stands between <!-- table: NAME --> and <!-- end of table -->.
What a capability means is said in tests/harness/capability.cpp, and comes from there.
"""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIGNS = {"holds": "✓", "missing": "✗", None: "-"}
TABLE = re.compile(r"(<!-- table: ([\w ]+) -->\n).*?(<!-- end of table -->)", re.S)
CAPABILITY = re.compile(r'\{\s*\.name = "(?P<name>[^"]+)",\s*\.meaning =(?P<meaning>(?:\s*"[^"\n]*")+)')


class stale(Exception):
    """What cannot be written by a command, but by a person."""


def stages():
    """The manifests, in the order of the course, by the names of their folders."""
    manifests = sorted(ROOT.glob("stages/*/stage.json"))
    return {manifest.parent.name: json.loads(manifest.read_text()) for manifest in manifests}


def capabilities():
    """Name and meaning of each, in the harness's order."""
    source = (ROOT / "tests/harness/capability.cpp").read_text()
    found = list(CAPABILITY.finditer(source))
    if len(found) != source.count(".name = "):
        raise stale("tests/harness/capability.cpp is not laid out any more as tables.py reads it")
    return {one["name"]: "".join(re.findall(r'"([^"]*)"', one["meaning"])) for one in found}


def number(stage):
    return stage.split("-")[0]


def row(cells):
    return "| " + " | ".join(cells) + " |\n"


def table_of_stages():
    lines = row(["stage", "the question it answers", "how"]) + "|---|---|---|\n"
    for name, manifest in stages().items():
        lines += row([f"[{name}](stages/{name}/README.md)", manifest["question"], manifest["model"]])
    return lines


def behaviour_matrix():
    """A row for each capability that a stage speaks of, a column for each stage that is a server."""
    servers = {name: manifest for name, manifest in stages().items() if manifest["kind"] != "client"}
    lines = row(["", *map(number, servers), "what it means"]) + "|---|" + ":-:|" * len(servers) + "---|\n"
    meanings = capabilities()
    spoken_of = {name for manifest in servers.values() for name in manifest["capabilities"]}
    if spoken_of - meanings.keys():
        raise stale(f"no meaning in tests/harness/capability.cpp of {sorted(spoken_of - meanings.keys())}")
    for name, meaning in meanings.items():
        if name in spoken_of:
            signs = [SIGNS[manifest["capabilities"].get(name)] for manifest in servers.values()]
            lines += row([name, *signs, meaning])
    return lines


def table_of_minutes():
    minutes = {name: manifest["minutes"] for name, manifest in stages().items()}
    lines = row(["stage", "minutes"]) + "|---|--:|\n"
    for name, one in minutes.items():
        lines += row([name, str(one)])
    return lines + row(["together", str(sum(minutes.values()))])


TABLES = {"stages": table_of_stages, "matrix": behaviour_matrix, "minutes": table_of_minutes}


def with_tables(text):
    return TABLE.sub(lambda found: found[1] + TABLES[found[2]]() + found[3], text)


def with_headings(text):
    """`## 09 Fibers and select, 90 minutes`, for each stage."""
    for name, manifest in stages().items():
        heading = f"## {number(name)} {manifest['title']}, {manifest['minutes']} minutes"
        text, found = re.subn(rf"^## {number(name)}\b.*$", lambda _: heading, text, flags=re.M)
        if found != 1:
            raise stale(f"docs/how-to-teach.md has {found} sections for {name}: one, please")
    return text


def written():
    """The notes with tables in them, as they should be."""
    readme, teach = ROOT / "README.md", ROOT / "docs/how-to-teach.md"
    return {readme: with_tables(readme.read_text()), teach: with_headings(with_tables(teach.read_text()))}


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        print(__doc__)
        return 2
    try:
        changed = {note: text for note, text in written().items() if text != note.read_text()}
    except stale as what:
        print(what)
        return 1
    for note, text in changed.items():
        if check:
            print(f"{note.relative_to(ROOT)} is not what the manifests say: tests/notes/tables.py writes it anew")
        else:
            note.write_text(text)
            print(f"{note.relative_to(ROOT)} was written")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
