import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { serve } from "./dbfixture.js";
import { add, db, done, todo } from "./tasks.js";

const dbfixture = serve("-d", db.name);

before(() => dbfixture("push", "--anew", "tests", "tasks"));
afterEach(() => dbfixture("reset"));
after(() => dbfixture("pop", "tests").finally(dbfixture.end));

for (const title of ["sew", "mow", "row"]) {
  test(`"${title}" is the third task`, () => {
    assert.equal(add(title), 3);
    assert.deepEqual(todo(), ["cook", title]);
  });
}

test("what is done is done", () => {
  assert.equal(done(2), 1);
  assert.deepEqual(todo(), []);
});

test("a transaction of many writes", () => {
  db.transaction(() => {
    for (let i = 0; i < 1000; ++i) add(`task ${i}`);
  })();
  assert.equal(todo().length, 1001);
});

test("a test may change the schema, and the statements of before go on", () => {
  db.exec("ALTER TABLE tasks ADD COLUMN due TEXT; CREATE TABLE scratch (x)");
  assert.equal(db.prepare("SELECT due FROM tasks WHERE id = 1").pluck().get(), null);
  assert.deepEqual(todo(), ["cook"]);
});

describe("after all of these", () => {
  test("everything is as the fixture says", () => {
    assert.deepEqual(db.prepare("SELECT id, title, done FROM tasks").raw().all(), [[1, "wash", 1], [2, "cook", 0]]);
    assert.equal(db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'scratch'").pluck().get(), 0);
    db.exec("DELETE FROM tasks");
  });
});
