#!/usr/bin/env python3
"""./course setup on a system where things are missing: with an apt that only pretends."""
import os
import pathlib
import shutil
import tempfile
import textwrap
import unittest

from course import ROOT, run

# What the script needs besides apt and what it looks for.
TOOLS = "awk bash cat dirname env grep head rm sed sleep sort tail touch".split()
WANTED = "g++ cmake ninja nc git pgrep python3".split()

APT_CACHE = """\
#!/usr/bin/env bash
echo "apt-cache $*" >>"$APT/log"
[[ -e $APT/lists ]] || exit 0
for package in "${@:2}"; do
  printf '%s:\\n  Installed: (none)\\n  Candidate: %s\\n' "$package" "${VERSION:-7:99.1+really-2}"
done
"""

APT_GET = """\
#!/usr/bin/env bash
echo "apt-get $*" >>"$APT/log"
case "$1 $2" in
  "update "*) touch "$APT/lists" ;;
  "install --simulate") if [[ -n ${REMOVES:-} ]]; then echo "Remv $REMOVES [1.0]"; fi ;;
  *) if [[ -n ${REMOVES:-}${FAILS:-} ]]; then exit 100; fi
  for tool in $WANTED; do
    printf '#!/usr/bin/env bash\\necho 99.1\\n' >"$APT/bin/$tool"
    /bin/chmod +x "$APT/bin/$tool"
  done ;;
esac
"""


class Setup(unittest.TestCase):
    def setUp(self):
        self.apt = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.apt)
        self.bin = self.apt / "bin"
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        for name, text in (
            ("apt-cache", APT_CACHE),
            ("apt-get", APT_GET),
            ("sudo", '#!/usr/bin/env bash\nexec "$@"\n'),
        ):
            (self.bin / name).write_text(text)
            (self.bin / name).chmod(0o755)

    def setup_course(self, *words, **environment):
        return run(
            ROOT / ".course/setup",
            *words,
            PATH=str(self.bin),
            APT=str(self.apt),
            WANTED=" ".join(WANTED),
            **environment,
        )

    def asked(self):
        log = self.apt / "log"
        return [" ".join(line.split()[:2]) for line in log.read_text().splitlines()] if log.exists() else []

    def test_asks_apt_once_for_all_packages(self):
        (self.apt / "lists").touch()
        out, err, status = self.setup_course("--yes")
        self.assertEqual((err, status), ("", 0), out)
        self.assertEqual(self.asked(), ["apt-cache policy", "apt-get install"])
        policy = (self.apt / "log").read_text().splitlines()[0]
        for package in ("g++", "cmake", "ninja-build", "netcat-openbsd", "procps"):
            self.assertIn(f" {package}", policy)

    def test_fetches_the_lists_of_packages_where_there_are_none(self):
        out, err, status = self.setup_course("--yes")
        self.assertEqual((err, status), ("", 0), out)
        self.assertEqual(
            self.asked(),
            ["apt-cache policy", "apt-get update", "apt-cache policy", "apt-get install"],
        )

    def test_says_what_it_does_before_it_asks_apt(self):
        stops = textwrap.dedent(
            """\
            #!/usr/bin/env bash
            echo stopped
            exit 3
            """
        )
        (self.bin / "apt-cache").write_text(stops)
        out, _, status = self.setup_course("--yes")
        self.assertNotEqual(status, 0)
        self.assertRegex(out, r"^Looking up \d+ packages with apt.\n")

    def test_says_what_each_package_is_for(self):
        (self.apt / "lists").touch()
        out, _, _ = self.setup_course("--yes")
        self.assertIn("The course needs packages that are not installed:\n  g++ ", out)
        self.assertRegex(out, r"(?m)^  ninja-build +builds, on every core$")

    def test_names_packages_that_are_too_old(self):
        (self.apt / "lists").touch()
        out, err, status = self.setup_course("--yes", VERSION="1:2.0-1")
        self.assertEqual(status, 1)
        self.assertIn("apt-get offers g++ 2.0 (12 is needed), cmake 2.0 (3.25 is needed).", err)

    def test_removes_nothing(self):
        (self.apt / "lists").touch()
        out, err, status = self.setup_course("--yes", REMOVES="netcat-traditional")
        self.assertEqual(status, 1)
        self.assertIn("  apt-get remove netcat-traditional\n", err)
        self.assertNotIn("apt-get update", self.asked())

    def test_fetches_fresh_lists_where_packages_cannot_be_installed(self):
        (self.apt / "lists").touch()
        _, err, status = self.setup_course("--yes", FAILS="yes")
        self.assertEqual(status, 1)
        self.assertIn("apt-get could not install them, and says why above.", err)
        self.assertIn("apt-get update", self.asked())

    def test_check_changes_nothing_and_asks_nothing(self):
        out, _, status = self.setup_course("--check")
        self.assertEqual(status, 1)
        self.assertRegex(out, r"(?m)^  cmake +missing, needs 3.25 ")
        self.assertEqual(self.asked(), [])


if __name__ == "__main__":
    unittest.main()
