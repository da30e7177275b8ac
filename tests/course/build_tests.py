#!/usr/bin/env python3
"""How ./course builds: what it says when that fails, has to wait, or cannot be done."""
import os
import shutil
import subprocess
import unittest

from course import SERVER, SmallCourse, Terminal, run


class Builds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.small = SmallCourse()
        cls.addClassCleanup(cls.small.remove)

    def setUp(self):
        self.small.server.write_text(SERVER)

    def course(self, *words, **environment):
        return run(self.small.folder / "course", *words, cwd=self.small.folder, **environment)


    def build(self):
        out, err, status = self.course("run")
        self.assertEqual((out, status), ("listening on 127.0.0.1:1\n", 0), err)

    def test_compile_error_is_shown_without_the_command_of_the_compiler(self):
        self.small.server.write_text("int main( {}\n")
        out, err, status = self.course("run")
        self.assertEqual((out, status), ("", 1))
        self.assertRegex(err, r"(?m)^stages/09-fiber-select/server.cpp:1:\d+: error: ")
        self.assertTrue(err.endswith("\nThe build failed. Begin with the first error above.\n"), err)
        for word in ("FAILED", "ninja", str(self.small.folder), "-o "):
            self.assertNotIn(word, err)

    def test_program_that_is_current_starts_while_another_build_runs(self):
        self.build()
        with self.small.other_build("./course test"):
            out, err, status = self.course("run")
        self.assertEqual((out, status), ("listening on 127.0.0.1:1\n", 0))
        self.assertNotIn("Waiting", err)

    def test_program_whose_source_has_changed_waits_for_the_other_build_and_names_it(self):
        self.build()
        self.small.server.write_text(SERVER.replace(":1", ":2"))
        with Terminal(self.small.folder / "course", "run") as terminal:
            with self.small.other_build("./course test"):
                terminal.read_until("Waiting until './course test' has finished building.")
            terminal.read_until("listening on 127.0.0.1:2")

    def test_long_command_of_the_other_build_is_cut_so_that_the_line_fits_80_columns(self):
        self.build()
        self.small.server.write_text(SERVER.replace(":1", ":4"))
        with Terminal(self.small.folder / "course", "run") as terminal:
            with self.small.other_build("./course test 9 --only Chat.EmptyLineIsALine"):
                terminal.read_until("Waiting until './course test 9 --only Chat.EmptyLine...' has finished building.")

    def test_lines_typed_while_waiting_reach_the_program(self):
        self.build()
        client = self.small.folder / "stages/00-netcat/client.cpp"
        client.write_text("#include <iostream>\nint main() { std::cout << '<' << std::cin.rdbuf() << '>'; }\n")
        with self.small.other_build("./course test"):
            terminal = Terminal(self.small.folder / "course", "chat")
            terminal.read_until("Waiting until './course test'")
            terminal.type("Hello!\n")
        with terminal:
            terminal.read_until("<")
            terminal.type("\x04")
            self.assertEqual(terminal.read_until(">"), "Hello!\r\n")

    def test_waiting_command_does_not_take_the_name_of_the_building_one_away(self):
        self.build()
        self.small.server.write_text(SERVER.replace(":1", ":3"))
        with self.small.other_build("./course test"):
            for _ in range(2):
                with Terminal(self.small.folder / "course", "run") as terminal:
                    terminal.read_until("Waiting until './course test' has finished building.")

    def test_folder_that_cannot_be_written_to_takes_one_sentence(self):
        shutil.rmtree(self.small.folder / "build", ignore_errors=True)
        self.small.folder.chmod(0o555)
        self.addCleanup(self.small.folder.chmod, 0o755)
        # Permissions do not stop root.
        as_other = ["setpriv", "--reuid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        if as_other and subprocess.run([*as_other, "true"], capture_output=True).returncode != 0:
            self.skipTest("root cannot become another user here")
        out, err, status = run(*as_other, self.small.folder / "course", "run", cwd=self.small.folder)
        self.assertEqual((out, status), ("", 1))
        self.assertEqual(
            err,
            f"The course cannot write to {self.small.folder}/build, where it builds its programs: make that"
            " folder writable, or copy the course to a folder of yours.\n",
        )

    def test_build_that_takes_long_shows_a_step_now_and_then_without_a_terminal(self):
        script = (
            'eval "$(sed -n "/^show_progress() {/,/^}/p" .course/build)";'
            "for n in {1..13}; do echo [$n/13] step; sleep 1; done | show_progress"
        )
        _, err, _ = run("bash", "-c", script, cwd=self.small.folder)
        steps = err.splitlines()
        self.assertEqual(len(steps), 1, steps)
        self.assertRegex(steps[0], r"^\[1\d/13\] step$")

    def test_steps_of_a_build_are_shown_without_escape_sequences(self):
        with Terminal(self.small.folder / "course", "run") as terminal:
            self.assertNotIn("\x1b", terminal.read_until("listening on 127.0.0.1:1"))


if __name__ == "__main__":
    unittest.main()
