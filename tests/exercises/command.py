#!/usr/bin/env python3
"""The command `./course try`, from end to end: what it prints, and what it does with the copies."""
import os
import pathlib
import pty
import select
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = "build/release/mine"  # where copies can be built


def course_try(*words, mine=BUILT, cwd=ROOT):
    ran = subprocess.run(
        [ROOT / "course", "try", *words],
        cwd=cwd,
        env=os.environ | {"RENDEZVOUS_MINE": str(mine)},
        text=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    return ran.stdout, ran.stderr, ran.returncode


class Mistakes(unittest.TestCase):
    """Each is answered with one line that says what is possible instead."""

    def complaint(self, *words):
        out, err, status = course_try(*words)
        self.assertEqual((out, status), ("", 2))
        self.assertEqual(err.count("\n"), 1, err)
        return err

    def test_unknown_exercise(self):
        self.assertEqual(
            self.complaint("9", "gap"),
            "09-fiber-select has no exercise 'gap'. It has close-the-gap, roster.\n",
        )
        self.assertIn("It has half-close.", self.complaint("0", "gap"))

    def test_unknown_option(self):
        self.assertIn("'try' does not know '--hints': it has --watch,", self.complaint("9", "--hints"))

    def test_two_options(self):
        self.assertIn("'try' takes one option: '--watch' or '--hint'.", self.complaint("9", "--watch", "--hint"))

    def test_one_word_too_many(self):
        self.assertIn("'roster' is one too many", self.complaint("9", "close-the-gap", "roster"))

    def test_unknown_stage(self):
        self.assertIn("There is no stage '99'. The stages are 00-netcat,", self.complaint("99"))
        self.assertIn("is not a stage, but a program", self.complaint("9-on-threads"))


class Copies(unittest.TestCase):
    """What works without a compiler, in a folder of its own."""

    def setUp(self):
        self.mine = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.mine)
        self.copy = self.mine / "09-close-the-gap" / "server.cpp"
        self.original = (ROOT / "stages/09-fiber-select/server.cpp").read_text()

    def of_gap(self, *words):
        return course_try("9", "close-the-gap", *words, mine=self.mine)

    def test_several_exercises_are_listed_with_what_they_ask(self):
        for words in ((), ("9",), ("09",), ("09-fiber-select",)):
            out, _, status = course_try(*words, mine=self.mine)
            self.assertEqual(status, 0)
            self.assertIn("  ./course try 9 close-the-gap\n    Make arriving a single event", out)
            self.assertIn("  ./course try 9 roster\n    After `You are A`", out)

    def test_only_exercise_that_is_begun_and_not_solved_needs_no_name(self):
        self.of_gap("--reset")
        out, _, _ = course_try("9", "--hint", mine=self.mine)
        self.assertIn("Which single event", out)
        (self.copy.parent / ".solved").touch()
        out, _, _ = course_try("9", mine=self.mine)
        self.assertIn("./course try 9 close-the-gap (solved)\n", out)

    def test_each_call_of_hint_opens_one_more(self):
        first, second, third, all_of_them = (self.of_gap("--hint")[0] for _ in range(4))
        self.assertIn("Hint 1 of 3\n  Which single event", first)
        self.assertNotIn("Hint 2", first)
        self.assertIn("Hint 2 of 3\n", second)
        self.assertNotIn("Hint 1", second)
        self.assertIn("`struct client { std::string who; channel<std::string>*", third.replace("\n  ", " "))
        for hint in (first, second, third):
            self.assertIn(hint, all_of_them)
        self.assertIn("--solution", all_of_them)
        self.assertFalse(self.copy.exists())

    def test_solution_is_the_patch_and_how_to_apply_it(self):
        out, err, status = self.of_gap("--solution")
        self.assertEqual(out, (ROOT / "stages/09-fiber-select/exercises/close-the-gap.patch").read_text())
        self.assertEqual(status, 0)
        self.of_gap("--reset")
        self.assertIn("git apply --directory=", err)

    def test_reset_keeps_the_old_copy_under_another_name(self):
        out, _, status = self.of_gap("--reset")
        self.assertEqual(status, 0)
        self.assertNotIn("What you had", out)
        self.assertEqual(self.copy.read_text(), self.original)
        for n in (1, 2):
            self.copy.write_text(f"// work {n}\n")
            self.of_gap("--hint")
            self.of_gap("--solution")
            self.assertEqual(self.copy.read_text(), f"// work {n}\n", "neither overwrites the copy")
            out, _, _ = self.of_gap("--reset")
            old = self.copy.with_name(f"server.old-{n}.cpp")
            self.assertIn(f"What you had: {old}\n", out)
            self.assertEqual(old.read_text(), f"// work {n}\n")
            self.assertEqual(self.copy.read_text(), self.original)
        self.assertIn("Hint 1", self.of_gap("--hint")[0], "the hints begin again")

    def test_starter_patch_takes_out_what_the_stage_already_solves(self):
        course_try("0", "--reset", mine=self.mine)
        copy = (self.mine / "00-half-close/client.cpp").read_text()
        self.assertIn("shutdown_send", (ROOT / "stages/00-netcat/client.cpp").read_text())
        self.assertNotIn("shutdown_send", copy)


