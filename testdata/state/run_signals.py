#!/usr/bin/env python3
"""run_signals.py PROGRAM: signals and `run`, in a terminal and without one."""
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time

from state_lab import PROGRAM, check, finish, in_this_part, make, state

for variable in ("DATABASE_URL", "DBFIXTURE_DATABASE", "DBFIXTURE_RUN"):
    os.environ.pop(variable, None)
WAYS = [["--temp"], []]
ALL = [signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, signal.SIGTSTP,
       signal.SIGUSR1]


def line(db, way, *words):
    return [PROGRAM, "run", "-d", db, *way, "--", *words]


def inherited(db, way):
    """A command starts with the signals that `env` would give it, whatever was ignored or held back."""
    look = ["grep", "-E", "Sig(Ign|Blk|Cgt)", "/proc/self/status"]
    for ignored in ([], ALL, *([one] for one in ALL)):
        for held in ([], [signal.SIGTERM, signal.SIGUSR2, signal.SIGCHLD]):
            def prepare(ignored=ignored, held=held):
                for number in ALL:
                    signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
                signal.pthread_sigmask(signal.SIG_SETMASK, held)

            seen, wanted = (subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False, restore_signals=False, preexec_fn=prepare)
                            for words in (line(db, way, *look), ["env", *look]))
            check(f"{way} signals of a command, ignored {ignored}, held back {held}",
                  (seen.returncode, seen.stdout) == (0, wanted.stdout), (seen.stdout, wanted.stdout))


COUNT = """
import os, signal, sys, time
seen = []
def take(number, frame):
    seen.append(signal.Signals(number).name)
    print("got", signal.Signals(number).name, flush=True)
for name in sys.argv[2:]:
    signal.signal(getattr(signal, name), take)
print("ready", flush=True)
end = time.monotonic() + 60
while len(seen) < int(sys.argv[1]) and time.monotonic() < end:
    time.sleep(0.02)
time.sleep(0.3)
print("all", *seen, flush=True)
sys.exit(7)
"""


def counting(most, *names):
    return [sys.executable, "-c", COUNT, str(most), *names]


def sent(db, way):
    """TERM and HUP are passed on, once; INT and QUIT, which a terminal gives to both, are not."""
    for names in (["SIGTERM"], ["SIGHUP"], ["SIGUSR1"], ["SIGUSR2"], ["SIGTERM", "SIGHUP"], ["SIGTERM"] * 5):
        process = subprocess.Popen(line(db, way, *counting(len(names), *names)), stdout=subprocess.PIPE, text=True)
        said = [process.stdout.readline()]
        for name in names:
            process.send_signal(getattr(signal, name))
            said.append(process.stdout.readline())
        said.append(process.communicate()[0])
        wanted = ["ready\n", *(f"got {name}\n" for name in names), "all " + " ".join(names) + "\n"]
        check(f"{way} {names} are passed on", (process.returncode, said) == (7, wanted), (process.returncode, said))
    process = subprocess.Popen(line(db, way, *counting(1, "SIGINT", "SIGQUIT", "SIGTERM")), stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGINT):
        process.send_signal(number)
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    said = process.communicate()[0]
    check(f"{way} INT and QUIT are not", (process.returncode, said) == (7, "got SIGTERM\nall SIGTERM\n"), (process.returncode, said))
    for number in (signal.SIGTERM, signal.SIGHUP):
        process = subprocess.Popen(line(db, way, "sh", "-c", "echo ready; exec sleep 60"), stdout=subprocess.PIPE, text=True)
        process.stdout.readline()
        process.send_signal(number)
        process.communicate()
        check(f"{way} a command ends by {number.name}", process.returncode == 128 + number, process.returncode)
    process = subprocess.Popen(line(db, way, *counting(1, "SIGTERM")), stdout=subprocess.PIPE, text=True,
                               preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    check(f"{way} under nohup a hang-up does nothing", process.communicate()[0] == "got SIGTERM\nall SIGTERM\n")


class Terminal:
    """A program in a terminal of its own, as its session's first process."""

    def __init__(self, words, folder):
        self.child, self.screen = pty.fork()
        if self.child == 0:
            try:
                os.chdir(folder)
                os.environ.update(PS1="$ ", TERM="dumb", HISTFILE="/dev/null")
                os.execvp(words[0], words)
            finally:  # a key may come before the program is there
                os._exit(130)
        self.text = ""

    def wait_for(self, text, seconds=20):
        end = time.monotonic() + seconds
        while text not in self.text:
            if time.monotonic() > end:
                return False
            if select.select([self.screen], [], [], 0.1)[0]:
                try:
                    got = os.read(self.screen, 4096)
                except OSError:
                    got = b""
                if not got:
                    return text in self.text
                self.text += got.decode("utf-8", "replace").replace("\r", "")
        self.text = self.text[self.text.index(text) + len(text):]
        return True

    def write(self, text):
        os.write(self.screen, text.encode())

    def end(self):
        self.wait_for("\0", 60)  # which nobody writes: to the end
        os.close(self.screen)
        return os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])


