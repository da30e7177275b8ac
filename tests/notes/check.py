#!/usr/bin/env python3
"""Checks the notes against what they speak of.

Excerpts are the source's text, transcripts are what a run prints, links lead somewhere, commands
and exercises exist, every exercise is named, and every stage's notes have the six headings.  Prints
what is stale, and where; exit status 1
if anything is.

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
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s#]+)[^)]*\)")
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.S | re.M)
TRY = re.compile(r"\./course try ([0-9][\w-]*)(?: +([a-z][\w-]*))?")
COMMAND = re.compile(r"\./course(?: +([a-z]+))?(?: +([0-9][\w-]*))?")

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


def check_links(note, text):
    for target in LINK.findall(CODE.sub("", text)):
        if not re.match(r"\w+:", target) and not (note.parent / target).exists():
            complain(note, f"a link to {target}, which does not exist")


def check_commands(note, text):
    known = set(re.findall(r"^course_(\w+)\(\)", (ROOT / "course").read_text(), re.M))
    numbers = {name.split("-")[0] for name in stages()}
    for command, stage in COMMAND.findall(text):
        if command and command not in known:
            complain(note, f"`./course {command}`, which is no command")
        if stage and command != "chat" and stage.split("-")[0].zfill(2) not in numbers:
            complain(note, f"`./course {command} {stage}`, and there is no such stage")


def check_exercises(note, text):
    """A named exercise exists, by its stage's number."""
    known = {name.split("-")[0]: [one["name"] for one in stage["exercises"]] for name, stage in stages().items()}
    for stage, name in TRY.findall(text):
        names = known.get(stage.split("-")[0].zfill(2), [])
        if not names:
            complain(note, f"`./course try {stage}`, and that stage has no exercises")
        elif name and name not in names:
            complain(note, f"`./course try {stage} {name}`, and the exercises there are {', '.join(names)}")


def check_named_exercises(name, stage):
    """Every exercise stands in the notes: its command (the stage's number alone if it is the only one), its task."""
    note = ROOT / "stages" / name / "README.md"
    text = note.read_text() if note.exists() else ""
    number = int(name.split("-")[0])
    named = [exercise for stage, exercise in TRY.findall(text) if int(stage.split("-")[0]) == number]
    for exercise in (one["name"] for one in stage["exercises"]):
        if exercise not in named and not (len(stage["exercises"]) == 1 and "" in named):
            complain(note, f"the exercise {exercise} is not named: `./course try {number} {exercise}`")
        if f"exercises/{exercise}.md" not in text:
            complain(note, f"no link to the task of the exercise, exercises/{exercise}.md")


def main():
    notes = sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/**/*.md")) + sorted(ROOT.glob("stages/**/*.md"))
    for name in stages():
        if not (ROOT / "stages" / name / "README.md").exists():
            complaints.append(f"stages/{name}: there is no README.md")
    for note in notes:
        text = note.read_text()
        if note.name == "README.md" and note.parent.parent == ROOT / "stages":
            check_headings(note, text)
        check_blocks(note, text)
        check_links(note, text)
        check_commands(note, text)
        check_exercises(note, text)
    for name, stage in stages().items():
        check_named_exercises(name, stage)
    for complaint in complaints:
        print(complaint)
    print(f"{len(notes)} notes: {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
