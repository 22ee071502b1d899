// SPDX-License-Identifier: MIT
#include "ops/diff/rows_as_fixture.h"

#include <cerrno>
#include <cstdio>
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

}  // namespace

RowsAsFixture::RowsAsFixture(Connection& from, Connection& to, const ChosenTables& chosen, std::string name)
    : name_(std::move(name)), file_(std::make_shared<File>()) {
    const auto writer = format().make_writer(*file_, {});
    const Schema& schema = from.schema();
    for (std::size_t i = 0; i < schema.tables.size(); ++i) {
        const Table& table = schema.tables[i];
        const auto there = to.schema().find_exact(table.label());
        if (!there || !chosen.has(table.label()) || table.derived || !table.unreadable.empty()) continue;
        RowQuery query;
        query.table = i;
        for (std::size_t column = 0; column < table.columns.size(); ++column) {
            const Column& facts = table.columns[column];
            const bool has_it = to.schema().tables[*there].find_column(facts.name).has_value();
            if (!facts.generated && !table.is_key_column(column) && has_it) query.columns.push_back(column);
        }
        RecordPusher pusher(table, query.columns, *writer);
        from.read_rows(query, pusher);
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
