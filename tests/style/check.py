#!/usr/bin/env python3
"""Checks the form of the source: what fits a lecture-hall screen, and what clang-format says.

Prints what is wrong, and where; exit status 1 if anything is.
"""
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
complaints = []


def complain(file, line, what):
    complaints.append(f"{file.relative_to(ROOT)}:{line}: {what}")


def check_width(file, most):
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if len(line) > most:
            complain(file, number, f"{len(line)} columns, where {most} fit the screen")
        if line != line.rstrip() or "\t" in line:
            complain(file, number, "a tab, or white space at the end")


def check_functions(file, most):
    """A function at namespace scope begins at a line in column 0 that ends in `{` and ends at `}`."""
    start = None
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if start is None and re.match(r"\S.*\) (?:const )?(?:noexcept )?\{$", line):
            start = number
        elif start is not None and line.startswith("}"):
            if number - start + 1 > most:
                complain(file, start, f"a function of {number - start + 1} lines, where {most} fit the screen")
            start = None


def check_stages():
    for file in [*ROOT.glob("stages/*/*.cpp"), *ROOT.glob("stages/*/exercises/*.cpp")]:
        check_width(file, 80)
        if file.name != "tests.cpp":
            check_functions(file, 30)
            if len(file.read_text().splitlines()) > 300:
                complain(file, 1, "more than 300 lines: too much for a lecture")


# The folders whose headers each folder may include besides its own.
BELOW = {
    "common/net": [],
    "common/app": ["common/net"],
    "common/channel": [],
    "common/threads": ["common/app", "common/net", "common/channel"],
    "common/fibers": ["common/app", "common/net", "common/channel"],
    "tests/harness": [],  # it must not share a mistake with what it judges
}


def check_layers():
    for folder, below in BELOW.items():
        for file in (ROOT / folder).glob("*.?pp"):
            for number, line in enumerate(file.read_text().splitlines(), 1):
                include = re.match(r'#include "((.+)/[^/]+)"', line)
                if include and include[2] not in [folder, *below]:
                    complain(file, number, f"{include[1]} is not for {folder}, which may include: "
                             + ", ".join([folder, *below]))


def check_formatting(sources):
    if not shutil.which("clang-format"):
        complaints.append("clang-format is missing: ./course setup --all installs it")
        return
    run = subprocess.run(["clang-format", "--dry-run", "-Werror", *sources], text=True, capture_output=True)
    if run.returncode:
        complaints.append(run.stderr.strip())


def main():
    sources = [f for top in ("common", "tests", "stages") for f in (ROOT / top).rglob("*.?pp")]
    check_stages()
    check_layers()
    for file in sources:
        if (ROOT / "stages") not in file.parents:
            check_width(file, 100)
    check_formatting(sources)
    for complaint in complaints:
        print(complaint)
    print(f"{len(sources)} source files: {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
