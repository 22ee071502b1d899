// SPDX-License-Identifier: MIT
#include "db/beside.h"

#include <cerrno>
#include <cstdio>

#include "base/arena.h"
#include "base/cat.h"
#include "base/error.h"
#include "base/posix_file.h"
#include "model/packed.h"

namespace dbfixture {
namespace {

// Rows on their way through a file: taken in, then given back in the same order.
class SpooledRows final : public RowSink, public RowCursor {
  public:
    void take(const Row& row) override {
        bytes_.clear();
        pack(bytes_, row.row_number.has_value());
        pack(bytes_, row.row_number.value_or(0));
        for (const std::span<const Value> values : {row.key, row.values}) {
            pack(bytes_, values.size());
            for (const Value& value : values)
                pack_value(bytes_, value);
        }
        const std::size_t size = bytes_.size();
        if (!file_) file_.reset(std::tmpfile());
        if (!file_ || std::fwrite(&size, sizeof size, 1, file_.get()) != 1 ||
            std::fwrite(bytes_.data(), 1, size, file_.get()) != size)
            fail("write");
    }

    void rewind() {
        if (file_ && std::fseek(file_.get(), 0, SEEK_SET) != 0) fail("write");
    }

    bool next(Row& row) override {
        std::size_t size = 0;
        if (!file_ || std::fread(&size, sizeof size, 1, file_.get()) != 1) {
            if (file_ && std::ferror(file_.get()) != 0) fail("read");
            return false;
        }
        bytes_.resize(size);
        if (std::fread(bytes_.data(), 1, size, file_.get()) != size) fail("read");
        std::string_view bytes = bytes_;
        arena_.clear();
        const bool has_number = unpack<bool>(bytes);
        const auto number = unpack<std::int64_t>(bytes);
        for (std::vector<Value>* const values : {&key_, &values_}) {
            values->resize(unpack<std::size_t>(bytes));
            for (Value& value : *values)
                value = unpack_value(bytes, arena_);
        }
        row = {key_, has_number ? std::optional(number) : std::nullopt, values_};
        return true;
    }

  private:
    [[noreturn]] static void fail(std::string_view verb) {
        const int code = errno;
        throw Error(ErrorKind::kFailure, cat("could not ", verb, " a temporary file: ", system_words(code)));
    }

    struct Closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, Closer> file_;
    std::string bytes_;
    std::vector<Value> key_, values_;
    Arena arena_;
};

std::unique_ptr<SpooledRows> spool(Connection& connection, const RowQuery& query) {
    auto rows = std::make_unique<SpooledRows>();
    connection.read_rows(query, *rows);
    rows->rewind();
    return rows;
}

}  // namespace

std::unique_ptr<RowCursor> open_rows_beside(Connection& connection, const RowQuery& query) {
    if (connection.capabilities().cursors_nest) return connection.open_rows(query);
    return spool(connection, query);
}

void read_rows_beside(Connection& connection, const RowQuery& query, RowSink& sink) {
    if (connection.capabilities().cursors_nest) return connection.read_rows(query, sink);
    const auto rows = spool(connection, query);
    for (Row row; rows->next(row);)
        sink.take(row);
}

}  // namespace dbfixture
