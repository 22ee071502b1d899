// SPDX-License-Identifier: MIT
// The engines that the contract suite runs against, and what it needs of each beside the seam: an empty database of its
// own, plain SQL in and text out, and the few words in which engines' DDL differs.
//
// SQLite is always there. A server joins with a row in contract_engines() where it is installed, and is skipped by name
// where it is not.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cat.h"
#include "db/connection.h"
#include "db/open.h"

namespace dbfixture {

class ContractDatabase {
  public:
    virtual ~ContractDatabase() = default;
    virtual std::string url() const = 0;
    // Further URLs that lead to it.
    virtual std::vector<std::string> other_urls() = 0;
    // Puts another, empty database in its place; removes it.
    virtual void replace() = 0;
    virtual void drop() = 0;
    // A short-lived session of its own for each call. Fails the test on an error.
    virtual void run(const std::string& sql) = 0;
    // "a|b" lines; NULL as nothing.
    virtual std::string rows(const std::string& select) = 0;
    // A session that stays inside a write transaction on everything until it is destroyed.
    virtual std::shared_ptr<void> hold_write_lock() = 0;
};

struct ContractEngine {
    std::string_view name;      // begins with that of the engine
    std::string_view numbered;  // type and key of a column whose numbers are given by a sequence
    std::string_view real, blob, text_key, boolean, decimal;  // decimal: with 4 digits behind the point
    char quote = '"';                                         // what surrounds a name in SQL
    std::string_view lets_readers_be;  // SQL after which a writer does not wait for readers; "" where it never does
    bool silences_triggers = true;
    bool names_later_tables = true;  // a table may refer to one that is not there yet
    bool tells_replaced = true;      // without connecting, a database from one of the same name that took its place
    bool folds_names = true;         // names without quotes that differ by case are one
    bool has_negative_zero = true;   // among reals
    bool counters_may_lag = true;    // a sequence may stand before the largest number that is there
    // SQL that makes a trigger: after each `event` on a row of `table`, `then`, which names the row NEW or OLD.
    std::string (*trigger)(std::string_view name, std::string_view event, std::string_view table,
                           std::string_view then);
    std::unique_ptr<ContractDatabase> (*make)();
};

// Those that are there.
std::vector<ContractEngine> contract_engines();

// One row to be written, by names. Values must outlive the write.
struct ContractRow {
    std::string table;
    std::vector<std::pair<std::string, Value>> columns;
    bool numbered = false;
};

// Writes the rows in one load, record by record of one file "f", and commits. What failed, as it would be printed, with
// its kind before it; or "ok".
std::string contract_load(Connection& connection, const std::vector<ContractRow>& rows, LoadOptions options = {});

// The rows of a table as the seam reads them: "[key] values" lines in its order, with kinds told apart.
std::string contract_read(Connection& connection, const std::string& table);

inline Value n(std::int64_t number) {
    return Value::integer(number);
}
inline Value t(std::string_view text) {
    return Value::text(text);
}

// A fresh database of one engine, and what it is asked.
struct Bench {
    explicit Bench(const ContractEngine& engine, const std::string& sql) : engine(engine), database(engine.make()) {
        if (!sql.empty()) database->run(sql);
    }
    std::unique_ptr<Connection> open(int busy_timeout_ms = 2000) const {
        return open_database(DatabaseUrl(database->url()), {OpenMode::kReadWrite, busy_timeout_ms});
    }
    std::string load(const std::vector<ContractRow>& rows, const LoadOptions& options = {}) const {
        return contract_load(*open(), rows, options);
    }
    std::string read(const std::string& table) const { return contract_read(*open(), table); }

    const ContractEngine& engine;
    std::unique_ptr<ContractDatabase> database;
};

inline std::string in_quotes(const ContractEngine& engine, const std::string& name) {
    std::string out(1, engine.quote);
    for (const char c : name)
        out += c == engine.quote ? std::string(2, c) : std::string(1, c);
    return out + engine.quote;
}

}  // namespace dbfixture
