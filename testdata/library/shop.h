// SPDX-License-Identifier: MIT
#pragma once

struct sqlite3;

// Creates the tables of the shop.
void create_tables(sqlite3* database);

// What a customer has spent so far.
double spent_by(sqlite3* database, int customer);

// Deletes a customer, with all orders.
void forget(sqlite3* database, int customer);
