CREATE TABLE django_migrations (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, app varchar(255) NOT NULL, name varchar(255) NOT NULL, applied datetime NOT NULL);
CREATE TABLE django_content_type (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, app_label varchar(100) NOT NULL, model varchar(100) NOT NULL);
CREATE UNIQUE INDEX django_content_type_u ON django_content_type (app_label, model);
INSERT INTO django_content_type (app_label, model) VALUES ('library', 'author');
INSERT INTO django_migrations VALUES (1, 'library', '0001_initial', '2020-01-31 10:00:00');
CREATE TABLE library_author (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(50) NOT NULL);
CREATE TABLE library_log (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, note varchar(50) NOT NULL);
INSERT INTO library_log VALUES (1, 'x');
