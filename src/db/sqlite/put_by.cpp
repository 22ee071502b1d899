// SPDX-License-Identifier: MIT
#include "db/sqlite/put_by.h"

namespace dbfixture::sqlite {

std::int64_t TemporaryTexts::add(std::string_view text) {
    if (!add_) {
        execute(handle_, "CREATE TEMP TABLE dbfixture_put_by(number INTEGER PRIMARY KEY, text BLOB)");
        execute(handle_,
                "CREATE TEMP TABLE dbfixture_marks(kind INTEGER, hash INTEGER, number INTEGER, "
                "PRIMARY KEY (kind, hash, number)) WITHOUT ROWID");
        add_ = Statement(handle_, "INSERT INTO temp.dbfixture_put_by VALUES (?1, ?2)", true);
        replace_ = Statement(handle_, "UPDATE temp.dbfixture_put_by SET text = ?2 WHERE number = ?1", true);
        remove_ = Statement(handle_, "DELETE FROM temp.dbfixture_put_by WHERE number = ?1", true);
        get_ = Statement(handle_, "SELECT text FROM temp.dbfixture_put_by WHERE number = ?1", true);
        mark_ = Statement(handle_, "INSERT OR IGNORE INTO temp.dbfixture_marks VALUES (?1, ?2, ?3)", true);
        find_ = Statement(handle_, "SELECT number FROM temp.dbfixture_marks WHERE kind = ?1 AND hash = ?2", true);
    }
    add_.bind(1, ++last_).bind(2, Value::bytes(text)).run();
    return last_;
}

void TemporaryTexts::replace(std::int64_t number, std::string_view text) {
    replace_.bind(1, number).bind(2, Value::bytes(text)).run();
}

void TemporaryTexts::remove(std::int64_t number) {
    remove_.bind(1, number).run();
}

std::optional<std::string> TemporaryTexts::get(std::int64_t number) {
    if (!get_) return std::nullopt;
    get_.bind(1, number);
    if (!get_.step()) return std::nullopt;
    std::string text(get_.column(0).as_text());
    get_.reset();
    return text;
}

void TemporaryTexts::mark(std::int64_t number, int kind, std::uint64_t hash) {
    mark_.bind(1, static_cast<std::int64_t>(kind)).bind(2, static_cast<std::int64_t>(hash)).bind(3, number).run();
}

std::vector<std::int64_t> TemporaryTexts::find(int kind, std::uint64_t hash) {
    std::vector<std::int64_t> numbers;
    if (!find_) return numbers;
    find_.bind(1, static_cast<std::int64_t>(kind)).bind(2, static_cast<std::int64_t>(hash));
    while (find_.step())
        numbers.push_back(find_.column_int(0));
    return numbers;
}

}  // namespace dbfixture::sqlite