class Checks(unittest.TestCase):
    """What is built and checked: the client of stage 00, whose check takes the shortest time."""

    solution = (ROOT / "stages/00-netcat/client.cpp").read_text()

    def setUp(self):
        self.folder = ROOT / BUILT / "00-half-close"
        self.copy = self.folder / "client.cpp"
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, text):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.copy.write_text(text)

    def test_compile_errors_are_shown_in_the_words_of_the_compiler(self):
        self.write(self.solution.replace("conn.shutdown(", "conn.shutup("))
        out, err, status = course_try("0")
        self.assertEqual(status, 1)
        self.assertIn(f"{BUILT}/00-half-close/client.cpp:", err)
        self.assertIn("error:", err)
        self.assertIn("shutup", err)
        for word in ("FAILED", "ninja", str(ROOT), "-o "):
            self.assertNotIn(word, err)
        self.assertEqual(out, "")
        self.assertTrue(err.endswith("\nThe build failed. Begin with the first error above.\n"), err)
        self.assertIn("shutup", self.copy.read_text())

    def test_warnings_are_shown_and_are_not_errors(self):
        self.write(self.solution.replace("int main(", "static int idle;\n\nint main("))
        out, err, status = course_try("0")
        self.assertIn("warning:", err)
        self.assertIn("00 half-close: solved.", out)
        self.assertEqual(status, 0)

    def test_solved_exercise_says_what_to_compare_with_and_what_comes_next(self):
        self.write(self.solution)
        with tempfile.TemporaryDirectory() as elsewhere:
            out, err, status = course_try("0", cwd=elsewhere)
        self.assertRegex(err, r"^((Waiting until .* has finished building.|\[\d+/\d+\] .*)\n)*$")
        self.assertEqual(status, 0)
        self.assertIn("To compare: ./course try 0 half-close --solution\n", out)
        self.assertRegex(out, r"Next:       stages/\d\d-[\w-]+/README.md\n$")
        self.assertNotIn("\x1b", out, "no color in a pipe")
        self.write("int main() {}\n")
        out, _, status = course_try("0")
        self.assertEqual(status, 1)
        self.assertIn("00 half-close: not yet.", out)
        self.assertFalse((self.folder / ".solved").exists(), "a copy that fails again is not solved")

    def test_watch_checks_at_every_save_and_clears_the_terminal(self):
        self.write("int main( {}\n")
        keyboard, screen = pty.openpty()
        self.addCleanup(os.close, keyboard)
        watch = subprocess.Popen(
            [ROOT / "course", "try", "0", "--watch"],
            cwd=ROOT,
            env=os.environ | {"RENDEZVOUS_MINE": BUILT, "TERM": "xterm", "NO_COLOR": ""},
            stdin=screen,
            stdout=screen,
            stderr=screen,
            start_new_session=True,
        )
        self.addCleanup(watch.kill)
        os.close(screen)
        seen = ""

        def read_until(text):
            nonlocal seen
            end = time.monotonic() + 120
            while text not in seen:
                ready, _, _ = select.select([keyboard], [], [], end - time.monotonic())
                self.assertTrue(ready, f"{text!r} did not come, but {seen!r}")
                seen += os.read(keyboard, 65536).decode()
            before, _, seen = seen.partition(text)
            return before

        first = read_until("every save is checked. Press Ctrl-C to stop.")
        self.assertIn("\x1b[2J", first)
        self.assertIn("The build failed.", first)
        self.write(self.solution)
        self.assertIn("\x1b[2J", read_until("solved."))
        read_until("every save is checked. Press Ctrl-C to stop.")
        os.killpg(watch.pid, signal.SIGINT)
        self.assertEqual(watch.wait(timeout=60), 0)


if __name__ == "__main__":
    unittest.main()
