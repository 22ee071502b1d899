// SPDX-License-Identifier: MIT
#include "db/postgres/row_query.h"

#include "base/cat.h"
#include "db/postgres/copy_binary.h"
#include "db/postgres/sql_text.h"
#include "db/postgres/value_text.h"

namespace dbfixture::postgres {
namespace {

// Binary order, NULL first.
std::string order_term(const Table& table, const TableFacts& facts, std::size_t column) {
    const ColumnFacts& kind = facts.columns[column];
    const std::string name = cat("t.", quote_identifier(table.columns[column].name));
    // A cast to text would drop the spaces.
    const std::string term = kind.padded              ? cat("pg_catalog.bpcharsend(", name, ")")
                             : !kind.ordered_by_value ? cat(name, "::text COLLATE \"C\"")
                             : kind.collated          ? cat(name, " COLLATE \"C\"")
                                                      : name;
    return cat(term, table.columns[column].nullable ? " NULLS FIRST" : "");
}

}  // namespace

std::string copy_statement(const Table& table, const TableFacts& facts, const RowQuery& query, bool binary) {
    std::string columns, order;
    const auto term = [&](std::size_t column) {
        const bool cast = binary && binary_form(facts.columns[column]).value_or(BinaryForm()).cast;
        return cat("t.", quote_identifier(table.columns[column].name), cast ? "::pg_catalog.text" : "");
    };
    const auto add = [](std::string& list, std::string_view item) {
        append(list, cat(list.empty() ? "" : ", ", item));
    };
    for (const std::size_t column : query.order)
        add(order, order_term(table, facts, column));
    for (const std::size_t column : table.key) {
        add(columns, term(column));
        if (query.order.empty()) add(order, order_term(table, facts, column));
    }
    for (const std::size_t column : query.columns) {
        add(columns, term(column));
        if (table.key_kind == KeyKind::kNone && query.order.empty()) add(order, order_term(table, facts, column));
    }
    return cat("COPY (SELECT ", columns, " FROM ", facts.read_source, " t", order.empty() ? "" : " ORDER BY ", order,
               ") TO STDOUT", binary ? " (FORMAT binary)" : "");
}

SearchStatement::SearchStatement(const Table& table, const TableFacts& facts, std::span<const std::size_t> by,
                                 std::span<const std::size_t> columns, int most)
    : source_(cat(facts.read_source, " t")), most_(most) {
    for (const std::size_t column : columns)
        append(columns_, cat(columns_.empty() ? "" : ", ", "t.", quote_identifier(table.columns[column].name)));
    for (const std::size_t column : by) {
        const ColumnFacts& kind = facts.columns[column];
        const std::string name = cat("t.", quote_identifier(table.columns[column].name));
        // The type without its modifier: a cast to varchar(3) would cut what is longer.
        if (kind.comparable) {
            terms_.push_back({name, cat("::", kind.base_type_name)});
        } else {
            terms_.push_back({cat(name, "::text"), ""});
        }
    }
}

std::string SearchStatement::sql(const std::vector<bool>& has_null) const {
    std::string arrays, names, condition;
    for (std::size_t at = 0; at < terms_.size(); ++at) {
        append(arrays, cat("$", at + 1, "::text[], "));
        append(names, cat("a", at, ", "));
        const std::string wanted = cat("w.a", at, terms_[at].cast);
        append(condition, cat(at == 0 ? "" : " AND ", "(", terms_[at].column, " = ", wanted));
        if (has_null[at]) append(condition, cat(" OR (", terms_[at].column, " IS NULL AND w.a", at, " IS NULL)"));
        condition += ')';
    }
    // One search more than there are terms: the numbers, so that there is an array even without terms.
    return cat("SELECT w.n, r.* FROM unnest(", arrays, "$", terms_.size() + 1, "::int4[]) AS w(", names,
               "n) CROSS JOIN LATERAL (SELECT ", columns_.empty() ? "1" : columns_, " FROM ", source_,
               condition.empty() ? "" : " WHERE ", condition, most_ > 0 ? cat(" LIMIT ", most_) : std::string(),
               ") r ORDER BY w.n");
}

Result SearchStatement::run(Session& session, std::span<const Value> wanted) const {
    const std::size_t width = terms_.size();
    const std::size_t searches = width == 0 ? 1 : wanted.size() / width;
    std::vector<Parameter> parameters(width + 1, "{");
    std::vector<bool> has_null(width, false);
    for (std::size_t search = 0; search < searches; ++search) {
        for (std::size_t at = 0; at < width; ++at) {
            std::string& array = *parameters[at];
            if (search > 0) array += ',';
            const Value& value = wanted[search * width + at];
            if (value.is_null()) has_null[at] = true;
            append_array_item(array, value);
        }
        append(*parameters[width], cat(search > 0 ? "," : "", search + 1));
    }
    for (Parameter& parameter : parameters)
        *parameter += '}';
    return session.run(sql(has_null), parameters);
}

}  // namespace dbfixture::postgres
