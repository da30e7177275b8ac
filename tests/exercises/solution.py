#!/usr/bin/env python3
"""Checks one exercise, as a learner meets it: solution.py STAGE NAME

The untouched copy fails what is asked, and nothing else; with the patch that is the solution it
passes, and everything else still passes.  Works in build/release/mine and leaves the learner's own
mine/ alone.
"""
import filecmp
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MINE = "build/release/mine"


def run(*words):
    """What a learner sees, as text, and the exit status."""
    ran = subprocess.run(
        words,
        cwd=ROOT,
        env=os.environ | {"RENDEZVOUS_MINE": MINE},
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return ran.stdout, ran.returncode


def need(holds, what, text=""):
    if not holds:
        sys.exit(f"{what}\n\n{text}")


def check_screen(text, title):
    """The report fits 24 lines, and with what is said after it a screen of 30; none is wider than 80."""
    lines = text[text.index(title) :].splitlines()
    after = [i for i, line in enumerate(lines) if line.startswith(("Your copy:", "To compare:"))]
    need(after and after[0] - 1 <= 24 and len(lines) <= 30, f"{len(lines)} lines do not fit the screen:", text)
    for line in text.splitlines():
        need(len(line) <= 80, f"a line of {len(line)} columns: {line}", text)


def main(stage, name):
    number = stage.split("-")[0]
    this = f"{number} {name}"
    folder = ROOT / MINE / f"{number}-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    (original,) = (ROOT / "stages" / stage / file for file in ("server.cpp", "client.cpp")
                   if (ROOT / "stages" / stage / file).exists())
    copy = folder / original.name

    text, status = run("./course", "try", number, name)
    need(copy.exists(), f"{this}: no copy was made:", text)
    need(status == 1 and f"{this}: not yet." in text, f"{this}: the untouched copy does not fail:", text)
    check_screen(text, f"{this}: ")
    # The stage's own tests check a copy that is the stage's program.
    if not filecmp.cmp(original, copy, shallow=False):
        text, status = run("./course", "try", number, name, "--all")
        need("Unchanged:" in text and "broken" not in text, f"{this}: more fails than what is asked:", text)

    patch = f"stages/{stage}/exercises/{name}.patch"
    text, status = run("git", "apply", f"--directory={MINE}/{number}-{name}", patch)
    need(status == 0, f"{this}: its solution, {patch}, no longer applies:", text)
    for line in copy.read_text().splitlines():
        need(len(line) <= 80, f"{this}: a line of {len(line)} columns in the solution: {line}")
    text, status = run("./course", "try", number, name)
    need("warning:" not in text, f"{this}: the compiler warns about the solution:", text)
    need(status == 0 and f"{this}: solved." in text, f"{this}: the solution does not pass:", text)
    need("Unchanged:" in text and "broken" not in text, f"{this}: the other tests did not run:", text)
    check_screen(text, f"{this}: ")


if __name__ == "__main__":
    main(*sys.argv[1:])
