CREATE TABLE t (a INTEGER PRIMARY KEY, b);
CREATE TABLE i (a INTEGER PRIMARY KEY, b);
CREATE TABLE p (a INTEGER PRIMARY KEY, t REFERENCES t, n REFERENCES n);
CREATE TABLE n (a INTEGER PRIMARY KEY);
CREATE TABLE o (a INTEGER PRIMARY KEY);
CREATE INDEX i_b ON i (b);
INSERT INTO t VALUES (1, 'x');
INSERT INTO i VALUES (1, 'x');
INSERT INTO p VALUES (1, NULL, 7);
PRAGMA writable_schema = ON;
INSERT INTO sqlite_master VALUES ('trigger', 't_stays', 't', 0,
  'CREATE TRIGGER t_stays BEFORE DELETE ON t BEGIN SELECT raise(abort, ''no '' || old.a); END');
INSERT INTO sqlite_master VALUES ('view', 'v', 'v', 0, 'CREATE VIEW v AS SELECT group_concat(a ORDER BY a) FROM t');
INSERT INTO sqlite_master VALUES ('view', 'w', 'w', 0, 'CREATE VIEW w AS SELECT 1_000 FROM t');
UPDATE sqlite_master SET sql = 'CREATE TABLE n (a INTEGER PRIMARY KEY CHECK (a < 1_000))' WHERE name = 'n';
UPDATE sqlite_master SET sql = 'CREATE TABLE o (a INTEGER PRIMARY KEY) COLUMNAR' WHERE name = 'o';
UPDATE sqlite_master SET sql = 'CREATE INDEX i_b ON i USING hash (b)' WHERE name = 'i_b';
