#!/usr/bin/env python3
"""However ./course is called, it understands what is meant or says in a sentence what it knows."""
import os
import pathlib
import re
import sys
import tempfile
import unittest

from course import COURSE, ROOT, SmallCourse, Terminal, run


class Calls(unittest.TestCase):
    def test_through_a_symbolic_link(self):
        with tempfile.TemporaryDirectory() as folder:
            link = pathlib.Path(folder) / "rendezvous"
            (pathlib.Path(folder) / "once").symlink_to(COURSE)
            link.symlink_to("once")
            self.assertEqual(run(link, cwd=folder), run(COURSE))

    def test_by_sh_and_by_bash_as_posix(self):
        guide = run(COURSE)
        self.assertEqual(guide[1:], ("", 0))
        self.assertEqual(run("sh", "course"), guide)
        self.assertEqual(run("bash", "--posix", "course"), guide)
        self.assertEqual(run("sh", "../course", "help", cwd=ROOT / "stages"), guide)

    def test_for_help(self):
        guide = run(COURSE)
        for words in (["help"], ["--help"], ["-h"], ["help", "run"], ["run", "--help"]):
            self.assertEqual(run(COURSE, *words), guide)

    def test_guide_fits_a_screen_and_names_every_command(self):
        guide, _, _ = run(COURSE)
        self.assertLessEqual(max(len(line) for line in guide.splitlines()), 80)
        for command in ("run", "chat", "demo", "crowd", "test", "try", "diff", "setup"):
            self.assertIn(f"  ./course {command} ", guide)


class Mistakes(unittest.TestCase):
    def complaint(self, *words):
        out, err, status = run(COURSE, *words)
        self.assertEqual((out, status), ("", 2))
        self.assertEqual(err.count("\n"), 1, err)
        return err

    def test_unknown_command(self):
        self.assertIn("There is no command 'walk'. The commands are run, ", self.complaint("walk"))

    def test_unknown_stage(self):
        self.assertIn("There is no stage '99'. The stages are 00-netcat, ", self.complaint("run", "99"))

    def test_two_stages_to_test(self):
        self.assertIn("'test' takes one stage: '3' is one too many.", self.complaint("test", "9", "3"))

    def test_judging_the_client(self):
        self.assertIn("00-netcat is the client.", self.complaint("test", "0", "--quick"))

    def test_option_without_its_value(self):
        for words in (["--json"], ["--only", "--", "true"]):
            self.assertIn(f"'{words[0]}' needs a word after it", self.complaint("test", "9", *words))

    def test_options_beside_all(self):
        for word in ("9", "--quick"):
            self.assertIn("'--all' tests everything", self.complaint("test", "--all", word))

    def test_options_of_a_server_without_dashes(self):
        self.assertIn("'run' does not know '--port'.", self.complaint("run", "9", "--port", "9000"))

    def test_port_without_a_host(self):
        self.assertIn("./course chat localhost 9000", self.complaint("chat", "9000"))

    def test_crowd_without_a_number(self):
        for words in ([], ["many"], ["--chat"], ["-5"]):
            self.assertIn("'crowd' ", self.complaint("crowd", *words))

    def test_crowd_at_the_client(self):
        self.assertIn("00-netcat is the client.", self.complaint("crowd", "10", "0"))


class Judge(unittest.TestCase):
    """What reaches the program that judges: in the place of that, one that prints its arguments."""

    @classmethod
    def setUpClass(cls):
        cls.small = SmallCourse()
        cls.addClassCleanup(cls.small.remove)
        with (cls.small.folder / "CMakeLists.txt").open("a") as lists:
            lists.write("add_executable(contracts judge.cpp)\n")
        (cls.small.folder / "judge.cpp").write_text(
            "#include <cstdio>\nint main(int, char** words) { while (*++words) std::puts(*words); }\n"
        )

    def judged(self, *words):
        out, err, status = run(self.small.folder / "course", "test", *words)
        self.assertEqual(status, 0, err)
        return out.replace(f"{self.small.folder}/", "").split()

    def test_options_reach_it_with_a_command(self):
        self.assertEqual(
            self.judged("9", "--quick", "--json", "out.json", "--only", "Chat", "--strict", "--", "server", "{port}"),
            "--called-as course test 9 --stage stages/09-fiber-select --foreign --strict --quick --json out.json --only Chat"
            " -- server {port}".split(),
        )

    def test_options_reach_it_with_the_program_of_the_stage(self):
        self.assertEqual(
            self.judged("9", "--quick"),
            "--called-as course test 9 --stage stages/09-fiber-select --quick -- build/release/bin/09-fiber-select --port {port}".split(),
        )


class Tests(unittest.TestCase):
    """What './course test' asks of CTest: in its place, and in that of what it calls before, scripts."""

    def setUp(self):
        self.small = SmallCourse()
        self.addCleanup(self.small.remove)
        for step in ("setup", "build"):
            (self.small.folder / ".course" / step).write_text("#!/bin/sh\n")
        self.bin = self.small.folder / "bin"
        self.bin.mkdir()

    def outcome(self, ctest, *words):
        self.write("ctest", ctest)
        course = self.small.folder / "course"
        return run(course, "test", *words, PATH=f"{self.bin}:{os.environ['PATH']}")

    def write(self, name, script):
        (self.bin / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.bin / name).chmod(0o755)

    def test_python3_that_is_a_script_is_started_once_for_all_tests(self):
        itself = self.small.folder / "itself/python3"
        itself.parent.mkdir()
        itself.symlink_to(sys.executable)
        self.write("python3", f'echo >> "{self.small.folder}/starts"; exec "{itself}" "$@"')
        out, err, status = self.outcome("command -v python3", "--all")
        self.assertEqual(status, 0, out + err)
        self.assertEqual(re.findall("^/.*", out, re.M), 6 * [str(itself)])
        self.assertEqual((self.small.folder / "starts").read_text(), "\n")

    def test_every_preset_is_run_and_the_ones_that_failed_are_named(self):
        out, _, status = self.outcome('case $* in *checks* | *asan*) exit 8 ;; *) echo "passes: $2" ;; esac', "--all")
        self.assertEqual(status, 1)
        self.assertEqual(re.findall("passes: (.*)", out), ["release", "trust", "repeat", "tsan"])
        self.assertIn("Tests failed with the preset checks asan, after ", out)
        self.assertIn("ctest --preset asan -R NAME", out)


class Colors(unittest.TestCase):
    """None where the terminal cannot show them, or the user does not want them."""

    def test_of_diff(self):
        def shown(**environment):
            with Terminal(COURSE, "diff", "9", "7", **environment) as terminal:
                return terminal.read_to_end()

        self.assertIn("\x1b[", shown())
        self.assertNotIn("\x1b", shown(NO_COLOR="1"))
        self.assertNotIn("\x1b", shown(TERM="dumb"))

    def test_of_the_summary_of_tests(self):
        script = 'source .course/terminal; eval "$(sed -n "/^say() {/,/^}/p" .course/test)"; say 31 "Tests failed"'
        for environment, text in (({}, "\x1b[31mTests failed\x1b[m"), ({"NO_COLOR": "1"}, "Tests failed")):
            with Terminal("bash", "-c", script, **environment) as terminal:
                self.assertEqual(terminal.read_to_end(), text + "\r\n")


if __name__ == "__main__":
    unittest.main()
