#!/usr/bin/env python3
"""Types into real shells, each on a terminal of its own, and checks what completion makes of it.

    shells.py DBFIXTURE [SHELL...]
    shells.py --installed DBFIXTURE [SHELL...]     with the scripts of an installed package, as each shell finds them by itself

Each line of CASES is typed up to its tab; then the line is run with `printf` in front, which says what words it has become. Shells
that are not installed are named on stderr. Exits 1 if a case fails."""
import os
import pty
import re
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

# What is typed -> the words that the line then has.
CASES = [
    ("dbfixture load", "dbfixture loaddata"),
    ("dbfixture loaddata us", "dbfixture loaddata users"),
    ("dbfixture loaddata fixtures/us", "dbfixture loaddata fixtures/users.json"),
    ("dbfixture loaddata two", "dbfixture loaddata two words"),
    ("dbfixture dumpdata cust", "dbfixture dumpdata customers"),
    ("dbfixture -d other.db dumpdata els", "dbfixture -d other.db dumpdata elsewhere"),
    ("dbfixture dumpdata -d oth", "dbfixture dumpdata -d other.db"),
    ("dbfixture dumpdata --database=oth", "dbfixture dumpdata --database=other.db"),
    ("dbfixture dumpdata -d ma", "dbfixture dumpdata -d main"),
    ("dbfixture dumpdata --format ya", "dbfixture dumpdata --format yaml"),
    ("dbfixture dumpdata --format=ya", "dbfixture dumpdata --format=yaml"),
    ("dbfixture dumpdata --natural-f", "dbfixture dumpdata --natural-foreign"),
    ("dbfixture loaddata --replace=customers,ord", "dbfixture loaddata --replace=customers,orders"),
    ("dbfixture dumpdata odd", "dbfixture dumpdata odd:name"),
    ("dbfixture dumpdata odd:na", "dbfixture dumpdata odd:name"),
    ("dbfixture restore mig", "dbfixture restore migrated"),
    ("dbfixture snapshots show mig", "dbfixture snapshots show migrated"),
    ("dbfixture snapshots ren", "dbfixture snapshots rename"),
    ("dbfixture pop fea", "dbfixture pop feature"),
    ("dbfixture restore --store sta", "dbfixture restore --store states/"),
    ("dbfixture completion fi", "dbfixture completion fish"),
    ("dbfixture help sqlseq", "dbfixture help sqlsequencereset"),
    ("dbfixture run --env DATABASE_URL=sqla", "dbfixture run --env DATABASE_URL=sqlalchemy"),
    ("dbfixture run -- dbfixt", "dbfixture run -- dbfixture"),
    ("dbfixture loaddata nosuch", "dbfixture loaddata nosuch"),
]
# Typed, tab twice: all of these are shown.
LISTS = [
    ("dbfixture loaddata ", ["orders", "users"]),
    ("dbfixture dumpdata ", ["customers", "orders"]),
    ("dbfixture snapshots ", ["delete", "verify"]),
]


def make_place(folder, program):
    os.makedirs(f"{folder}/fixtures")
    for name in ["users.json", "orders.yaml", "two words.json"]:
        with open(f"{folder}/fixtures/{name}", "w") as file:
            file.write("[]\n")
    with open(f"{folder}/dbfixture.yaml", "w") as file:
        file.write("database: main\ndatabases:\n  main: shop.db\nstore: states\n")
    for name, tables in [("shop.db", ["customers", "orders", "odd:name"]), ("other.db", ["elsewhere"])]:
        database = sqlite3.connect(f"{folder}/{name}")
        for table in tables:
            database.execute(f'CREATE TABLE "{table}" (id INTEGER PRIMARY KEY)')
        database.close()
    for words in [["snapshot", "migrated"], ["push", "feature"]]:
        subprocess.run([program, *words, "-q"], cwd=folder, check=True)


class Shell:
    """A shell on a terminal; `line` runs a line, and what is printed up to the mark at its end comes back."""

    def __init__(self, words, folder, environment, start):
        pid, self.fd = pty.fork()
        if pid == 0:
            os.chdir(folder)
            os.execvpe(words[0], words, environment)
        self.pid = pid
        self.count = 0
        self.line(start)

    def send(self, text):
        os.write(self.fd, text.encode())

    def read_until(self, mark, seconds=20):
        seen = ""
        end = time.monotonic() + seconds
        while mark not in seen:
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise TimeoutError(f"no {mark!r} in {seen!r}")
            seen += os.read(self.fd, 65536).decode("utf-8", "replace")
        return seen

    def read_quiet(self, seconds=0.4):
        """What comes until nothing has come for that long."""
        seen = ""
        while select.select([self.fd], [], [], seconds)[0]:
            seen += os.read(self.fd, 65536).decode("utf-8", "replace")
        return seen

    def line(self, text):
        # The mark is written apart in the line, so that its echo is not taken for it.
        self.count += 1
        self.send(f"{text}; printf '%s%s\\n' MA RK{self.count}.\r")
        seen = self.read_until(f"MARK{self.count}.")
        self.read_quiet(0.2)
        return seen

    def completed(self, typed):
        self.send(typed + "\t")
        self.read_quiet()
        self.send("\x01printf '<%s>' \x05")
        self.count += 1
        self.send(f" ; printf '%s%s\\n' MA RK{self.count}.\r")
        seen = self.read_until(f"MARK{self.count}.")
        self.read_quiet(0.2)
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", seen)

    def listed(self, typed, expected):
        """What comes until all that is expected has come, or for so long that it will not."""
        self.send(typed + "\t\t")
        seen = ""
        end = time.monotonic() + 5
        while not all(word in seen for word in expected) and time.monotonic() < end:
            seen += self.read_quiet(0.2)
        for _ in range(2):  # in fish the first may only close the list
            self.send("\x03")
            self.read_quiet(0.3)
        return seen

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


