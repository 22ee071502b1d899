"""The application, as it runs in production: one engine with a pool, a session a request, and every request commits."""
import os

from flask import Flask, abort, jsonify, request
from sqlalchemy import Column, ForeignKey, Integer, String, create_engine, func
from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker
from sqlalchemy.pool import QueuePool

app = Flask(__name__)
engine = create_engine(os.environ["DATABASE_URL"], poolclass=QueuePool)  # what SQLAlchemy 2 has for files too
session = scoped_session(sessionmaker(bind=engine))
Model = declarative_base()


class Account(Model):
    __tablename__ = "accounts"
    id = Column(Integer, primary_key=True)
    owner = Column(String, nullable=False, unique=True)
    balance = Column(Integer, nullable=False)


class Entry(Model):
    __tablename__ = "entries"
    id = Column(Integer, primary_key=True)
    account_id = Column(ForeignKey("accounts.id"), nullable=False)
    amount = Column(Integer, nullable=False)


@app.teardown_appcontext
def end_of_request(error):
    session.remove()


@app.post("/accounts")
def create():
    account = Account(owner=request.json["owner"], balance=0)
    session.add(account)
    session.commit()
    return jsonify(id=account.id), 201


@app.post("/transfers")
def transfer():
    giver, taker = (session.query(Account).filter_by(owner=request.json[key]).one() for key in ("from", "to"))
    amount = request.json["amount"]
    giver.balance -= amount
    session.add(Entry(account_id=giver.id, amount=-amount))
    session.flush()
    if giver.balance < 0:
        abort(409)  # without a rollback: the end of the request does it
    taker.balance += amount
    session.add(Entry(account_id=taker.id, amount=amount))
    session.commit()
    return "", 204


@app.get("/accounts/<owner>")
def show(owner):
    account = session.query(Account).filter_by(owner=owner).one_or_none() or abort(404)
    entries = session.query(func.count(Entry.id)).filter_by(account_id=account.id).scalar()
    return jsonify(id=account.id, balance=account.balance, entries=entries)
