"""What the process tests of saved states on a server share: a server of their own, sessions of psql, everything that is in a database as psql reads it."""
import contextlib
import glob
import hashlib
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.abspath(sys.argv[1])
if os.path.isdir(PROGRAM):  # of a benchmark
    PROGRAM = os.path.join(PROGRAM, "dbfixture")
ALL = "--all" in sys.argv
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
MARK = "psql-is-done-5f2c"
PART, PARTS = (int(number) for number in os.environ.get("DBFIXTURE_PART", "1/1").split("/"))
FAILED = []
pieces = 0
for variable in [name for name in os.environ if name.startswith(("PG", "DBFIXTURE_RUN"))] + ["DATABASE_URL", "DBFIXTURE_DATABASE"]:
    os.environ.pop(variable, None)
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # and clean up


def option(name, default):
    """`--name N` of the command line."""
    return int(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else default


def check(what, good, seen=""):
    if not good:
        FAILED.append(what)
        print("FAILED:", what, seen if isinstance(seen, str) else getattr(seen, "args", ""), getattr(seen, "returncode", ""),
              getattr(seen, "stdout", ""), getattr(seen, "stderr", ""), flush=True)
    return good


def in_this_part():
    """Asked before each piece of work: whether it is for this one of the processes that share the work (src/base/places_test.h)."""
    global pieces
    pieces += 1
    return (pieces - 1) % PARTS == PART - 1


def finish(what):
    print(f"{what}: {len(FAILED)} failed")
    sys.exit(1 if FAILED else 0)


# All tables that have rows of their own, of schemas that are neither the system's nor dbfixture's, each by its rows in the order of its primary key, else
# of their text; and what sequences say.
ROWS = r"""
SET search_path = ''; SET extra_float_digits = 1; SET timezone = 'UTC';
SELECT format('SELECT %L', '<<MARK>> ' || c.oid::regclass),
       CASE c.relkind WHEN 'S' THEN format('SELECT last_value, is_called FROM %s', c.oid::regclass)
       ELSE format('COPY (SELECT * FROM ONLY %s x ORDER BY %s) TO STDOUT (FORMAT binary)', c.oid::regclass, coalesce((SELECT pg_catalog.string_agg(format('x.%I', a.attname), ', ' ORDER BY u.n)
         FROM pg_catalog.pg_index i, pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY u(k, n), pg_catalog.pg_attribute a WHERE i.indrelid = c.oid AND i.indisprimary AND i.indimmediate
         AND i.indisvalid AND u.n <= i.indnkeyatts AND a.attrelid = c.oid AND a.attnum = u.k), 'x::text COLLATE pg_catalog."C"')) END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'S', 'm') AND n.nspname !~ '^(pg_|information_schema$|dbfixture_)' ORDER BY c.oid::regclass::text COLLATE "C" \gexec
"""

# And their definitions, without what a restore may not keep: numbers of objects, files and columns.
DEFINITIONS = r"""
SET search_path = '';
CREATE TEMP VIEW c AS SELECT c.* FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname !~ '^(pg_|information_schema$|dbfixture_)' AND c.relkind <> 't';
SELECT oid::regclass, relkind, relpersistence, relrowsecurity, relforcerowsecurity, reloptions, relacl, relowner::regrole, relreplident, relispartition,
  pg_catalog.pg_get_expr(relpartbound, oid), pg_catalog.obj_description(oid, 'pg_class') FROM pg_temp.c ORDER BY 1;
SELECT attrelid::regclass, row_number() OVER (PARTITION BY attrelid ORDER BY attnum), attname, pg_catalog.format_type(atttypid, atttypmod), attnotnull, attidentity,
  attgenerated, attstorage, attstattarget, attacl, pg_catalog.pg_get_expr(adbin, adrelid) FROM pg_catalog.pg_attribute JOIN pg_temp.c ON c.oid = attrelid
  LEFT JOIN pg_catalog.pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attnum > 0 AND NOT attisdropped ORDER BY 1, 2;
SELECT conrelid::regclass, conname, pg_catalog.pg_get_constraintdef(k.oid), convalidated, condeferrable, condeferred, pg_catalog.obj_description(k.oid, 'pg_constraint')
  FROM pg_catalog.pg_constraint k JOIN pg_temp.c ON c.oid = conrelid ORDER BY 1, 2;
SELECT tgrelid::regclass, tgname, tgenabled, pg_catalog.pg_get_triggerdef(t.oid) FROM pg_catalog.pg_trigger t JOIN pg_temp.c ON c.oid = tgrelid WHERE NOT tgisinternal ORDER BY 1, 2;
SELECT tgrelid::regclass, tgenabled, count(*) FROM pg_catalog.pg_trigger JOIN pg_temp.c ON c.oid = tgrelid WHERE tgisinternal GROUP BY 1, 2 ORDER BY 1, 2;
SELECT pg_catalog.pg_get_indexdef(indexrelid), indisvalid, indisclustered, indisreplident, indimmediate, pg_catalog.obj_description(indexrelid, 'pg_class')
  FROM pg_catalog.pg_index JOIN pg_temp.c ON c.oid = indexrelid ORDER BY 1;
SELECT seqrelid::regclass, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle FROM pg_catalog.pg_sequence JOIN pg_temp.c ON c.oid = seqrelid ORDER BY 1;
SELECT inhrelid::regclass, inhparent::regclass, inhdetachpending FROM pg_catalog.pg_inherits JOIN pg_temp.c ON c.oid = inhrelid ORDER BY 1, 2;
"""


class Session:
    """A psql that stays connected: call it with SQL, or with psql's own commands, and it answers with what psql prints."""

    def __init__(self, server, database, user="postgres", name="application"):
        self.process = subprocess.Popen(["psql", "-X", "-q", "-A", "-t", "-v", "VERBOSITY=terse", "-h", server.folder, "-U", user, "-d", database], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "PGAPPNAME": name})
        self.pid = int(self("SELECT pg_backend_pid()"))

    def __call__(self, sql):
        self.begin(sql)
        return self.end()

    def begin(self, sql):
        self.process.stdin.write(f"{sql}\n;\n\\echo {MARK}\n")
        self.process.stdin.flush()

    def end(self):
        lines = []
        for line in self.process.stdout:
            if line == MARK + "\n":
                break
            lines.append(line)
        return "".join(lines).strip()

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.communicate("\n\\q\n")


