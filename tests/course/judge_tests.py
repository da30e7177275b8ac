#!/usr/bin/env python3
"""'./course test' judges a server with the options that go with that, and suggests commands that work."""
import json
import pathlib
import subprocess
import tempfile
import unittest

from course import COURSE, ROOT, run


class Judge(unittest.TestCase):
    def test_suggested_command_works_as_it_is(self):
        folder = ROOT / "stages"
        server = ("--", "python3", "../tests/foreign/chat.py", "{port}", "--fault", "keeps-the-cr")
        out, err, status = run("../course", "test", "9", "--only", "Chat.*CarriageReturn*", *server, cwd=folder)
        self.assertEqual(status, 1, out + err)
        suggested = out.split("To see only the first of these again:\n")[1].split("\n\n")[0]
        self.assertIn("../course test 9 --only Chat.", suggested)
        again = subprocess.run(
            suggested, shell=True, cwd=folder, text=True, capture_output=True, timeout=180, check=False
        )
        self.assertEqual(again.returncode, 1, again.stdout + again.stderr)
        self.assertEqual(again.stdout.count("FAILED"), 1)

    def test_server_of_a_stage_and_json(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "result.json"
            out, err, status = run(COURSE, "test", "9", "--only", "last lines", "--json", "result.json", cwd=folder)
            self.assertEqual(status, 0, out + err)
            report = json.loads(file.read_text())
        self.assertEqual((report["stage"], report["score"]), ("09-fiber-select", 1.0))
        self.assertEqual([one["name"] for one in report["capabilities"]], ["last lines"])

    def test_nothing_judged(self):
        self.assertEqual(run(COURSE, "test", "9", "--only", "Chat.Tpyo", "--", "false", "{port}")[2], 2)


class Mistakes(unittest.TestCase):
    def complaint(self, *words):
        out, err, status = run(COURSE, "test", *words)
        self.assertEqual((out, status), ("", 2))
        self.assertEqual(err.count("\n"), 1, err)
        return err

    def test_option_without_its_value(self):
        self.assertIn("'--only' needs a word", self.complaint("9", "--only"))
        self.assertIn("'--json' needs a word", self.complaint("9", "--json", "--", "mine", "{port}"))

    def test_quick_with_all(self):
        self.assertIn("no other option", self.complaint("--all", "--quick"))

    def test_client(self):
        self.assertIn("00-netcat is the client", self.complaint("0", "--quick"))


if __name__ == "__main__":
    unittest.main()
