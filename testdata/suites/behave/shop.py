"""The application: a shop that keeps its one connection open and commits what it does."""
import os
import sqlite3

DATABASE = os.environ.get("SHOP_DATABASE", "shop.db")


class Shop:
    def __init__(self):
        self.connection = sqlite3.connect(DATABASE)
        self.connection.execute("PRAGMA foreign_keys=ON")

    def number(self, table, name):
        row = self.connection.execute(f"SELECT id FROM {table} WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise LookupError(f"there is no {name} in {table}")
        return row[0]

    def buy(self, user, product, quantity):
        """The number of the order; an error, and nothing written, where the stock does not suffice."""
        with self.connection:
            self.connection.execute("UPDATE products SET stock = stock - ? WHERE name = ?", (quantity, product))
            return self.connection.execute("INSERT INTO orders (user_id, product_id, quantity) VALUES (?, ?, ?)",
                                           (self.number("users", user), self.number("products", product), quantity)).lastrowid

    def value(self, sql, *values):
        return self.connection.execute(sql, values).fetchone()[0]
