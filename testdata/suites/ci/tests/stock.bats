load ../dbfixture

setup_file() { serve_start && serve push --anew stock; }
teardown() { serve reset; }
teardown_file() { serve pop stock; }

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
