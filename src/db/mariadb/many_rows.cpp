// SPDX-License-Identifier: MIT
#include "db/mariadb/many_rows.h"

#include <algorithm>

#include "base/cat.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::size_t kMostParameters = 60000;

}  // namespace

ManyRows::ManyRows(Session& session, std::string into, std::size_t width)
    : session_(session), into_(std::move(into)), width_(width) {
    row_ = "(";
    for (std::size_t at = 0; at < width_; ++at)
        append(row_, at == 0 ? "?" : ", ?");
    row_ += ')';
}

void ManyRows::send(std::span<const Value> values, std::size_t rows) {
    if (rows == 0) return;
    if (width_ == 0 || !session_.server().takes_arrays) return send_list(values, rows);
    if (!statement_) statement_.emplace(session_, cat(into_, " VALUES ", row_));
    statement_->execute_rows(values, rows);
}

void ManyRows::send_list(std::span<const Value> values, std::size_t rows) {
    const std::size_t most = width_ == 0 ? 1000 : std::max<std::size_t>(kMostParameters / width_, 1);
    while (rows > 0) {
        const std::size_t count = std::min(rows, most);
        if (count != prepared_rows_) {
            std::string sql = cat(into_, " VALUES ", row_);
            for (std::size_t row = 1; row < count; ++row)
                append(sql, cat(", ", row_));
            statement_.emplace(session_, std::move(sql));
            prepared_rows_ = count;
        }
        statement_->execute(values.first(count * width_));
        values = values.subspan(count * width_);
        rows -= count;
    }
}

}  // namespace dbfixture::mariadb
