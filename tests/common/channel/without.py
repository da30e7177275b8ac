#!/usr/bin/env python3
"""Takes a rule of the channel out of a copy of it, and runs the test that must fail without it.

    without.py RULE...   shows what is taken out, and what the test says then
    without.py --all     checks all rules: exit status 1 if a test passes without its rule, or if
                         docs/inside-select.md names other rules or tests than the patches

A rule is a patch, without/RULE.patch.  Above the patch stand the name of its test and a sentence
that says what the channel does wrong without the rule.
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
HEAD = re.compile(r"Breaks: (\w+\.\w+)\nWithout it: (.+\.)\n\n")
TEST = re.compile(r"^TEST\w*\((\w+), (\w+)\) \{(?:[^\n]*\}|\n.*?^\})\n", re.M | re.S)
IN_NOTE = re.compile(r"`tests/common/channel/without\.py ([\w-]+)` · `(\w+\.\w+)`")

# Clang compiles these files in half the time that GCC takes.
CXX = os.environ.get("CXX") or shutil.which("clang++") or "c++"
COMPILE = [CXX, "-std=c++20", "-O0", "-w", "-pthread"]
LINK = ["-lgtest_main", "-lgtest", "-lboost_fiber", "-lboost_context"]
# What the tests include and no rule changes: compiled once.
STABLE = """
#include <gtest/gtest.h>
#include <barrier>
#include <boost/circular_buffer.hpp>
#include <boost/fiber/context.hpp>
#include <boost/intrusive/list.hpp>
#include <thread>
"""
PATIENCE = 30  # seconds, after which a test that hangs has failed


def rules():
    """The test of each rule, by the rule's name."""
    heads = {patch.stem: HEAD.match(patch.read_text()) for patch in sorted(HERE.glob("without/*.patch"))}
    for rule, head in heads.items():
        if not head:
            raise SystemExit(f"without/{rule}.patch does not begin with 'Breaks: TEST' and 'Without it: SENTENCE.'")
    return {rule: head[1] for rule, head in heads.items()}


def source_of(test):
    """The file of a test, by the name of its suite: Rule.X is in rule_tests.cpp."""
    return HERE / f"{test.partition('.')[0].lower()}_tests.cpp"


def only(test, text):
    """A test file without its other tests: less to compile."""
    return TEST.sub(lambda found: found[0] if f"{found[1]}.{found[2]}" == test else "", text)


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
    """What the tests say about a copy of the channel: "passes", or all that they print."""
    copy = scratch / name
    shutil.copytree(ROOT / "common/channel", copy / "common/channel")
    if patch:
        outside = {**os.environ, "GIT_CEILING_DIRECTORIES": str(scratch)}  # the copy is no repository
        must(["git", "apply", patch], cwd=copy, env=outside)
    if len(tests) == 1:
        text = only(tests[0], source.read_text())
        source = copy / source.name
        source.write_text(text)
    program = copy / "tests"
    include = ["-include", scratch / "stable.hpp", "-I", copy, "-I", ROOT]
    must([*COMPILE, *include, source, "-o", program, *LINK])
    names = ":".join(pattern for test in tests for pattern in (test, f"*/{test}/*"))
    try:
        ran = run([program, f"--gtest_filter={names}", "--gtest_brief=1"], timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"The test has not ended after {PATIENCE} s.\n"
    if ran.returncode == 0 and "[  PASSED  ] 0 tests" in ran.stdout:
        raise SystemExit(f"{source.name} has no test {', '.join(tests)}")
    return "passes" if ran.returncode == 0 else ran.stdout


def without(scratch, rule, test):
    return verdict(scratch, rule, source_of(test), [test], HERE / f"without/{rule}.patch")


def show(scratch, names):
    tests = rules()
    for name in names:
        print((HERE / f"without/{name}.patch").read_text())
        print(without(scratch, name, tests[name]))


def check_all(scratch):
    tests, complaints = rules(), []
    for rule, test in sorted(set(tests.items()) ^ set(IN_NOTE.findall(NOTE.read_text()))):
        complaints.append(f"{rule}, {test}: only one of {NOTE.name} and without/{rule}.patch says so")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        as_is = {
            source: pool.submit(
                verdict, scratch, source.stem, source, [t for t in tests.values() if source_of(t) == source]
            )
            for source in {source_of(test) for test in tests.values()}
        }
        broken = {rule: pool.submit(without, scratch, rule, test) for rule, test in tests.items()}
        for source, said in as_is.items():
            if said.result() != "passes":
                complaints.append(f"{source.name} fails with all rules in place:\n{said.result()}")
        for rule, said in broken.items():
            if said.result() == "passes":
                complaints.append(f"{rule}: {tests[rule]} passes without it")
    for complaint in complaints:
        print(complaint)
    print(f"{len(tests)} rules: {len(complaints)} complaints")
    return 1 if complaints else 0


def main():
    names = sys.argv[1:]
    if not names or (names[0].startswith("-") and names != ["--all"]):
        print(f"{__doc__}\nThe rules are {', '.join(rules())}.")
        return 2
    for name in names:
        if name != "--all" and name not in rules():
            raise SystemExit(f"There is no rule '{name}'.  The rules are {', '.join(rules())}.")
    print("Compiling takes a few seconds.", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        compile_stable(scratch)
        if names == ["--all"]:
            return check_all(scratch)
        show(scratch, names)
    return 0


if __name__ == "__main__":
    sys.exit(main())
