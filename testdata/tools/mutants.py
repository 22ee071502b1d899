#!/usr/bin/env python3
"""mutants.py [OPTION...] [NAME...]: does a test notice each small change of testdata/mutants/*.txt?

  --list        only names the changes and finds their places
  --build DIR   where the changed copy is built (default build-mutants)
  --jobs N      test processes at once (default: all cores)
  --quick       only the tests that the entries expect to fail: who survives them does not meet the whole suite
  NAME          only changes whose name contains it

All changes are compiled into one copy of the tree, each behind a switch that $DBFIXTURE_MUTANT turns on, so there is one build.
A change is killed when a test fails with it: first the tests that its entry expects to, then, if none of them fails, the whole suite.
What survives must have a reason why it cannot matter. Exits 1 if a change survives without one, is killed in spite of one, or is
not found exactly once in its file.

An entry is

  == NAME FILE
  tests: [tag], "a test's name", cli/flush/all        the tests that should fail, in this order; with a comma between them
  @ text before                                       where the old text stands more than once: the first after this text
  - old text                                          one or more lines; blanks and line ends count as one blank
  + new text                                          no line: the text is left out
  why: the reason why it cannot matter                only where no test can fail

An old text that ends with ; holds statements, any other is an expression.
"""
import argparse
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
HEADER = """// The switches of testdata/tools/mutants.py.
#pragma once
#include <cstdlib>
#include <cstring>
namespace dbfixture_mutants {
inline const char* const kChosen = std::getenv("DBFIXTURE_MUTANT");
inline bool on(const char* name) { return kChosen != nullptr && std::strcmp(kChosen, name) == 0; }
}  // namespace dbfixture_mutants
"""
SECONDS = 600  # a change may make a test wait for ever


class Mutant:
    def __init__(self, name, file, where):
        self.name, self.file, self.where = name, file, where
        self.tests, self.before, self.old, self.new, self.why = [], [], [], [], ""

    def find(self, text):
        """The places of the old text, after the one text that stands before it, if one is given."""
        def matches(lines):
            pattern = r"\s+".join(re.escape(word) for word in " ".join(lines).split())
            begin, end = (r"\b" if re.match(r"\w", letter) else "" for letter in (lines[0].strip()[0], lines[-1].strip()[-1]))
            return list(re.finditer(begin + pattern + end, text))
        if not self.before:
            return matches(self.old)
        starts = matches(self.before)
        return [match for match in matches(self.old) if len(starts) == 1 and match.start() >= starts[0].end()][:1]

    def text(self, old):
        """`old` (which may hold other switches) or the new text, as the switch says."""
        new, on = "\n".join(self.new), f'dbfixture_mutants::on("{self.name}")'
        if self.old[-1].rstrip().endswith(";"):
            return f"if ({on}) {{ {new} }} else {{ {old} }}"
        return f"({on} ? ({new}) : ({old}))"


def read_list():
    mutants = []
    for path in sorted(glob.glob(os.path.join(ROOT, "testdata/mutants/*.txt"))):
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                where = f"{os.path.relpath(path, ROOT)}:{number}"
                if line.startswith("== "):
                    mutants.append(Mutant(*line.split()[1:], where))
                elif line.startswith("tests: "):
                    mutants[-1].tests = [part.strip().strip('"') for part in re.findall(r'\s*("[^"]*"|[^,"]+)', line[7:]) if part.strip()]
                elif line.startswith("why: "):
                    mutants[-1].why = line[5:].strip()
                elif line[:2] in ("- ", "+ ", "@ "):
                    {"-": mutants[-1].old, "+": mutants[-1].new, "@": mutants[-1].before}[line[0]].append(line[2:].rstrip("\n"))
                elif line.strip() and not line.startswith("#"):
                    sys.exit(f"mutants: {where}: what is {line.strip()!r}?")
    return mutants


