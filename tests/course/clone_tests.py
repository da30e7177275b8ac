#!/usr/bin/env python3
"""A clone works on any machine, with whatever line ends its Git prefers."""
import pathlib
import subprocess
import tempfile
import unittest

from course import ROOT


@unittest.skipUnless((ROOT / ".git").exists(), "this is not a clone")
class Clone(unittest.TestCase):
    def test_no_file_ends_its_lines_with_cr_where_git_is_told_to_convert(self):
        with tempfile.TemporaryDirectory() as folder:
            clone = pathlib.Path(folder) / "clone"
            subprocess.run(
                ["git", "clone", "--quiet", "--config", "core.autocrlf=true", ROOT, clone], check=True
            )
            files = subprocess.run(
                ["git", "ls-files", "-z"], cwd=clone, check=True, capture_output=True, text=True
            ).stdout.split("\0")[:-1]
            self.assertIn("course", files)
            self.assertEqual([name for name in files if b"\r" in (clone / name).read_bytes()], [])


if __name__ == "__main__":
    unittest.main()