# Where each shell looks for the script below its home, and how it finds it by itself; the second, by its path.
FOUND = {
    "bash": ("data/bash-completion/completions/dbfixture",
             "bind 'set enable-bracketed-paste off'; ! [ -r /usr/share/bash-completion/bash_completion ] || "
             ". /usr/share/bash-completion/bash_completion",
             "bind 'set enable-bracketed-paste off'; . ~/data/bash-completion/completions/dbfixture"),
    "zsh": ("functions/_dbfixture", "unset zle_bracketed_paste; fpath=(~/functions $fpath); autoload -Uz compinit; compinit -u -D",
            "unset zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; . ~/functions/_dbfixture"),
    "fish": ("config/fish/completions/dbfixture.fish", "true", "source ~/config/fish/completions/dbfixture.fish"),
}
# What a shell of Debian does when it starts, where its owner has completion switched on.
INSTALLED = {
    "bash": "bind 'set enable-bracketed-paste off'; . /usr/share/bash-completion/bash_completion",
    "zsh": "unset zle_bracketed_paste; autoload -Uz compinit; compinit -u -D",
    "fish": "true",
}
WORDS_OF = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"], "fish": ["fish", "--private", "-i"]}


def start_shell(name, folder, program, way):
    """`way` is how it comes by the script: "sourced", "found" in a folder of its user, or "installed"."""
    home = f"{folder}/home-{name}-{way}"
    place, found, sourced = FOUND[name]
    environment = {"PATH": f"{os.path.dirname(program)}:{os.environ['PATH']}", "HOME": home, "TERM": "xterm", "LC_ALL": "C.UTF-8",
                   "PS1": "$ ", "XDG_CONFIG_HOME": f"{home}/config", "XDG_DATA_HOME": f"{home}/data"}
    os.makedirs(os.path.dirname(f"{home}/{place}"))
    if name == "fish":  # where this folder is missing, fish reads all man pages first
        os.makedirs(f"{home}/data/fish/generated_completions")
    if way == "installed":
        return Shell(WORDS_OF[name], folder, environment, INSTALLED[name])
    with open(f"{home}/{place}", "w", encoding="utf-8") as file:
        subprocess.run([program, "completion", name], stdout=file, check=True)
    if name == "bash" and way == "found" and not os.path.exists("/usr/share/bash-completion/bash_completion"):
        print("bash-completion is not installed", file=sys.stderr)
        found = sourced
    return Shell(WORDS_OF[name], folder, environment, found if way == "found" else sourced)


def check_case(name, shell, typed, expected):
    seen = shell.completed(typed)
    # A space in a word is a word's own: "<two words>".
    words = "".join(f"<{word}>" for word in re.split(r" (?!words)", expected))
    # zsh takes the slash of a folder back when a blank follows.
    if words.replace("/>", ">") + "MARK" in seen.replace("/>", ">"):
        return 0
    print(f"{name}: {typed!r} gave {seen[-400:]!r}, not {words}")
    return 1


def check_shell(name, folder, program, installed):
    failures = 0
    if not installed:
        shell = start_shell(name, folder, program, "sourced")
        for typed, expected in CASES[:3] + CASES[-2:]:
            failures += check_case(name, shell, typed, expected)
        shell.close()
    shell = start_shell(name, folder, program, "installed" if installed else "found")
    for typed, expected in CASES:
        failures += check_case(name, shell, typed, expected)
    for typed, expected in LISTS:
        for _ in range(12):  # on a busy machine the program may find that it takes too long, and say nothing
            seen = shell.listed(typed, expected)
            if all(word in seen for word in expected):
                break
        else:
            failures += 1
            print(f"{name}: {typed!r} listed {seen!r}")
    shell.close()
    return failures


def main():
    installed = sys.argv[1] == "--installed"
    words = sys.argv[2 if installed else 1:]
    program = os.path.abspath(words[0])
    failures = cases = 0
    for name in words[1:] or ["bash", "zsh", "fish"]:
        if not shutil.which(name):
            print(f"{name} is not installed", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory() as folder:
            make_place(folder, program)
            failures += check_shell(name, folder, program, installed)
            cases += len(CASES) + len(LISTS) + (0 if installed else 5)
    print(f"{cases} completions, {failures} wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
