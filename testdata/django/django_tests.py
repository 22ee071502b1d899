#!/usr/bin/env python3
"""Django's own test fixtures: does loaddata do what Django 4.2 did with each?

  django_tests.py PROGRAM REALDATA      REALDATA is the folder django-tests of the sample data

Compares exit status, rows added to each table and the data afterwards (as Django's dumpdata has it) with expected/. What
differs must stand in differences.tsv beside this file, with its reason, and what stands there must differ. Exits 1 and
says what is new; exits 1 on any crash.
"""
import json, os, shutil, sqlite3, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PART, PARTS = (int(number) for number in os.environ.get("DBFIXTURE_PART", "1/1").split("/"))

def path_of(name, root):
    return os.path.join(root, "tests", *name.split("__"))

def counts(path):
    c = sqlite3.connect(path)
    names = [r[0] for r in c.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")]
    return {n: c.execute(f'select count(*) from "{n}"').fetchone()[0] for n in names}

def data(path, program, config):
    """The database as our dumpdata has it, without what Django's list leaves out, in a form in which both are equal."""
    run = subprocess.run([program, "dumpdata", "-d", path, "--layout", "django", "-f", "jsonl", "-q", "--config", config],
                         capture_output=True, text=True)
    if run.returncode:
        return "dumpdata fails: " + run.stderr
    return normal([json.loads(line) for line in run.stdout.splitlines()])

def same_text(value):
    if isinstance(value, list):
        return [same_text(v) for v in value]
    if isinstance(value, str):
        if value.endswith("Z"):
            value = value[:-1]
        try:
            return str(float(value)) if value.strip() == value else value
        except ValueError:
            return value
    return value

def normal(records):
    out = []
    for record in records:
        if record["model"] in ("contenttypes.contenttype", "auth.permission", "sites.site"):
            continue
        fields = {k: same_text(sorted(v, key=str) if isinstance(v, list) else v) for k, v in record["fields"].items()}
        out.append(json.dumps([record["model"].lower(), same_text(record.get("pk")), fields], sort_keys=True))
    return sorted(out)

def check(name, row, program, root, folder, config):
    """The ways in which our load of the fixtures of one line differs from Django's."""
    _, _, status, message, added, _ = row
    db = os.path.join(folder, "test.db")
    shutil.copyfile(os.path.join(root, "schema_empty.sqlite3"), db)
    before = counts(db)
    run = subprocess.run([program, "loaddata", "-d", db, "--config", config] + [path_of(n, root) for n in name.split("+")],
                         capture_output=True, text=True, timeout=60)
    after = counts(db)
    seen = {n: after[n] - before[n] for n in after if after[n] != before[n]}
    if run.returncode not in range(8):
        return [f"CRASH {run.returncode} {run.stderr}"]
    if (run.returncode == 0) != (status == "0"):
        return [f"status {run.returncode}, Django {status}: {run.stderr.strip()} / {message}"]
    if json.loads(added) != seen:
        return [f"rows {seen}, Django {added}"]
    dump = os.path.join(root, "expected", name + ".dump.json")
    if run.returncode == 0 and os.path.exists(dump):
        ours, django = data(db, program, config), normal(json.load(open(dump, encoding="utf-8")))
        if ours != django:
            return [f"data\n  ours   {[r for r in ours if r not in django]}\n"
                    f"  Django {[r for r in django if r not in ours]}"]
    return []

def listed(config_used):
    with open(os.path.join(HERE, "differences.tsv"), encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines if line.strip() and not line.startswith("#")]
    return {name: reason for name, when, reason in rows if when == "always" or not config_used}

def main(program, root):
    wrong = 0
    rows = open(os.path.join(root, "expected", "RESULTS.tsv"), encoding="utf-8").read().splitlines()[1:]
    with tempfile.TemporaryDirectory() as folder:
        plain = os.path.join(folder, "plain.yaml")
        with open(plain, "w", encoding="utf-8") as out:
            out.write("django:\n  use_tz: false\n")
        for config in (plain, os.path.join(HERE, "django_tests.yaml")):
            differences = listed(config != plain)
            for row in (r.split("\t") for r in rows[PART - 1::PARTS]):
                problems = check(row[0], row, program, root, folder, config)
                if bool(problems) != (row[0] in differences) or "CRASH" in str(problems):
                    wrong += 1
                    print(f"{row[0]}: " + ("; ".join(problems) if problems else "is equal, but listed in differences.tsv"))
            print(f"{'without' if config == plain else 'with'} config: {len(rows[PART - 1::PARTS])} of {len(rows)} fixtures, of all "
                  f"{len(rows) - len(differences)} as Django, {len(differences)} listed")
    return wrong > 0

if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
