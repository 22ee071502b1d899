setup_file() { dbfixture push -q --anew orders orders; }
teardown() { dbfixture reset -q; }
teardown_file() { dbfixture pop -q orders; }

sql() { sqlite3 "$DBFIXTURE_DATABASE" "$1"; }

@test "the order of this file is there" {
    [ "$(sql 'SELECT count(*), max(id) FROM orders')" = "1|10" ]
}

@test "the next order is the eleventh" {
    sql "INSERT INTO orders (product_id, quantity) VALUES (1, 2)"
    [ "$(sql 'SELECT count(*), max(id) FROM orders')" = "2|11" ]
}

@test "orders go" {
    sql "DELETE FROM orders; DROP TABLE products"
    [ "$(sql 'SELECT count(*) FROM orders')" = 0 ]
}

@test "another order is the eleventh too" {
    sql "INSERT INTO orders (product_id, quantity) VALUES (2, 1)"
    [ "$(sql 'SELECT count(*), max(id) FROM orders')" = "2|11" ]
}
