#!/usr/bin/env python3
"""Checks the notes against what they speak of.

Excerpts are the source's text, transcripts are what a run prints, links lead somewhere, commands
and files exist, every stage's notes have the six headings, every exercise says what is asked and has a hint, and
lines fit.  Prints what is stale, and where; exit status 1 if anything is.

An excerpt:      <!-- excerpt: server.cpp -->   and then a ```cpp block; a line `...` leaves lines out
A transcript:    <!-- transcript -->            and then a ```console block; `$ command` is run
"""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADINGS = [
    "The question",
    "Predict",
    "The code",
    "Run it, and what it costs",
    "What it cannot do",
    "Exercises",
]
BLOCK = re.compile(r"(?:<!-- (?P<mark>[^>]*) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$", re.S | re.M)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)")
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.S | re.M)
SCRIPT = re.compile(r"(?<![\w/.])(?:tests|\.course|\.ci)/[\w./-]*\w")
COMMAND = re.compile(r"\./course(?: +([a-z]+))?(?: +([0-9][\w-]*))?(?: +([a-z][\w-]*))?")
COLUMNS = 121
FREE = "90"  # from here on: stages that nobody has written, for the notes to speak of

complaints = []


def complain(note, what):
    complaints.append(f"{note.relative_to(ROOT)}: {what}")


def stages():
    return {path.parent.name: json.loads(path.read_text()) for path in ROOT.glob("stages/*/stage.json")}


def check_headings(note, text):
    found = re.findall(r"^## (.*)$", text, re.M)
    if found != HEADINGS:
        complain(note, f"the headings are {found}, and they should be {HEADINGS}")
    last = text.rstrip().split("\n\n")[-1]
    if not last.startswith("Further reading:"):
        complain(note, "the last paragraph is not 'Further reading: ...'")


def holds_excerpt(excerpt, source):
    """Each piece between lines `...` stands in the source, whole lines, one after the other."""
    at = 0
    for piece in re.split(r"^ *\.\.\.\n", excerpt, flags=re.M):
        found = ("\n" + source).find("\n" + piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def mask(text):
    return re.sub(r"(127\.0\.0\.1|\[::1\]):\d+", r"\1:PORT", text)


def check_transcript(note, text):
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        command, _, expected = part.partition("\n")
        run = subprocess.run(
            command, shell=True, cwd=ROOT, text=True, capture_output=True, timeout=60, stdin=subprocess.DEVNULL
        )
        printed = run.stdout + run.stderr
        if mask(printed) != mask(expected):
            complain(note, f"`{command}` prints\n{printed}and the transcript says\n{expected}")


def check_blocks(note, text):
    for block in BLOCK.finditer(text):
        mark, language = block["mark"] or "", block["language"]
        if mark.startswith("excerpt: "):
            source = note.parent / mark.removeprefix("excerpt: ")
            if not source.exists():
                complain(note, f"an excerpt of {source.name}, which does not exist")
            elif not holds_excerpt(block["text"], source.read_text()):
                complain(note, f"this is not the text of {source.name} any more:\n{block['text']}")
        elif mark == "transcript":
            if "$ " not in block["text"]:
                complain(note, "a transcript without a `$ command` that could be run")
            check_transcript(note, block["text"])
        elif language in ("cpp", "console"):
            complain(note, f"a {language} block that is neither excerpt nor transcript:\n{block['text']}")


def anchors(note):
    """The headings of a note as links name them: `## What now?` is #what-now."""
    text = re.sub(r"^```.*?^```$", "", note.read_text(), flags=re.S | re.M)  # where # may be a comment
    titles = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def check_links(note, text):
    for target in LINK.findall(CODE.sub("", text)):
        if re.match(r"\w+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = note.parent / path if path else note
        if not file.exists() or (anchor and anchor not in anchors(file)):
            complain(note, f"a link to {target}, which does not exist")


def check_paths(note, text):
    """Files that the text names as somebody at the root would type them."""
    for path in SCRIPT.findall(text):
        if not (ROOT / path).exists():
            complain(note, f"{path}, which does not exist")


def exercises(manifest):
    return [exercise["name"] for exercise in manifest.get("exercises", [])]


def check_exercises(note, text, manifest):
    number = str(int(note.parent.name.split("-")[0]))
    for name in exercises(manifest):
        if f"exercises/{name}.md" not in text:
            complain(note, f"nothing leads to exercises/{name}.md")
        exercise = note.parent / "exercises" / f"{name}.md"
        told = exercise.read_text() if exercise.exists() else ""
        for part in ("**Asked:**", f"    ./course try {number} {name}\n", "<details><summary>Hint</summary>"):
            if part not in told:
                complain(exercise, f"there is no `{part.strip()}` in it")


def check_width(note, text):
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > COLUMNS and not line.startswith("|"):
            complain(note, f"line {number} has {len(line)} columns, where {COLUMNS} are enough")


def check_commands(note, text):
    known = set(re.findall(r"^course_(\w+)\(\)", (ROOT / "course").read_text(), re.M))
    manifests = {name.split("-")[0]: manifest for name, manifest in stages().items()}
    text = re.sub(r"(\./course +crowd) +\d+", r"\1", text)  # the number of clients is not a stage
    for command, stage, exercise in COMMAND.findall(text):
        number = stage.split("-")[0].zfill(2)
        if command and command not in known:
            complain(note, f"`./course {command}`, which is no command")
        if not stage or command == "chat" or number >= FREE:
            continue
        if number not in manifests:
            complain(note, f"`./course {command} {stage}`, and there is no such stage")
        elif command == "try" and exercise and exercise not in exercises(manifests[number]):
            complain(note, f"`./course try {stage} {exercise}`, and there is no such exercise")


def main():
    notes = sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/**/*.md")) + sorted(ROOT.glob("stages/**/*.md"))
    for name in stages():
        if not (ROOT / "stages" / name / "README.md").exists():
            complaints.append(f"stages/{name}: there is no README.md")
    for note in notes:
        text = note.read_text()
        if note.name == "README.md" and note.parent.parent == ROOT / "stages":
            check_headings(note, text)
            check_exercises(note, text, stages()[note.parent.name])
        check_width(note, text)
        check_blocks(note, text)
        check_links(note, text)
        check_paths(note, text)
        check_commands(note, text)
    for complaint in complaints:
        print(complaint)
    print(f"{len(notes)} notes: {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
