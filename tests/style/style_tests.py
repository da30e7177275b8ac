#!/usr/bin/env python3
"""What check.py must find, tried on a small source tree of its own."""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent


class tree(unittest.TestCase):
    """A source tree with nothing wrong in it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "tests/style").mkdir(parents=True)
        shutil.copy(HERE / "check.py", self.root / "tests/style/check.py")
        self.write("common/net/name.hpp", "#include <string>\n")
        self.write("common/app/main.cpp", '#include "common/net/name.hpp"\n')
        self.write("common/threads/thread.hpp", '#include "common/app/main.hpp"\n')

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def complaints(self):
        run = subprocess.run([self.root / "tests/style/check.py"], text=True, capture_output=True)
        return run.stdout

    def test_nothing_is_wrong(self):
        self.assertEqual(self.complaints(), "3 source files: 0 complaints\n")

    def test_an_include_against_the_order_of_the_folders_is_found(self):
        for file, included in [
            ("common/net/bad.hpp", "common/app/main.hpp"),
            ("common/app/bad.hpp", "common/threads/thread.hpp"),
            ("common/channel/bad.hpp", "common/net/name.hpp"),
            ("common/fibers/bad.cpp", "common/threads/thread.hpp"),
            ("tests/harness/bad.cpp", "common/net/name.hpp"),
        ]:
            with self.subTest(file):
                self.write(file, f'// Bad.\n#include "{included}"\n')
                self.assertIn(f"{file}:2: {included} is not for {pathlib.Path(file).parent}", self.complaints())


if __name__ == "__main__":
    unittest.main()