def find_places(mutants, problems):
    """File -> [(begin, end, mutant)], of those whose old text stands there exactly once."""
    places = {}
    names = set()
    for mutant in mutants:
        if mutant.name in names or not mutant.old or not (mutant.tests or mutant.why):
            problems.append(f"{mutant.where}: {mutant.name}: a name of its own, an old text, and tests or a reason are needed")
            continue
        names.add(mutant.name)
        try:
            with open(os.path.join(ROOT, mutant.file), encoding="utf-8") as file:
                found = mutant.find(file.read())
        except OSError:
            found = []
        if len(found) == 1:
            places.setdefault(mutant.file, []).append((found[0].start(), found[0].end(), mutant))
        else:
            problems.append(f"{mutant.where}: {mutant.name}: its old text (or that before it) does not stand once in {mutant.file}")
    return places


def rewrite(text, begin, end, places, problems):
    """text[begin:end] with its switches; one place may hold others."""
    out, at = "", begin
    while places:
        first, last, mutant = places[0]
        inside = [place for place in places[1:] if place[1] <= last]
        across = [place for place in places[1:] if place[0] < last < place[1]]
        problems += [f"{mutant.where}: {mutant.name} and {other.name} overlap" for _, _, other in across]
        out += text[at:first] + mutant.text(rewrite(text, first, last, inside, problems))
        places = [place for place in places[1:] if place[0] >= last]
        at = last
    return out + text[at:end]


def write_if_changed(path, text):
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return
    except (OSError, UnicodeDecodeError):
        pass
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make_copy(places, copy, problems):
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    wanted = {name for name in listed.splitlines() if os.path.isfile(os.path.join(ROOT, name))}
    made = {"src/base/mutants.h"} | {name + ".changed" for name in places}
    for folder, folders, names in os.walk(copy):
        if folder == copy and "build" in folders:
            folders.remove("build")
        for name in names:
            if os.path.relpath(os.path.join(folder, name), copy) not in wanted | made:
                os.unlink(os.path.join(folder, name))
    for name in sorted(wanted):
        source, target = os.path.join(ROOT, name), os.path.join(copy, name)
        if name in places:
            with open(source, encoding="utf-8") as file:
                text = file.read()
            ordered = sorted(places[name], key=lambda place: (place[0], -place[1]))
            changed = rewrite(text, 0, len(text), ordered, problems)
            # No warnings, though the flags are the usual ones, for the sake of ccache.
            write_if_changed(target + ".changed", '#pragma GCC system_header\n#include "base/mutants.h"\n' + changed)
            write_if_changed(target, ("#pragma once\n" if name.endswith(".h") else "") + f'#include "{os.path.basename(name)}.changed"\n')
        elif not os.path.exists(target) or os.path.getmtime(target) != os.path.getmtime(source):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy2(source, target)
    write_if_changed(os.path.join(copy, "src/base/mutants.h"), HEADER)


