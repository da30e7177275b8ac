#!/usr/bin/env python3
"""./course run and ./course chat: a server and its clients in several terminals."""
import pathlib
import re
import signal
import socket
import subprocess
import time
import unittest

from course import COURSE, ROOT, Terminal, run


def listener(family, host):
    """A socket that listens on a free port of this address; skips where there is none."""
    try:
        one = socket.socket(family, socket.SOCK_STREAM)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        one.bind((host, 0))
    except OSError as why:
        raise unittest.SkipTest(f"cannot listen on {host}: {why}")
    one.listen()
    return one


class Run(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        run(".course/build", "release", "09-fiber-select", "00-netcat")

    def server(self, *options):
        terminal = Terminal(COURSE, "run", "9", "--", *options)
        self.addCleanup(terminal.__exit__)
        terminal.read_until("how does one task wait for three channels?")
        return terminal

    def test_says_how_to_talk_to_the_address_that_the_server_listens_on(self):
        server = self.server("--port", "0")
        server.read_until("listening on 127.0.0.1:")
        port = server.read_until("\r\n")
        server.read_until(
            f"Talk to it from two other terminals: ./course chat localhost {port} (or: nc localhost {port}).\r\n"
            "Press Ctrl-C here to stop it.\r\n"
        )
        with Terminal(COURSE, "chat", "localhost", port) as client:
            client.read_until("You are 127.0.0.1:")

    def test_names_the_host_where_it_is_not_the_usual_one(self):
        server = self.server("--host", "127.0.0.2", "--port", "0")
        server.read_until("listening on 127.0.0.2:")
        port = server.read_until("\r\n")
        server.read_until(f"./course chat 127.0.0.2 {port} (or: nc 127.0.0.2 {port}).")

    def test_names_an_address_of_ipv6_without_brackets(self):
        listener(socket.AF_INET6, "::1").close()
        server = self.server("--host", "::1", "--port", "0")
        server.read_until("listening on [::1]:")
        port = server.read_until("\r\n")
        server.read_until(f"./course chat ::1 {port} (or: nc ::1 {port}).")

    def test_says_nothing_of_talking_to_a_server_that_does_not_start(self):
        out, err, status = run(COURSE, "run", "9", "--", "--foo")
        self.assertEqual(out, "")
        self.assertNotEqual(status, 0)
        self.assertIn("--foo", err)
        self.assertNotIn("Talk to it", err)

    def test_server_has_the_process_of_the_command_and_prints_to_the_end(self):
        server = self.server("--port", "0")
        server.read_until("Press Ctrl-C here to stop it.\r\n")
        name = pathlib.Path(f"/proc/{server.program.pid}/comm").read_text()
        self.assertTrue("09-fiber-select".startswith(name.strip()), name)
        server.type("\x1c")  # Ctrl-\
        server.read_until(" main")
        server.type("\x03")
        server.read_to_end(10)
        self.assertEqual(server.program.wait(), 0)

    def test_warns_of_a_port_that_is_in_use(self):
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::")):
            with self.subTest(host), listener(family, host) as taken:
                port = taken.getsockname()[1]
                out, err, status = run(COURSE, "run", "9", "--", "--port", str(port))
                self.assertIn(f"Port {port} is in use: is another server running?", err)
                self.assertIn(f"./course run 9 -- --port {port + 1}, and then ./course chat localhost {port + 1}.", err)
                self.assertIn("Address already in use", err)
                self.assertNotIn("Talk to it", err)
                self.assertEqual((out, status), ("", 1))

    def test_does_not_warn_of_a_port_that_only_a_connection_uses(self):
        with listener(socket.AF_INET, "127.0.0.2") as other:
            with socket.create_connection(other.getsockname()) as client:
                port = client.getsockname()[1]
                _, err, _ = run("timeout", "-s", "INT", "3", COURSE, "run", "9", "--", f"--port={port}")
                self.assertNotIn("is in use: is", err)


class Chat(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        run(".course/build", "release", "09-fiber-select", "00-netcat")

    def test_suggests_how_to_start_a_server_where_none_listens(self):
        with Terminal(COURSE, "chat", "localhost", "1") as client:
            text = client.read_to_end()
        self.assertEqual(
            text[text.rindex("cannot") :],
            "cannot connect to localhost:1: Connection refused\r\n"
            "No server is running there. Start one in another terminal: ./course run -- --port 1\r\n",
        )
        self.assertEqual(client.program.returncode, 1)

    def test_says_that_the_server_has_closed_the_connection(self):
        server = subprocess.Popen(
            [ROOT / "build/release/bin/09-fiber-select", "--port", "0"], stdout=subprocess.PIPE, text=True
        )
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        port = re.search(r":(\d+)$", server.stdout.readline())[1]
        with Terminal(COURSE, "chat", "localhost", port) as client:
            client.read_until("You are ")
            server.send_signal(signal.SIGINT)
            self.assertTrue(client.read_to_end().endswith("\r\nThe server has closed the connection.\r\n"), client.seen)
        self.assertEqual(client.program.returncode, 0)

    def test_prints_only_what_the_client_prints_in_a_pipe(self):
        out, err, status = run(COURSE, "chat", "localhost", "1")
        self.assertEqual((out, err, status), ("", "cannot connect to localhost:1: Connection refused\n", 1))

    def test_ctrl_c_ends_it(self):
        with listener(socket.AF_INET, "127.0.0.1") as server:
            with Terminal(COURSE, "chat", "127.0.0.1", str(server.getsockname()[1])) as client:
                connection, _ = server.accept()
                self.addCleanup(connection.close)
                connection.send(b"Hello!\n")
                client.read_until("Hello!")
                client.type("\x03")
                self.assertNotIn("closed", client.read_to_end(10))
                self.assertEqual(client.program.returncode, -signal.SIGINT)


class Crowd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        run(".course/build", "release", "crowd", "07-fiber-per-client")

    def test_stays_on_a_terminal_until_enter_and_keeps_its_last_row_up_to_date(self):
        for environment in ({}, {"TERM": "dumb"}):
            with self.subTest(environment), Terminal(COURSE, "crowd", "10", "7", **environment) as crowd:
                text = crowd.read_until("They stay connected until you press Enter.")
                self.assertRegex(text, r"(?m)^ +10 +1 ")
                self.assertIn("11 fibers: 10 handle_client, 1 main", text)
                for _ in range(2):
                    crowd.read_until("\r       10        1 ")
                crowd.type("\n")
                self.assertNotIn("\x1b", text + crowd.read_to_end(20))
                self.assertEqual(crowd.program.returncode, 0)

    def test_ctrl_c_ends_it_and_its_server(self):
        with Terminal(COURSE, "crowd", "10", "7") as crowd:
            crowd.read_until("They stay connected until you press Enter.")
            children = pathlib.Path(f"/proc/{crowd.program.pid}/task/{crowd.program.pid}/children").read_text().split()
            self.assertTrue(children)
            crowd.type("\x03")
            crowd.read_to_end(20)
            self.assertEqual(crowd.program.returncode, -signal.SIGINT)
            end = time.monotonic() + 10
            while any(pathlib.Path(f"/proc/{child}").exists() for child in children):
                self.assertLess(time.monotonic(), end)
                time.sleep(0.01)


if __name__ == "__main__":
    unittest.main()
