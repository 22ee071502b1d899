setup_file() { dbfixture push -q --anew stock; }
teardown() { dbfixture reset -q; }
teardown_file() { dbfixture pop -q stock; }

sql() { sqlite3 "$DBFIXTURE_DATABASE" "$1"; }

@test "no order of another file is there" {
    [ "$(sql 'SELECT count(*) FROM orders')" = 0 ]
}

@test "tea runs out" {
    sql "UPDATE products SET stock = stock - 5 WHERE name = 'tea'"
    [ "$(sql 'SELECT stock FROM products ORDER BY id' | tr '\n' ' ')" = "0 2 " ]
}

@test "cups run out, of which there were two" {
    sql "UPDATE products SET stock = stock - 2 WHERE name = 'cups'"
    [ "$(sql 'SELECT stock FROM products ORDER BY id' | tr '\n' ' ')" = "5 0 " ]
}
