CREATE TABLE t (a INTEGER PRIMARY KEY, b);
INSERT INTO t VALUES (1, 'x');
CREATE VIRTUAL TABLE f USING fts5(body);
INSERT INTO f VALUES ('some words');
CREATE VIRTUAL TABLE g USING fts5(body, content='', columnsize=1);
INSERT INTO g(rowid, body) VALUES (1, 'some words');
PRAGMA writable_schema = ON;
UPDATE sqlite_master SET sql = 'CREATE VIRTUAL TABLE f USING fts5(body, tokenize=klingon)' WHERE name = 'f';
UPDATE sqlite_master SET sql = 'CREATE VIRTUAL TABLE g USING fts5(body, content='''', contentless_delete=1)' WHERE name = 'g';