def build(copy, out):
    done = subprocess.run([os.path.join(copy, ".ci/build"), out, "-DDBFIXTURE_TESTS=ON"], cwd=copy, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit("mutants: the changed copy does not build\n" + done.stdout[-5000:] + done.stderr[-5000:])


def passes(out, test, name):
    """Whether the selected tests pass with this change ("" for none)."""
    program = os.path.join(out, "dbfixture_test")
    environment = dict(os.environ, DBFIXTURE_MUTANT=name)
    selection = test
    if test.startswith("cli/"):
        environment["DBFIXTURE_CASE"] = test.rstrip("/") + "/"
        selection = "[golden]"
    elif not test.startswith("["):
        part = re.search(r" \((\d+/\d+)\)$", test)
        if part:
            environment["DBFIXTURE_PART"] = part[1]
            selection = test[:part.start()]
        selection = re.sub(r"([\[\],\\\"*~])", r"\\\1", selection)
    try:
        done = subprocess.run([program, selection, "--abort"], env=environment, capture_output=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode in (0, 77) if name else done.returncode == 0


def suite_failures(out, name, jobs, unless=()):
    """The tests that fail with this change ("": with none, all of them; else the first), but those of `unless`."""
    words = ["ctest", "--test-dir", out, "-j", str(jobs)] + (["--stop-on-failure"] if name else [])
    if unless:
        words += ["-E", "^(" + "|".join(re.sub(r"([][.*+?()|^$\\\\])", r"\\\1", test) for test in unless) + ")$"]
    done = subprocess.run(words, env=dict(os.environ, DBFIXTURE_MUTANT=name), capture_output=True, text=True, check=False)
    at = done.stdout.find("The following tests FAILED")
    return re.findall(r"^\s*\d+ - (.*) \(.*\)$", done.stdout[at:], re.M) if at >= 0 else []


def first_failure(out, mutant):
    return next((test for test in mutant.tests if not passes(out, test, mutant.name)), None)


def judge(chosen, out, jobs, quick, problems):
    """Prints what becomes of each; who survives the tests that were to kill it meets the whole suite."""
    survivors = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for mutant, killer in zip(chosen, pool.map(lambda mutant: first_failure(out, mutant), chosen)):
            if killer is not None:
                print(f"killed    {mutant.name}: {killer}", flush=True)
                if mutant.why:
                    problems.append(f"{mutant.where}: {mutant.name} is killed, although it has a reason why it cannot matter")
            elif mutant.why:
                print(f"survived  {mutant.name}: {mutant.why}", flush=True)
            else:
                survivors.append(mutant)
    always = suite_failures(out, "", jobs) if survivors and not quick else []  # what looks at the sources, which are changed
    for mutant in survivors:
        failed = [] if quick else suite_failures(out, mutant.name, jobs, always)
        print(f"killed    {mutant.name}: only by the whole suite: {'; '.join(failed)}" if failed else f"SURVIVED  {mutant.name}", flush=True)
        if not failed:
            problems.append(f"{mutant.where}: {mutant.name} survives without a reason")


def main():
    if os.access("/dev/shm", os.W_OK):
        os.environ.setdefault("TMPDIR", "/dev/shm")  # most of a test is waiting for a disk
    os.environ.setdefault("DBFIXTURE_REALDATA", os.path.join(ROOT, "../shared/realdata"))
    os.environ.setdefault("DBFIXTURE_TOOLS", os.path.join(ROOT, "../shared/tools"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--build", default=os.path.join(ROOT, "build-mutants"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME")
    given = parser.parse_args()
    problems = []
    mutants = read_list()
    places = find_places(mutants, problems)
    chosen = [m for m in mutants if not given.names or any(part in m.name for part in given.names)]
    if given.list:
        for mutant in chosen:
            print(mutant.name, mutant.file, ", ".join(mutant.tests), mutant.why and "why: " + mutant.why)
    else:
        begin = time.time()
        copy = os.path.abspath(given.build)
        out = os.path.join(copy, "build")  # as in a checkout, so that ccache knows what is not changed
        make_copy(places, copy, problems)
        build(copy, out)
        placed = {mutant.name for spans in places.values() for _, _, mutant in spans}
        chosen = [m for m in chosen if m.name in placed]
        print(f"built in {time.time() - begin:.0f} s", flush=True)
        with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
            selections = sorted({test for mutant in chosen for test in mutant.tests})
            sound = dict(zip(selections, pool.map(lambda test: passes(out, test, ""), selections)))
            problems += [f"{test}: fails or matches nothing without any change" for test in selections if not sound[test]]
        judge([m for m in chosen if all(sound[test] for test in m.tests)], out, given.jobs, given.quick, problems)
        print(f"{time.time() - begin:.0f} s")
    for problem in problems:
        print("mutants:", problem)
    reasons = sum(1 for mutant in chosen if mutant.why)
    print(f"{len(chosen)} changes, {reasons} of them with a reason why they cannot matter: {len(problems)} failed")
    sys.exit(1 if problems else 0)


main()
