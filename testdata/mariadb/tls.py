#!/usr/bin/env python3
"""tls.py PROGRAM: encrypted connections to a MariaDB server of its own, whose certificates openssl makes: what URLs and option files may say of them, what is
refused, and that a dump and a load go through. Prints what is otherwise than it should be; exits 1 if anything is, 77 without a server or openssl."""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
PROGRAM = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else sys.exit(__doc__)
SQL = """CREATE DATABASE tls_test; USE tls_test; CREATE TABLE t (id INT PRIMARY KEY, v TEXT); INSERT INTO t SELECT seq, REPEAT('v', seq % 300) FROM seq_1_to_9000;
CREATE TABLE u LIKE t; CREATE USER ssl_user REQUIRE SSL; CREATE USER x509_user REQUIRE X509; GRANT ALL ON *.* TO ssl_user; GRANT ALL ON *.* TO x509_user;
CREATE USER plain_user; GRANT ALL ON *.* TO plain_user"""


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def make_certificates(folder):
    """Two authorities, of which the second has signed nothing; the server's for localhost and 127.0.0.1, a client's."""
    for name in ("ca", "other"):
        openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
    with open(f"{folder}/names", "w", encoding="utf-8") as file:
        file.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    for name in ("server", "client"):
        openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={'localhost' if name == 'server' else name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-out", f"{name}.pem",
                *(["-extfile", "names"] if name == "server" else []))
    for name in os.listdir(folder):
        os.chmod(os.path.join(folder, name), 0o644)
    os.chmod(folder, 0o755)


def client(folder, sql):
    return subprocess.run(["mariadb", "--no-defaults", "-u", "root", "-S", f"{folder}/socket", "-N", "-B"], input=sql, capture_output=True, text=True)


def wait_until(condition):
    end = time.monotonic() + 120
    while not condition():
        if time.monotonic() > end:
            sys.exit("tls: the server takes too long")
        time.sleep(0.1)


