// SPDX-License-Identifier: MIT
#include "ops/diff/rows_as_fixture.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <utility>

#include "base/cat.h"
#include "base/posix_file.h"
#include "layout/table/dump.h"

namespace dbfixture {

class RowsAsFixture::File final : public ByteSink {
  public:
    void write(std::string_view bytes) override {
        if (!file_) file_.reset(std::tmpfile());
        if (!file_ || std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) fail();
    }
    void finish() override {
        if (file_ && std::fflush(file_.get()) != 0) fail();
    }
    std::size_t read(char* to, std::size_t size) {
        const std::size_t count = file_ ? std::fread(to, 1, size, file_.get()) : 0;
        if (count == 0 && file_ && std::ferror(file_.get()) != 0) fail();
        return count;
    }
    void rewind() {
        if (file_ && std::fseek(file_.get(), 0, SEEK_SET) != 0) fail();
    }

  private:
    [[noreturn]] static void fail() {
        throw Error(ErrorKind::kFailure, cat("could not use a temporary file: ", system_words(errno)));
    }
    struct Closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, Closer> file_;
};

namespace {

const Format& format() {
    return *find_format("jsonl");
}

// Rows of a table as records for the table of the same name in another database, whose key may be another.
class RecordsFor final : public RowSink {
  public:
    RecordsFor(const Table& from, std::size_t index, const Table& to, RecordWriter& writer) : shape_(from) {
        query.table = index;
        shape_.key.clear();
        for (const std::size_t column : to.key) {
            if (const auto same = from.find_column(to.columns[column].name)) shape_.key.push_back(*same);
        }
        const bool has_key = to.key_kind == KeyKind::kDeclared && shape_.key.size() == to.key.size();
        if (!has_key) shape_.key.clear();
        shape_.key_kind = has_key ? KeyKind::kDeclared : KeyKind::kNone;
        for (const std::size_t column : shape_.key)
            key_places_.push_back(place_of(from, column));
        for (std::size_t column = 0; column < from.columns.size(); ++column) {
            const Column& facts = from.columns[column];
            if (facts.generated || shape_.is_key_column(column) || !to.find_column(facts.name)) continue;
            columns_.push_back(column);
            value_places_.push_back(place_of(from, column));
        }
        pusher_.emplace(shape_, columns_, writer);
    }

    void take(const Row& row) override {
        const auto collect = [&row](const std::vector<Place>& places, std::vector<Value>& out) {
            out.clear();
            for (const Place& place : places)
                out.push_back(place.in_key ? row.key[place.at] : row.values[place.at]);
        };
        collect(key_places_, key_);
        collect(value_places_, values_);
        pusher_->take({key_, std::nullopt, values_});
    }

    RowQuery query;

  private:
    struct Place {
        bool in_key;
        std::size_t at;
    };
    Place place_of(const Table& from, std::size_t column) {
        const auto in_key = std::find(from.key.begin(), from.key.end(), column);
        if (in_key != from.key.end()) return {true, static_cast<std::size_t>(in_key - from.key.begin())};
        query.columns.push_back(column);
        return {false, query.columns.size() - 1};
    }

    Table shape_;
    std::vector<std::size_t> columns_;
    std::vector<Place> key_places_, value_places_;
    std::vector<Value> key_, values_;
    std::optional<RecordPusher> pusher_;
};

}  // namespace

RowsAsFixture::RowsAsFixture(Connection& from, Connection& to, const ChosenTables& chosen, std::string name)
    : name_(std::move(name)), file_(std::make_shared<File>()) {
    const auto writer = format().make_writer(*file_, {});
    const Schema& schema = from.schema();
    for (std::size_t i = 0; i < schema.tables.size(); ++i) {
        const Table& table = schema.tables[i];
        const auto there = to.schema().find_exact(table.label());
        if (!there || !chosen.has(table.label()) || table.derived || !table.unreadable.empty()) continue;
        RecordsFor records(table, i, to.schema().tables[*there], *writer);
        from.read_rows(records.query, records);
    }
    writer->finish();
    file_->finish();
}

FixtureInput RowsAsFixture::input() const {
    class Source final : public ByteSource {
      public:
        explicit Source(std::shared_ptr<File> file) : file_(std::move(file)) { file_->rewind(); }
        std::size_t read(char* to, std::size_t size) override { return file_->read(to, size); }

      private:
        std::shared_ptr<File> file_;
    };
    return {name_, &format(),
            [file = file_]() -> std::unique_ptr<ByteSource> { return std::make_unique<Source>(file); }};
}

}  // namespace dbfixture
