"""The application, which knows nothing of tests: its sessions are rows of a table, and the cookie holds their id."""
import json
import os
import secrets
import sqlite3

from flask import Flask, abort, redirect, request, session
from flask.sessions import SessionInterface, SessionMixin


class StoredSession(dict, SessionMixin):
    def __init__(self, name, values):
        super().__init__(values)
        self.name = name


class SessionTable(SessionInterface):
    def __init__(self, path):
        self.connection = sqlite3.connect(path, check_same_thread=False)

    def open_session(self, app, request):
        name = request.cookies.get("session", "")
        row = self.connection.execute("SELECT data FROM sessions WHERE id = ?", (name,)).fetchone()
        return StoredSession(name, json.loads(row[0])) if row else StoredSession(secrets.token_hex(16), {})

    def save_session(self, app, session, response):
        with self.connection:
            self.connection.execute("INSERT INTO sessions (id, data) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data",
                                    (session.name, json.dumps(dict(session), separators=(",", ":"))))
        response.set_cookie("session", session.name, httponly=True)


app = Flask(__name__)
app.session_interface = SessionTable(os.environ.get("APP_DATABASE", "app.db"))


@app.get("/")
def index():
    session["count"] = session.get("count", 0) + 1
    return str(session["count"])


@app.post("/login")
def login():
    row = app.session_interface.connection.execute("SELECT name FROM users WHERE name = ?", (request.form["name"],)).fetchone()
    session["user"] = (row or abort(403))[0]
    return redirect("/")


@app.get("/me")
def me():
    return session.get("user") or abort(401)
