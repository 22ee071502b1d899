CREATE TABLE t (id INTEGER PRIMARY KEY, x);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
CREATE VIRTUAL TABLE bare USING fts5(a, content='');
INSERT INTO bare (rowid, a) VALUES (1, 'one'), (2, 'two');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(bare, row);
