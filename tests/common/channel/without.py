#!/usr/bin/env python3
"""Takes a rule of the channel out of a copy of it, and runs the test that has to be red without it.

    without.py RULE...   shows what those tests say
    without.py --all     all rules: says which of their tests is not red, and what docs/inside-select.md
                         says otherwise; exit status 1 if there is anything

A rule is a patch, without/RULE.patch: the test is named above it, what it takes away stands in it.
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
HERE = ROOT / "tests/common/channel"
NOTE = ROOT / "docs/inside-select.md"
BREAKS = re.compile(r"^Breaks: (\w+\.\w+)\n")
IN_NOTE = re.compile(r"`tests/common/channel/without\.py ([\w-]+)` · `(\w+\.\w+)`")

COMPILE = [os.environ.get("CXX", "c++"), "-std=c++20", "-w", "-pthread"]
LINK = ["-lgmock_main", "-lgmock", "-lgtest", "-lboost_fiber", "-lboost_context"]
# What the tests include and no rule changes: read once.
STABLE = """
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/circular_buffer.hpp>
#include <boost/fiber/all.hpp>
#include <boost/intrusive/list.hpp>
#include <atomic>
#include <barrier>
#include <functional>
#include <thread>
"""
PATIENCE = 30  # seconds, after which a test that hangs is red


def rules():
    return {patch.stem: BREAKS.match(patch.read_text())[1] for patch in sorted(HERE.glob("without/*.patch"))}


def source_of(test):
    """The file of a test, by the name of its suite: Seam.X stands in seam_tests.cpp."""
    return HERE / f"{test.partition('.')[0].lower()}_tests.cpp"


def run(command, **options):
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


def must(command, **options):
    done = run(command, **options)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout}")


def compile_stable(scratch):
    (scratch / "stable.hpp").write_text(STABLE)
    must([*COMPILE, "-x", "c++-header", "stable.hpp", "-o", "stable.hpp.gch"], cwd=scratch)


def verdict(scratch, name, source, tests, patch=None):
    """What the tests say of a copy of the channel: green, or all that they print."""
    copy = scratch / name
    shutil.copytree(ROOT / "common/channel", copy / "common/channel")
    if patch:
        outside = {**os.environ, "GIT_CEILING_DIRECTORIES": str(scratch)}  # it is no repository
        must(["git", "apply", patch], cwd=copy, env=outside)
    program = copy / "tests"
    include = ["-include", scratch / "stable.hpp", "-I", copy, "-I", ROOT]
    must([*COMPILE, *include, source, "-o", program, *LINK])
    names = ":".join(pattern for test in tests for pattern in (test, f"*/{test}/*"))
    try:
        ran = run([program, f"--gtest_filter={names}", "--gtest_brief=1"], timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"It still waits after {PATIENCE} s.\n"
    if ran.returncode == 0 and "[  PASSED  ] 0 tests" in ran.stdout:
        raise SystemExit(f"{source.name} has no test {', '.join(tests)}")
    return "green" if ran.returncode == 0 else ran.stdout


def without(scratch, rule, test):
    return verdict(scratch, rule, source_of(test), [test], HERE / f"without/{rule}.patch")


def show(scratch, names):
    all_rules = rules()
    for name in names:
        print((HERE / f"without/{name}.patch").read_text())
        print(without(scratch, name, all_rules[name]))


def check_all(scratch):
    all_rules, complaints = rules(), []
    for rule, test in set(all_rules.items()) ^ set(IN_NOTE.findall(NOTE.read_text())):
        complaints.append(f"{rule}, {test}: only one of {NOTE.name} and without/{rule}.patch says so")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        as_is = {
            source: pool.submit(
                verdict, scratch, source.stem, source, [t for t in all_rules.values() if source_of(t) == source]
            )
            for source in {source_of(test) for test in all_rules.values()}
        }
        broken = {rule: pool.submit(without, scratch, rule, test) for rule, test in all_rules.items()}
        for source, said in as_is.items():
            if said.result() != "green":
                complaints.append(f"{source.name} is red as it is:\n{said.result()}")
        for rule, said in broken.items():
            if said.result() == "green":
                complaints.append(f"{rule}: {all_rules[rule]} is green without it")
    for complaint in complaints:
        print(complaint)
    print(f"{len(all_rules)} rules: {len(complaints)} complaints")
    return 1 if complaints else 0


def main():
    names = sys.argv[1:]
    if not names or (names[0].startswith("-") and names != ["--all"]):
        print(f"{__doc__}\nThe rules are {', '.join(rules())}.")
        return 2
    for name in names:
        if name != "--all" and name not in rules():
            raise SystemExit(f"There is no rule '{name}': there are {', '.join(rules())}.")
    print("Compiling: half a minute, or so.", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        compile_stable(scratch)
        if names == ["--all"]:
            return check_all(scratch)
        show(scratch, names)
    return 0


if __name__ == "__main__":
    sys.exit(main())
