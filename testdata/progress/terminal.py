#!/usr/bin/env python3
"""terminal.py PROGRAM: help as wide and as coloured as the terminal; and what a command that takes long shows on a terminal: as wide as that is, also when it changes, and cleared
at the end, by Ctrl-C too; nothing where there is no terminal. Its pace is that of this script, which reads what the command writes.
Exits 1 if a check fails."""
import fcntl
import os
import pty
import re
import select
import sqlite3
import struct
import subprocess
import sys
import tempfile
import termios
import time

PROGRAM = os.path.abspath(sys.argv[1])
failures = checks = 0


def check(what, good, seen=""):
    global failures, checks
    checks += 1
    if not good:
        failures += 1
        print(f"{what}: {seen!r}")


class Screen:
    """A terminal, as far as the program uses one. A line that is too long goes on in the next, as on a real one."""

    def __init__(self, width):
        self.width = width
        self.lines = [""]
        self.column = 0
        self.wrapped = False
        self.frames = []  # each line as it stood when the next drawing began

    def feed(self, text):
        for part in re.findall(r"\x1b\[[0-9;]*[A-Za-z]|.|\n", text, re.S):
            if part == "\r":
                if self.lines[-1]:
                    self.frames.append(self.lines[-1])
                self.column = 0
            elif part == "\n":
                self.lines.append("")
                self.column = 0
            elif part == "\x1b[K":
                self.lines[-1] = self.lines[-1][:self.column]
            elif not part.startswith("\x1b"):
                if self.column == self.width:
                    self.wrapped = True
                    self.lines.append("")
                    self.column = 0
                self.lines[-1] = self.lines[-1][:self.column] + part + self.lines[-1][self.column + 1:]
                self.column += 1


class Command:
    """The program with a terminal for everything but its standard output, which is a pipe."""

    def __init__(self, folder, width, *words):
        self.screen = Screen(width)
        self.out, out = os.pipe()
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.dup2(out, 1)
            os.chdir(folder)
            time.sleep(0.2)  # until the width is set
            os.execve(PROGRAM, [PROGRAM, *words], {"PATH": os.environ["PATH"], "TERM": "xterm"})
        os.close(out)
        self.pid = pid
        self.resize(width)

    def resize(self, width):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        self.screen.width = width

    def watch(self, seconds):
        """What the terminal shows for so long."""
        end = time.monotonic() + seconds
        while select.select([self.terminal], [], [], max(0, end - time.monotonic()))[0]:
            try:
                data = os.read(self.terminal, 65536)
            except OSError:  # the program has ended
                return
            self.screen.feed(data.decode())
            if not data:
                return

    def take(self, size):
        """Reads so much of what the command writes."""
        while size > 0:
            data = os.read(self.out, min(size, 65536))
            if not data:
                return
            size -= len(data)

    def end(self):
        self.take(1 << 40)
        self.watch(20)
        _, status = os.waitpid(self.pid, 0)
        os.close(self.terminal)
        os.close(self.out)
        return os.waitstatus_to_exitcode(status)


def shows_how_far(folder, width):
    command = Command(folder, width, "convert", "long name of a fixture.jsonl", "-", "--to", "json")
    command.watch(0.9)
    check(f"{width}: nothing within a second", command.screen.frames == [] and command.screen.lines == [""], command.screen.lines)
    command.take(1 << 20)
    command.watch(0.8)
    line = command.screen.lines[-1]
    check(f"{width}: a percentage", re.search(r"\b[1-9][0-9]?%, ", line), line)
    check(f"{width}: fits", len(line) <= width - 3 and not command.screen.wrapped, line)
    if width >= 80:
        check(f"{width}: name, amount, pace and time", re.fullmatch(
            r"Converting long name of a .*: \d+%, [\d.]+ of [\d.]+ MB, [\d.]+ .B/s, (\d+ min )?\d+ s left", line), line)
    check(f"{width}: status", command.end() == 0)
    check(f"{width}: cleared at the end", command.screen.lines == [""], command.screen.lines)
    check(f"{width}: often, not too often", 3 <= len(command.screen.frames) <= 60, len(command.screen.frames))


def follows_the_width(folder):
    command = Command(folder, 160, "convert", "long name of a fixture.jsonl", "-", "--to", "json")
    command.take(1 << 20)
    command.watch(1.6)
    wide = command.screen.lines[-1]
    command.resize(40)
    command.watch(0.5)
    narrow = command.screen.lines[-1]
    check("narrower when the terminal is", 0 < len(narrow) <= 37 < len(wide), (wide, narrow))
    command.resize(100)
    command.watch(0.5)
    check("and wider again", len(command.screen.lines[-1]) > 40, command.screen.lines[-1])
    check("it ends well", command.end() == 0)
    check("one line, cleared", command.screen.lines == [""], command.screen.lines)