def start_with_tls(folder, keys):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client(folder, "SHUTDOWN")
    wait_until(lambda: client(folder, "SELECT 1").returncode != 0 and not os.path.exists(f"{folder}/pid"))
    with open(f"{folder}/settings", encoding="utf-8") as file:
        text = file.read().replace("skip-networking\n", f"bind-address = 0.0.0.0\nport = {port}\nssl-ca = {keys}/ca.pem\nssl-cert = {keys}/server.pem\nssl-key = {keys}/server.key\n")
    with open(f"{folder}/settings", "w", encoding="utf-8") as file:
        file.write(text)
    as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"] if os.getuid() == 0 else []
    with open(f"{folder}/log.err", "ab") as log:
        subprocess.Popen([*as_user, "/usr/sbin/mariadbd", f"--defaults-file={folder}/settings"], cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    wait_until(lambda: client(folder, "SELECT 1").returncode == 0)
    return port


def cases(keys):
    """(user, host, what the URL says, what an option file says, what the program should say)."""
    ca, other, mine = f"ssl-ca={keys}/ca.pem", f"ssl-ca={keys}/other.pem", f"ssl-cert={keys}/client.pem&ssl-key={keys}/client.key"
    denied, untrusted, name = "Access denied", "certificate", "does not match|Validation of SSL server certificate failed|certificate"
    yield from (("plain_user", "127.0.0.1", "", "", ""), ("ssl_user", "127.0.0.1", "", "", denied), ("ssl_user", "127.0.0.1", "ssl-mode=DISABLED", "", denied))
    for mode in ("ssl-mode=REQUIRED", "sslmode=require", "ssl=true"):
        yield "ssl_user", "127.0.0.1", mode, "", ""
    for verify in ("ssl-mode=VERIFY_CA", "ssl-mode=VERIFY_IDENTITY", "ssl-verify-server-cert=1", "sslMode=verify-full"):
        yield "ssl_user", "127.0.0.1", f"{verify}&{ca}", "", ""
        yield "ssl_user", "127.0.0.1", f"{verify}&{other}", "", untrusted
        yield "plain_user", "127.0.0.1", f"{verify}&{other}", "", untrusted
        yield "ssl_user", "127.0.0.1", verify, "", untrusted
        yield "ssl_user", "127.0.0.2", f"{verify}&{ca}", "", name
    yield "ssl_user", "127.0.0.1", f"ssl-mode=VERIFY_CA&ssl-ca={keys}/none.pem", "", "none.pem|certificate|No such file"
    yield "x509_user", "127.0.0.1", "ssl-mode=REQUIRED", "", denied
    yield "x509_user", "127.0.0.1", f"ssl-mode=REQUIRED&{mine}", "", ""
    yield "x509_user", "127.0.0.1", f"ssl-mode=VERIFY_IDENTITY&{ca}&{mine}", "", ""
    yield "x509_user", "127.0.0.1", f"ssl-mode=REQUIRED&ssl-cert={keys}/client.pem&ssl-key={keys}/server.key", "", "key|SSL|TLS"
    verified = f"ssl-ca={keys}/ca.pem\nssl-verify-server-cert=1\n"  # the library takes the bare word for no
    yield "ssl_user", "127.0.0.1", "", verified, ""
    yield "ssl_user", "127.0.0.1", "", verified.replace("ca.pem", "other.pem"), untrusted
    yield "ssl_user", "127.0.0.2", "", verified, name
    yield "x509_user", "127.0.0.1", "", f"{verified}ssl-cert={keys}/client.pem\nssl-key={keys}/client.key\n", ""
    yield "ssl_user", "127.0.0.1", "ssl-mode=VERIFY_CA", f"ssl-ca={keys}/ca.pem\n", ""
    yield "ssl_user", "127.0.0.1", "ssl-mode=VERIFY_CA", f"ssl-ca={keys}/other.pem\n", untrusted


def main():
    if shutil.which("openssl") is None:
        sys.exit(77)
    done = subprocess.run([os.path.join(ROOT, ".ci/mariadb"), "start", str(os.getpid())], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.returncode)
    folder, differences, count = done.stdout.strip(), 0, 0
    try:
        with tempfile.TemporaryDirectory(prefix="tls-", dir=folder) as keys:  # the server, another user, is to read them
            make_certificates(keys)
            port = start_with_tls(folder, keys)
            made = client(folder, SQL)
            if made.returncode != 0:
                sys.exit(f"tls: {made.stderr}")

            def do(user, host, said, file, *words, text=None):
                if file:
                    with open(f"{keys}/my.cnf", "w", encoding="utf-8") as options:
                        options.write(f"[client]\n{file}")
                    said = f"{said}&default-file={keys}/my.cnf"
                return subprocess.run([PROGRAM, words[0], "-d", f"mysql://{user}@{host}:{port}/tls_test?{said.lstrip('&')}", *words[1:]], input=text, capture_output=True, text=True)

            for user, host, said, file, wanted in cases(keys):
                count += 1
                found = do(user, host, said, file, "inspect", "t")
                words = found.stdout + found.stderr
                good = found.returncode == 0 if wanted == "" else found.returncode == 7 and any(part.lower() in words.lower() for part in wanted.split("|"))
                if not good:
                    differences += 1
                    print(f"{user} at {host} by {said or '-'}, {file.split() if file else 'no file'}: wanted {wanted or 'a connection'}, status {found.returncode}: {words}")
            tls = f"ssl-mode=VERIFY_IDENTITY&ssl-ca={keys}/ca.pem"
            dump = do("ssl_user", "127.0.0.1", tls, "", "dumpdata", "t")
            load = do("ssl_user", "127.0.0.1", tls, "", "loaddata", "-", text=dump.stdout.replace('"model": "t"', '"model": "u"'))
            equal = client(folder, "SELECT COUNT(*) FROM tls_test.t JOIN tls_test.u USING (id, v)").stdout
            if equal != "9000\n":
                differences += 1
                print(f"rows through TLS: {equal} {dump.stderr} {load.stderr}")
    finally:
        subprocess.run([os.path.join(ROOT, ".ci/mariadb"), "stop", folder], check=True)
    print(f"{count} connections, {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
