// SPDX-License-Identifier: MIT
#include "db/postgres/restore_sums.h"

#include "base/cat.h"
#include "base/checksum.h"
#include "db/postgres/saved_layout.h"
#include "db/postgres/sql_text.h"

namespace dbfixture::postgres {

void RowSum::add(std::string_view row) {
    Checksum sum;
    sum.update(row);
    sum_ += sum.digest_number();
    ++rows_;
}

std::string RowSum::text() const {
    return cat(rows_, " ", sum_);
}

std::string copy_rows(const std::string& sql_name) {
    return cat("COPY ", sql_name, " TO STDOUT");
}

void save_sums(Session& session, const std::string& object, const std::vector<StatePart>& parts) {
    Batch batch;
    std::vector<int> numbers;
    for (const StatePart& part : parts) {
        if (!part.table.packed() || part.table.rows > kMostSummed) continue;
        batch.add(copy_rows(part.table.sql_name));
        numbers.push_back(part.table.number);
    }
    if (batch.count == 0) return;
    std::vector<RowSum> sums(batch.count);
    session.run_all(batch.sql, [&](std::size_t place, std::string_view row) { sums[place].add(row); });
    std::string values;
    for (std::size_t i = 0; i < sums.size(); ++i)
        append(values, cat(values.empty() ? "" : ", ", "(", numbers[i], ", ", text_literal(sums[i].text()), ")"));
    session.run(cat("INSERT INTO ", quote_identifier(object, kSavedSums), " VALUES ", values));
}

}  // namespace dbfixture::postgres
