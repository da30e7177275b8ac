#!/usr/bin/env python3
"""What check.py and tables.py must find, tried on a small course of their own."""
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent

NOTES = """# 00 Echo
## The question
## Predict
## The code

<!-- excerpt: server.cpp -->
```cpp
int main() {
    ...
}
```

## Run it, and what it costs

<!-- transcript -->
```console
$ echo listening on 127.0.0.1:64208
listening on 127.0.0.1:8000
```

`./course run 0` runs it.

## What it cannot do

[Everything else](#exercises), see [the table](../../README.md#the-stages).

## Exercises

Further reading: nothing.
"""

EXERCISE = """# Louder

**Asked:** more.

    ./course try 0 louder

<details><summary>Hint</summary>Shout.</details>
"""

README = """# A course

## The stages

<!-- table: stages -->
<!-- end of table -->

## What they can do

<!-- table: matrix -->
<!-- end of table -->
"""

TEACH = """# How to teach

<!-- table: minutes -->
<!-- end of table -->

## 00 ...

Show it.
"""

CAPABILITIES = """
    {.name = "echo",
     .meaning = "Comes "
                "back.",
     .for_echo = true},
    {.name = "many clients",
     .meaning =
         "All are served.",
     .for_echo = true},
"""


class course(unittest.TestCase):
    """A course with one stage, in which nothing is stale."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name in ("check.py", "tables.py"):
            (self.root / "tests/notes").mkdir(parents=True, exist_ok=True)
            shutil.copy(HERE / name, self.root / "tests/notes" / name)
        self.write("stages/00-echo/README.md", NOTES)
        self.write("stages/00-echo/server.cpp", "// Echo.\nint main() {\n    return 0;\n}\n")
        self.write_manifest()
        self.write("README.md", README)
        self.write("docs/how-to-teach.md", TEACH)
        self.write("tests/harness/capability.cpp", CAPABILITIES)
        self.write("course", "course_run() {\n}\ncourse_chat() {\n}\n")
        self.run_it("tables.py")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def write_manifest(self, stage="00-echo", **changes):
        manifest = {
            "title": "Echo",
            "question": "who is there?",
            "model": "one thread",
            "kind": "echo",
            "minutes": 45,
            "capabilities": {"echo": "holds", "many clients": "missing"},
        }
        self.write(f"stages/{stage}/stage.json", json.dumps({**manifest, **changes}))

    def replace(self, name, old, new):
        text = self.read(name)
        self.assertIn(old, text)
        self.write(name, text.replace(old, new))

    def read(self, name):
        return (self.root / name).read_text()

    def run_it(self, script, *options):
        run = subprocess.run([self.root / "tests/notes" / script, *options], text=True, capture_output=True)
        return run.returncode, run.stdout + run.stderr


class Check(course):
    notes = "stages/00-echo/README.md"

    def expect_complaint(self, *words):
        status, said = self.run_it("check.py")
        self.assertEqual(status, 1, said)
        self.assertIn(" 1 complaints", said)
        for word in words:
            self.assertIn(word, said)

    def test_says_nothing_where_nothing_is_stale(self):
        status, said = self.run_it("check.py")
        self.assertEqual((status, said), (0, "3 notes: 0 complaints\n"))

    def test_finds_an_excerpt_that_is_not_the_source_any_more(self):
        self.replace("stages/00-echo/server.cpp", "int main() {", "int main(int, char**) {")
        self.expect_complaint(self.notes, "not the text of server.cpp")

    def test_finds_an_excerpt_of_half_a_line(self):
        self.replace("stages/00-echo/server.cpp", "int main() {", "static int main() {")
        self.expect_complaint(self.notes, "not the text of server.cpp")

    def test_finds_an_excerpt_in_another_order_than_the_source(self):
        self.replace("stages/00-echo/server.cpp", "int main() {\n    return 0;\n}\n", "}\nint main() {\n")
        self.expect_complaint(self.notes, "not the text of server.cpp")

    def test_finds_an_excerpt_of_what_is_gone(self):
        self.replace(self.notes, "excerpt: server.cpp", "excerpt: client.cpp")
        self.expect_complaint(self.notes, "client.cpp, which does not exist")

    def test_finds_code_that_is_no_excerpt(self):
        self.replace(self.notes, "<!-- excerpt: server.cpp -->\n", "")
        self.expect_complaint(self.notes, "neither excerpt nor transcript")

    def test_finds_a_transcript_that_a_run_does_not_print(self):
        self.replace(self.notes, "\nlistening on 127.0.0.1:8000", "\nlistening at 127.0.0.1:8000")
        self.expect_complaint(self.notes, "`echo listening on 127.0.0.1:64208` prints")

    def test_finds_a_transcript_that_leaves_a_line_out(self):
        self.replace(self.notes, "\nlistening on 127.0.0.1:8000", "")
        self.expect_complaint(self.notes, "prints")

    def test_finds_a_transcript_without_a_command(self):
        self.replace(self.notes, "$ echo", "echo")
        self.expect_complaint(self.notes, "without a `$ command`")

    def test_finds_a_dead_link(self):
        self.replace(self.notes, "(../../README.md#", "(../../READ.md#")
        self.expect_complaint(self.notes, "../../READ.md")

    def test_finds_a_link_to_a_heading_that_is_gone(self):
        self.replace("README.md", "## The stages", "## All stages")
        self.expect_complaint(self.notes, "../../README.md#the-stages")

    def test_finds_a_link_to_a_heading_of_its_own_that_is_gone(self):
        self.replace(self.notes, "(#exercises)", "(#exercise)")
        self.expect_complaint(self.notes, "#exercise,")

    def test_finds_an_unknown_command(self):
        self.replace(self.notes, "./course run 0", "./course walk 0")
        self.expect_complaint(self.notes, "`./course walk`, which is no command")

    def test_finds_an_unknown_stage(self):
        self.replace(self.notes, "./course run 0", "./course run 7")
        self.expect_complaint(self.notes, "`./course run 7`, and there is no such stage")

    def test_tells_the_size_of_a_crowd_from_a_stage(self):
        self.write("course", "course_crowd() {\n}\ncourse_chat() {\n}\n")
        self.replace(self.notes, "./course run 0", "./course crowd 1000 0")
        self.test_says_nothing_where_nothing_is_stale()
        self.replace(self.notes, "./course crowd 1000 0", "./course crowd 1000 7")
        self.expect_complaint(self.notes, "`./course crowd 7`, and there is no such stage")

    def test_finds_an_unknown_exercise(self):
        self.replace(self.notes, "./course run 0", "./course try 0 louder")
        self.write("course", "course_try() {\n}\n")
        self.write_manifest(exercises=[{"name": "louder"}])
        self.write("stages/00-echo/exercises/louder.md", EXERCISE)
        self.replace(self.notes, "## Exercises\n", "## Exercises\n\n[louder](exercises/louder.md)\n")
        self.assertEqual(self.run_it("check.py")[0], 0)
        self.replace(self.notes, "try 0 louder", "try 0 quieter")
        self.expect_complaint(self.notes, "`./course try 0 quieter`, and there is no such exercise")

    def test_finds_an_exercise_that_the_notes_do_not_name(self):
        self.write_manifest(exercises=[{"name": "louder"}])
        self.write("course", "course_run() {\n}\ncourse_try() {\n}\n")
        self.write("stages/00-echo/exercises/louder.md", EXERCISE)
        self.expect_complaint(self.notes, "nothing leads to exercises/louder.md")

    def test_finds_an_exercise_in_which_something_is_missing(self):
        self.write_manifest(exercises=[{"name": "louder"}])
        self.write("course", "course_run() {\n}\ncourse_try() {\n}\n")
        self.replace(self.notes, "## Exercises\n", "## Exercises\n\n[louder](exercises/louder.md)\n")
        for part in ("**Asked:**", "./course try 0 louder", "<details><summary>Hint</summary>"):
            self.write("stages/00-echo/exercises/louder.md", EXERCISE.replace(part, ""))
            self.expect_complaint("exercises/louder.md", f"there is no `{part}` in it")

    def test_finds_a_line_that_is_too_long(self):
        self.replace(self.notes, "Further reading: nothing.", "Further reading: " + 20 * "words " + ".")
        self.expect_complaint(self.notes, "has 138 columns")

    def test_finds_a_script_that_is_gone(self):
        self.replace(self.notes, "`./course run 0`", "`tests/notes/gone.py`")
        self.expect_complaint(self.notes, "tests/notes/gone.py, which does not exist")

    def test_finds_a_wrong_heading(self):
        self.replace(self.notes, "## Predict", "## Guess")
        self.expect_complaint(self.notes, "Guess")

    def test_finds_headings_in_another_order(self):
        self.replace(self.notes, "## The question\n## Predict", "## Predict\n## The question")
        self.expect_complaint(self.notes, "the headings are")

    def test_finds_notes_without_further_reading(self):
        self.replace(self.notes, "Further reading: nothing.", "The end.")
        self.expect_complaint(self.notes, "Further reading")

    def test_finds_a_stage_without_notes(self):
        self.write_manifest("01-more")
        self.expect_complaint("stages/01-more: there is no README.md")


class Tables(course):
    def expect_stale(self, *words):
        status, said = self.run_it("tables.py", "--check")
        self.assertEqual(status, 1, said)
        for word in words:
            self.assertIn(word, said)

    def test_writes_the_table_of_stages(self):
        self.assertIn("| [00-echo](stages/00-echo/README.md) | who is there? | one thread |\n", self.read("README.md"))

    def test_writes_the_matrix_with_what_the_harness_says(self):
        readme = self.read("README.md")
        self.assertIn("| | 00 | what it means |\n".replace("| |", "|  |"), readme)
        self.assertIn("| echo | ✓ | Comes back. |\n", readme)
        self.assertIn("| many clients | ✗ | All are served. |\n", readme)

    def test_a_stage_of_another_kind_has_no_say(self):
        self.write_manifest("01-chat", capabilities={"echo": "holds"})
        self.write_manifest("02-client", kind="client", capabilities={})
        self.replace("docs/how-to-teach.md", "Show it.", "## 01 ...\n\n## 02 ...")
        self.run_it("tables.py")
        self.assertIn("|  | 00 | 01 | what it means |\n", self.read("README.md"))
        self.assertIn("| many clients | ✗ | - | All are served. |\n", self.read("README.md"))

    def test_writes_minutes(self):
        teach = self.read("docs/how-to-teach.md")
        self.assertIn("| together | 45 |\n", teach)
        self.assertIn("\n## 00 Echo, 45 minutes\n\nShow it.\n", teach)

    def test_has_nothing_to_write_twice(self):
        self.assertEqual(self.run_it("tables.py"), (0, ""))
        self.assertEqual(self.run_it("tables.py", "--check"), (0, ""))

    def test_finds_a_stale_table_and_names_the_command(self):
        self.write_manifest(capabilities={"echo": "holds", "many clients": "holds"})
        before = self.read("README.md")
        self.expect_stale("README.md", "tests/notes/tables.py writes it anew")
        self.assertEqual(self.read("README.md"), before)

    def test_finds_a_table_that_somebody_has_edited(self):
        self.replace("README.md", "| ✗ |", "| ✓ |")
        self.expect_stale("README.md")

    def test_finds_stale_minutes(self):
        self.write_manifest(minutes=90)
        self.expect_stale("docs/how-to-teach.md")

    def test_finds_a_stage_that_nobody_says_how_to_teach(self):
        self.write_manifest("01-more")
        self.expect_stale("0 sections for 01-more")

    def test_finds_that_it_cannot_read_the_meanings_any_more(self):
        self.replace("tests/harness/capability.cpp", '{.name = "echo",', '{.kind = 1, .name = "echo",')
        self.expect_stale("capability.cpp is not laid out")


if __name__ == "__main__":
    unittest.main()
