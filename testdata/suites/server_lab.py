"""Suites on PostgreSQL: a server of their own, databases of an ordinary role."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../postgres"))
from pg_lab import Server
from suite_lab import Lab

USER = "suites"


class ServerLab(Lab):
    def __init__(self, server, name, program):
        self.server = server
        server.psql("postgres", f"CREATE ROLE {USER} LOGIN CREATEDB")
        super().__init__(name, program)

    def address(self, name, scheme="postgresql"):
        return f"{scheme}://{USER}@/{name}?host={self.server.folder}"

    def database(self, name, script):
        with open(self.path(script), encoding="utf-8") as file:
            self.server.make(name, file.read(), USER)

    def state(self, name):
        return self.server.whole(name)

    def switch(self, name, mode):
        """There is one."""

    def databases(self):
        return self.server.psql("postgres", "SELECT datname FROM pg_database ORDER BY 1").split()

    def files(self, databases):
        ours = [f"{name}: {schema}" for name in databases for schema in self.server.ours(name)[0]]
        return sorted(os.listdir(self.folder)) + self.databases() + self.server.files() + ours