def keys(db, way, folder):
    """Ctrl-C and Ctrl-\\ reach the command once each, and do not end the program."""
    for times in (1, 2, 5):
        terminal = Terminal(line(db, way, *counting(times, "SIGINT")), folder)
        good = terminal.wait_for("ready")
        for _ in range(times):
            terminal.write("\x03")
            good = good and terminal.wait_for("got SIGINT")
        good = good and terminal.wait_for("all " + " ".join(["SIGINT"] * times) + "\n")
        status = terminal.end()
        check(f"{way} Ctrl-C, {times} times", good and status == 7, (good, status, terminal.text))
    for key, number in (("\x03", signal.SIGINT), ("\x1c", signal.SIGQUIT)):
        terminal = Terminal(line(db, way, "sh", "-c", "ulimit -c 0; echo ready; exec sleep 60"), folder)
        good = terminal.wait_for("ready")
        time.sleep(0.1)
        terminal.write(key)
        status = terminal.end()
        check(f"{way} a command ends by the key of {number.name}", good and status == 128 + number, (good, status))
    terminal = Terminal(line(db, way, "sh", "-c", "trap 'exit 7' HUP; echo ready; while :; do sleep 0.02; done"), folder)
    good = terminal.wait_for("ready")
    os.close(terminal.screen)  # the terminal is closed
    status = os.waitstatus_to_exitcode(os.waitpid(terminal.child, 0)[1])
    check(f"{way} a command is told that its terminal is closed", good and status == 7, (good, status))


def wait_for_states(words, wanted, seconds=20):
    """Until the run and its command, which have `words` in their command lines, are all in the states that `wanted` says, a letter of proc(5)
    or more: a program that has not stopped yet takes what is typed for the shell."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        states = []
        for number in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{number}/cmdline", "rb") as file:
                    if words.encode() not in file.read():
                        continue
                with open(f"/proc/{number}/stat", encoding="utf-8", errors="replace") as file:
                    states.append(file.read().rpartition(")")[2].split()[0])
            except OSError:  # it has ended
                pass
        if len(states) >= 2 and all(state in wanted for state in states):
            return True
        time.sleep(0.02)
    return False


def jobs(db, way, folder):
    """Ctrl-Z stops both, fg goes on with both, and the command may read from the terminal."""
    terminal = Terminal(["bash", "--norc", "--noprofile", "-i"], folder)
    script = f"read -r first; echo got:$first; read -r second; echo got:$second # {db}"
    command = " ".join(f"'{word}'" for word in line(db, way, "sh", "-c", script))
    terminal.write(command + "; echo status:$?\n")
    good = wait_for_states(script, "S")
    terminal.write("one\n")
    good = good and terminal.wait_for("got:one")
    terminal.write("\x1a")
    good = good and terminal.wait_for("Stopped") and wait_for_states(script, "T")
    terminal.write("jobs; echo in the shell\n")
    good = good and terminal.wait_for("in the shell\n")
    terminal.write("fg\n")
    good = good and wait_for_states(script, "S")
    terminal.write("two\n")
    good = good and terminal.wait_for("got:two")
    terminal.write("exit 0\n")
    terminal.write("exit 0\n")
    status = terminal.end()
    check(f"{way} stopped and gone on with", good and status == 0, (good, status, terminal.text))
    terminal = Terminal(line(db, way, "bash", "--norc", "--noprofile", "-i"), folder)
    good = terminal.wait_for("$ ")
    terminal.write("sleep 60\n")
    time.sleep(0.3)
    terminal.write("\x03")
    good = good and terminal.wait_for("$ ")
    terminal.write("exit 5\n")
    status = terminal.end()
    check(f"{way} a shell as the command keeps its jobs to itself", good and status == 5, (good, status, terminal.text))


def moments(db, way, folder):
    """Ctrl-C at any moment: the database is as before, and the status says who was told."""
    before = state(db)
    seen = set()
    for i in range(50):
        terminal = Terminal(line(db, way, "sh", "-c", 'sqlite3 "$DBFIXTURE_DATABASE" "DELETE FROM u"; exec sleep 0.05'), folder)
        time.sleep(i * 0.003)
        terminal.write("\x03" * (1, 2, 5)[i % 3])
        seen.add(terminal.end())
    check(f"{way} Ctrl-C at 50 moments: the database is as before", state(db) == before)
    check(f"{way} Ctrl-C at 50 moments: interrupted or done", seen <= {0, 130, -2}, seen)


with tempfile.TemporaryDirectory() as work:
    path = work + "/x.db"
    make(path, "delete")
    for options in WAYS:
        for piece in (lambda way: inherited(path, way), lambda way: sent(path, way), lambda way: keys(path, way, work),
                      lambda way: jobs(path, way, work), lambda way: moments(path, way, work)):
            if in_this_part():
                piece(options)
finish("run_signals")