class Kept:
    """A psql for many calls, whose start takes longer than most of what it is asked. Ends at the first error, as one of ON_ERROR_STOP."""

    def __init__(self, command):
        self.said = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said)

    def __call__(self, sql):
        """Bytes; nothing if it has ended."""
        end, parts = f"{MARK}-end\n".encode(), []
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(f"DISCARD ALL;\n{sql}\n;\n\\echo {MARK}-end\n".encode())
            self.process.stdin.flush()
            while part := self.process.stdout.read1(1 << 20):
                parts.append(part)
                if (part if len(part) >= len(end) else b"".join(parts)).endswith(end):
                    return b"".join(parts)[:-len(end)]
        return None

    def end(self):
        """What it said."""
        self.process.kill()
        self.process.communicate()
        self.said.seek(0)
        return self.said.read().decode()


class Server:
    """A cluster in a folder of its own, with `settings` beside those of .ci/postgres. `with Server() as server:`. With a `place` it stands in that
    folder, durable."""

    def __init__(self, *settings, place=None):
        self.settings, self.place, self.process = settings, place, None
        self.kept = {}  # by database the psql that stays connected to it, None before its first call

    def __enter__(self):
        started = subprocess.run([os.path.join(ROOT, ".ci/postgres"), "start", str(os.getpid()), *([self.place] if self.place else [])], stdout=subprocess.PIPE, text=True, check=False)
        if started.returncode != 0:
            print("SKIPPED: PostgreSQL: no server is installed (Debian: postgresql)" if started.returncode == 77 else "FAILED: the server does not start")
            sys.exit(started.returncode)
        self.folder = started.stdout.strip()
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: float(path.split("/")[-2]))[-1]
        self.sets(*self.settings)
        # States of a server's databases lie in the user's own folder.
        self.home = tempfile.mkdtemp(prefix="dbfixture-test-")
        os.environ["XDG_STATE_HOME"] = self.home
        return self

    def __exit__(self, *unused):
        self.forget()
        subprocess.run([os.path.join(ROOT, ".ci/postgres"), "stop", self.folder], check=False)
        shutil.rmtree(self.home, ignore_errors=True)

    def sets(self, *settings):
        """Of the configuration, at once: none that needs a start."""
        if settings:
            self.psql("postgres", "".join(f"ALTER SYSTEM SET {setting};" for setting in settings) + "SELECT pg_reload_conf()")

    def as_owner(self, *words):
        """What PostgreSQL does not let root do."""
        return [*(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"] if os.geteuid() == 0 else []), *words]

    def stop_at_once(self):
        """As `pg_ctl stop -m immediate`, which looks only every tenth of a second whether it has ended. Whether it has."""
        self.forget()
        with open(self.folder + "/data/postmaster.pid", encoding="ascii") as file:
            number = int(file.readline())
        os.kill(number, signal.SIGQUIT)
        return wait_for(lambda: self.process.poll() is not None if self.process else not os.path.exists(f"/proc/{number}"), 60, 0.002)

    def start(self):
        """Not by pg_ctl, which would take it out of this session."""
        with open(self.folder + "/log", "ab") as log:
            self.process = subprocess.Popen(self.as_owner(self.bin + "/postgres", "-D", self.folder + "/data"), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if not wait_for(self.answers, 120, 0.005):
            sys.exit("FAILED: the server does not start again")

    def answers(self):
        """As pg_isready, without a process: it asks whoever connects to say who he is, or lets him in."""
        words = b"user\0postgres\0database\0postgres\0\0"
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(self.folder + "/.s.PGSQL.5432")
                client.sendall(struct.pack("!ii", len(words) + 8, 3 << 16) + words)
                return client.recv(1) == b"R"
        except OSError:
            return False

    def keep(self, *databases):
        """From now on one psql for all calls of psql() to these, none for any other, as far as they are the superuser's and must not fail."""
        self.forget()
        self.kept = dict.fromkeys(databases)

    def forget(self):
        """They connect again when they are needed."""
        for database in self.kept:
            if self.kept[database]:
                self.kept[database].end()
            self.kept[database] = None

    def ask_kept(self, database, sql):
        if not self.kept[database]:
            self.kept[database] = Kept(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "postgres", "-d", database])
        answer = self.kept[database](sql)
        if answer is None:
            said = self.kept[database].end()
            self.kept[database] = None
            raise RuntimeError(f"{database}: {said}")
        return answer

    def psql(self, database, sql, user="postgres", must=True, text=True):
        if must and user == "postgres" and database in self.kept:
            answer = self.ask_kept(database, sql)
            return answer.decode() if text else answer
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", *(["-v", "ON_ERROR_STOP=1"] if must else []), "-h", self.folder, "-U", user, "-d", database],
                              input=sql if text else sql.encode(), capture_output=True, text=text, check=False)
        if must and done.returncode != 0:
            raise RuntimeError(f"{database}: {done.stderr}")
        return done.stdout

    def session(self, database, user="postgres", name="application"):
        return Session(self, database, user, name)

    def url(self, database, user="postgres"):
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def make(self, database, sql="", owner="postgres"):
        self.psql("postgres", f'CREATE DATABASE "{database}" OWNER "{owner}"')
        self.psql(database, f'ALTER SCHEMA public OWNER TO "{owner}"')
        if sql:
            self.psql(database, sql, owner)

    def drop(self, database):
        self.forget()
        self.psql("postgres", f"UPDATE pg_database SET datistemplate = false WHERE datname = '{database}'")
        self.psql("postgres", f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def whole(self, database, definitions=True, first=""):
        """By table the hash and the size of its rows in binary form, by sequence what it says, and by number each line of a definition; after SQL that
        gives back nothing."""
        data = self.psql(database, first + ROWS.replace("<<MARK>>", MARK) + (f"\\echo {MARK}\n{DEFINITIONS}" if definitions else ""), text=False)
        parts = re.split(rb"(?:^|\n)?" + MARK.encode() + rb" ?([^\n]*)\n", data)
        found = {}
        for name, rows in zip(parts[1::2], parts[2::2]):
            if name:
                found[name.decode()] = (hashlib.sha256(rows).hexdigest(), len(rows)) if rows.startswith(b"PGCOPY") else rows.decode().strip()
            else:
                found["definitions"] = sorted(rows.decode().split("\n"))  # whose order is that of numbers that change
        return found

    def ours(self, database):
        """What bears dbfixture's name: schemas of the database, and databases."""
        schemas, databases = self.psql(database, f"SELECT nspname FROM pg_namespace WHERE nspname LIKE 'dbfixture%' ORDER BY 1;\n\\echo {MARK}\n"
                                       "SELECT datname FROM pg_database WHERE datname LIKE 'dbf%' ORDER BY 1").split(MARK)
        return schemas.split(), databases.split()

    def files(self):
        """Of the stores."""
        return sorted(os.path.join(folder, name)[len(self.home) + 1:] for folder, _, names in os.walk(self.home) for name in names)

    def backends(self):
        """Of dbfixture, or of those that a killed one left behind."""
        return self.psql("postgres", "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> 'psql' AND pid <> pg_backend_pid()").strip()


def difference(before, after):
    """What a reader needs of two results of whole(): at most a few lines."""
    lines = [f"{name}: {before.get(name)} became {after.get(name)}" for name in sorted({*before, *after}) if name != "definitions" and before.get(name) != after.get(name)]
    old, new = set(before.get("definitions", ())), set(after.get("definitions", ()))
    return "; ".join(lines[:6] + [f"gone: {line}" for line in sorted(old - new)[:4]] + [f"new: {line}" for line in sorted(new - old)[:4]])


def tool(*words, **options):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, stdin=options.pop("stdin", subprocess.DEVNULL), check=False, **options)


def good(what, done, *texts):
    return check(what, done.returncode == 0 and all(text in done.stdout + done.stderr for text in texts), done)


def fails(what, done, status, *texts):
    return check(what, done.returncode == status and all(text in done.stderr for text in texts), done)


def wait_for(condition, seconds=30, between=0.02):
    end = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < end:
        time.sleep(between)
    return met