def ends_with_ctrl_c(folder):
    command = Command(folder, 60, "convert", "long name of a fixture.jsonl", "-", "--to", "json")
    command.take(1 << 20)
    command.watch(1.6)
    os.write(command.terminal, b"\x03")
    command.watch(10)  # it waits for the reader of its pipe until the terminal's signal has come
    status = command.end()
    lines = command.screen.lines
    check("interrupted", status == 130, status)
    check("only the error is left", len(lines) == 2 and re.fullmatch("dbfixture: error: .*interrupted", lines[0]) and lines[1] == "", lines)


def shows_waiting(folder):
    """A load that waits for a lock: no byte is read yet, and the line says how long it takes."""
    database = sqlite3.connect(f"{folder}/x.db", isolation_level=None)
    database.execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, a TEXT)")
    database.execute("BEGIN IMMEDIATE")
    command = Command(folder, 80, "loaddata", "-d", "x.db", "t.jsonl", "--busy-timeout", "10000")
    command.watch(1.7)
    check("waits", re.fullmatch(r"Loading t.jsonl: (0%, )?[12] s", command.screen.lines[-1]), command.screen.lines)
    database.execute("ROLLBACK")
    command.watch(0.5)
    check("and goes on", command.end() == 0)
    check("without a trace", command.screen.lines == [""], command.screen.lines)


def is_silent_elsewhere(folder):
    done = subprocess.run(f"{PROGRAM} convert 'long name of a fixture.jsonl' - --to json | (sleep 1.5; cat >/dev/null)", cwd=folder,
                          shell=True, stderr=subprocess.PIPE, check=True)
    check("nothing without a terminal", done.stderr == b"", done.stderr)
    for option in [["--progress", "never"], ["-q"]]:
        command = Command(folder, 80, "convert", "long name of a fixture.jsonl", "-", "--to", "json", *option)
        command.watch(1.5)
        check(f"nothing with {option}", command.end() == 0 and command.screen.frames == [], command.screen.frames)


def on_terminal(width, *words, **variables):
    """What the program prints on a terminal of that width."""
    pid, terminal = pty.fork()
    if pid == 0:
        time.sleep(0.2)
        os.execve(PROGRAM, [PROGRAM, *words], {"PATH": os.environ["PATH"], "TERM": "xterm", **variables})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    seen = b""
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        seen += data
    os.waitpid(pid, 0)
    os.close(terminal)
    return seen.decode().replace("\r\n", "\n")


def plain(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def longest(text):
    """Of the lines that are filled: examples stay as they are."""
    return max(len(line) for line in plain(text).split("\nExample")[0].split("\n"))


def help_fits():
    for words in [["help"], ["help", "restore"], ["help", "serve"]]:
        for width, least, most in [(20, 30, 52), (60, 50, 62), (85, 70, 85), (300, 80, 100)]:
            seen = on_terminal(width, *words)
            check(f"{words} at {width}", least <= longest(seen) <= most, longest(seen))
        piped = subprocess.run([PROGRAM, *words], stdout=subprocess.PIPE, encoding="utf-8", check=True,
                               env={"COLUMNS": "40"}).stdout
        check(f"{words} in a pipe is of 80 columns", 70 <= longest(piped) <= 80, longest(piped))
        check(f"{words} in a pipe is as on such a terminal, without colours", piped == plain(on_terminal(80, *words)))
        check(f"{words} is coloured", on_terminal(80, *words).startswith("\x1b[1mUsage:\x1b[0m"))
        for variables, more in [({"NO_COLOR": "1"}, []), ({"TERM": "dumb"}, []), ({}, ["--no-color"])]:
            seen = on_terminal(80, *words, *more, **variables)
            check(f"{words} with {variables} {more} is not", seen == piped)
    check("$COLUMNS", longest(on_terminal(200, "help", COLUMNS="60")) <= 62)


def main():
    help_fits()
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/long name of a fixture.jsonl", "w", encoding="utf-8") as file:
            for number in range(60000):
                file.write(f'{{"model": "t", "pk": {number}, "fields": {{"a": "{"x" * 80}"}}}}\n')
        with open(f"{folder}/t.jsonl", "w", encoding="utf-8") as file:
            file.write('{"model": "t", "pk": 1, "fields": {"a": "x"}}\n')
        for width in (40, 80, 160):
            shows_how_far(folder, width)
        follows_the_width(folder)
        ends_with_ctrl_c(folder)
        shows_waiting(folder)
        is_silent_elsewhere(folder)
    print(f"{checks} checks, {failures} wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
