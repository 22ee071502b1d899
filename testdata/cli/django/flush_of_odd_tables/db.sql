CREATE TABLE django_migrations (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, app varchar(255) NOT NULL, name varchar(255) NOT NULL, applied datetime NOT NULL);
CREATE TABLE django_content_type (id varchar(10) NOT NULL PRIMARY KEY, app_label varchar(100) NOT NULL, model varchar(100) NOT NULL);
CREATE TABLE auth_permission (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(255) NOT NULL, content_type_id varchar(10) NOT NULL, codename varchar(100) NOT NULL);
CREATE TABLE library_author (id integer NOT NULL PRIMARY KEY, name varchar(10));
INSERT INTO django_content_type VALUES ('a', 'library', 'author'), ('b', 'made', 'by_test');
INSERT INTO auth_permission VALUES (1, 'Can add author', 'a', 'add_author'), (2, 'of a test', 'b', 'fly');
INSERT INTO library_author VALUES (1, 'Ann');
