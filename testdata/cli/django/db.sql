-- As Django makes them: an app "library", with what a database cannot tell of a model in each.
CREATE TABLE django_migrations (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, app varchar(255) NOT NULL, name varchar(255) NOT NULL, applied datetime NOT NULL);
CREATE TABLE django_content_type (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, app_label varchar(100) NOT NULL, model varchar(100) NOT NULL);
CREATE UNIQUE INDEX django_content_type_u ON django_content_type (app_label, model);
INSERT INTO django_content_type (app_label, model) VALUES ('contenttypes', 'contenttype'), ('library', 'author'), ('library', 'book'),
  ('library', 'shelf'), ('library', 'novel'), ('library', 'loan'), ('library', 'member'), ('library', 'key');
CREATE TABLE library_author (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(50) NOT NULL, born date NULL, email varchar(50) NOT NULL);
CREATE TABLE library_book (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, title varchar(50) NOT NULL, "number of pages" integer NOT NULL,
  author_id integer NOT NULL REFERENCES library_author (id) DEFERRABLE INITIALLY DEFERRED, editor_id integer NULL, data text NULL CHECK ((JSON_VALID("data") OR "data" IS NULL)));
CREATE TABLE book_readers (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, book_id integer NOT NULL REFERENCES library_book (id) DEFERRABLE INITIALLY DEFERRED,
  author_id integer NOT NULL REFERENCES library_author (id) DEFERRABLE INITIALLY DEFERRED);
CREATE UNIQUE INDEX book_readers_u ON book_readers (book_id, author_id);
CREATE TABLE shelves (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, room varchar(10) NOT NULL);
CREATE TABLE library_loan (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, taken datetime NOT NULL, lasts bigint NULL, member_id integer NULL REFERENCES library_member (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE library_member (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, card varchar(10) NOT NULL UNIQUE, login varchar(10) NOT NULL);
CREATE TABLE library_key (id char(32) NOT NULL PRIMARY KEY, door varchar(10) NOT NULL);
INSERT INTO library_author VALUES (1, 'Ann', '1950-01-31', ''), (2, 'Bo', NULL, 'bo@example.com');
INSERT INTO library_book VALUES (1, 'One', 100, 1, 2, '{"a": [1, 2]}');
INSERT INTO book_readers VALUES (1, 1, 2);
INSERT INTO shelves VALUES (1, 'attic');
INSERT INTO library_member VALUES (1, 'A-1', 'ann'), (2, 'B-2', 'bo');
INSERT INTO library_loan VALUES (1, '2020-01-31 10:00:00', 86400000000, 1);
INSERT INTO library_key VALUES ('00000000000000000000000000000001', 'front');
