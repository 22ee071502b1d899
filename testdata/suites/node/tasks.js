// The application: one connection and its prepared statements, from the start of the process to its end.
import Database from "better-sqlite3";

export const db = new Database(process.env.TASKS_DATABASE ?? "tasks.db");

const insert = db.prepare("INSERT INTO tasks (title) VALUES (?)");
const finish = db.prepare("UPDATE tasks SET done = 1 WHERE id = ?");
const open = db.prepare("SELECT title FROM tasks WHERE NOT done ORDER BY id").pluck();

export const add = (title) => insert.run(title).lastInsertRowid;
export const done = (id) => finish.run(id).changes;
export const todo = () => open.all();
