"""What the tests of ./course share: running it, on a terminal and without one."""
import contextlib
import fcntl
import os
import pathlib
import pty
import select
import shutil
import signal
import subprocess
import tempfile
import termios
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
COURSE = ROOT / "course"


def run(*command, cwd=ROOT, **environment):
    """Standard output, standard error and the exit status."""
    ran = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | environment,
        text=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=180,
    )
    return ran.stdout, ran.stderr, ran.returncode


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, *command, cwd=ROOT, **environment):
        self.keyboard, screen = pty.openpty()
        self.seen = ""
        self.program = subprocess.Popen(
            command,
            cwd=cwd,
            env={"TERM": "xterm"} | {k: v for k, v in os.environ.items() if k not in ("TERM", "NO_COLOR")} | environment,
            stdin=screen,
            stdout=screen,
            stderr=screen,
            start_new_session=True,
            # Its controlling terminal: Ctrl-C, typed, becomes a signal.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(screen)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.program.poll() is None:
            os.killpg(self.program.pid, signal.SIGKILL)
        self.program.wait()
        os.close(self.keyboard)

    def type(self, text):
        os.write(self.keyboard, text.encode())

    def _read(self, end):
        ready, _, _ = select.select([self.keyboard], [], [], max(0, end - time.monotonic()))
        if not ready:
            raise AssertionError(f"no more came within the time, only {self.seen!r}")
        try:
            bytes_read = os.read(self.keyboard, 65536)
        except OSError:  # how a terminal says that no program has it open any more
            bytes_read = b""
        self.seen += bytes_read.decode()
        return bytes_read

    def read_until(self, text, seconds=120):
        """Everything that came before this text."""
        end = time.monotonic() + seconds
        while text not in self.seen:
            if not self._read(end):
                raise AssertionError(f"{text!r} did not come, only {self.seen!r}")
        before, _, self.seen = self.seen.partition(text)
        return before

    def read_to_end(self, seconds=120):
        end = time.monotonic() + seconds
        while self._read(end):
            pass
        self.program.wait(timeout=seconds)
        return self.seen


# It stays until its input ends, so that a terminal has shown what it printed.
SERVER = """#include <cstdio>
int main() { std::puts("listening on 127.0.0.1:1"), std::fflush(stdout), std::getchar(); }
"""


class SmallCourse:
    """A course of one server and one client, which build in a second, in a folder of its own."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.folder.chmod(0o755)
        shutil.copy(COURSE, self.folder)
        shutil.copytree(ROOT / ".course", self.folder / ".course")
        shutil.copy(ROOT / "CMakePresets.json", self.folder)
        for stage, source in (("00-netcat", "client.cpp"), ("09-fiber-select", "server.cpp")):
            (self.folder / "stages" / stage).mkdir(parents=True)
            shutil.copy(ROOT / "stages" / stage / "stage.json", self.folder / "stages" / stage)
            (self.folder / "stages" / stage / source).write_text(SERVER)
        self.server = self.folder / "stages/09-fiber-select/server.cpp"
        (self.folder / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\n"
            "project(small LANGUAGES CXX)\n"
            "set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)\n"
            "file(GLOB manifests CONFIGURE_DEPENDS stages/*/stage.json)\n"
            "add_executable(00-netcat stages/00-netcat/client.cpp)\n"
            "add_executable(09-fiber-select ${CMAKE_SOURCE_DIR}/stages/09-fiber-select/server.cpp)\n"
        )

    def remove(self):
        shutil.rmtree(self.folder)

    @contextlib.contextmanager
    def other_build(self, command):
        """While this lasts, another command holds the lock of the build."""
        (self.folder / "build").mkdir(exist_ok=True)
        with open(self.folder / "build/lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.write(command + "\n")
            lock.flush()
            yield
