CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, updated_at TEXT NOT NULL);
CREATE TABLE orders(id INTEGER PRIMARY KEY AUTOINCREMENT, customer_id INTEGER NOT NULL REFERENCES customers(id),
    total REAL NOT NULL, paid BOOLEAN NOT NULL DEFAULT 0, note TEXT, data JSON);
CREATE TABLE order_lines(order_id INTEGER, line INTEGER, sku TEXT, count INTEGER, PRIMARY KEY(order_id, line));
CREATE TABLE orders_log(message TEXT, at TEXT);
INSERT INTO customers VALUES(1, 'Ada', 'ada@example.com', '2026-01-01T10:00:00'), (2, 'Bob', NULL, '2026-01-02T10:00:00');
INSERT INTO orders VALUES(1, 1, 10.0, 1, 'first', '{"gift":true}'), (2, 2, 7.5, 0, '', NULL), (3, 2, 1e300, 0, NULL, NULL);
INSERT INTO order_lines VALUES(1, 1, 'pen', 2), (1, 2, 'ink', 1), (2, 1, 'pen', 9);
INSERT INTO orders_log VALUES('created', '2026-01-01'), ('created', '2026-01-01'), ('paid', '2026-01-03');
