CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT UNIQUE);
INSERT INTO book VALUES (1, 'a'), (2, 'b'), (3, 'c');
