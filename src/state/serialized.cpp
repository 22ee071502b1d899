// SPDX-License-Identifier: MIT
#include "state/serialized.h"

#include <fcntl.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/cat.h"
#include "base/checksum.h"
#include "base/error.h"
#include "base/posix_file.h"
#include "base/text.h"
#include "fixture/codec/codec.h"
#include "fixture/format.h"
#include "model/fk_graph.h"
#include "ops/dump.h"
#include "ops/flush.h"
#include "ops/load.h"

namespace dbfixture {
namespace {

// Tables whose rows are recorded, parents first; a derived index is made anew from its content.
std::vector<std::size_t> recorded_tables(const Schema& schema) {
    std::vector<std::size_t> tables;
    for (const std::size_t i : order_tables(schema).tables) {
        const Table& table = schema.tables[i];
        const std::string& obstacle = table.unreadable.empty() ? table.not_dumpable : table.unreadable;
        if (!obstacle.empty() && !table.derived) {
            throw not_serializable(table.label(), obstacle);
        }
        if (!table.derived) tables.push_back(i);
    }
    return tables;
}

std::vector<ManifestObject> recorded_schema(Connection& connection) {
    std::vector<ManifestObject> out;
    for (const SchemaObject& object : connection.schema_objects()) {
        out.push_back({object.kind, object.name, object.definition});
    }
    return out;
}

void require_schema(Connection& connection, const Manifest& manifest) {
    using Key = std::pair<std::string, std::string>;
    std::map<Key, std::string> wanted, found;
    for (const ManifestObject& o : manifest.schema)
        wanted[{o.kind, o.name}] = o.definition;
    for (const ManifestObject& o : recorded_schema(connection))
        found[{o.kind, o.name}] = o.definition;
    std::vector<std::string> differences;
    for (const auto& [key, definition] : wanted) {
        const auto other = found.find(key);
        const std::string what = cat(key.first, " ", quote(key.second));
        if (other == found.end()) {
            differences.push_back(cat(what, " is missing"));
        } else if (other->second != definition) {
            differences.push_back(cat(what, " is defined differently"));
        }
    }
    for (const auto& [key, definition] : found) {
        if (wanted.count(key) == 0) differences.push_back(cat(key.first, " ", quote(key.second), " is new"));
    }
    if (differences.empty()) return;
    std::string list;
    for (std::size_t i = 0; i < std::min<std::size_t>(differences.size(), 12); ++i) {
        append(list, cat(i == 0 ? "" : ", ", differences[i]));
    }
    if (differences.size() > 12) append(list, cat(" and ", differences.size() - 12, " more"));
    throw Error(ErrorKind::kInput, "the database's schema is not that of the snapshot")
        .with_detail(cat("In the database, ", list, "."))
        .with_hint("a serialized snapshot restores rows only: bring the schema back first");
}

class CountingSource final : public ByteSource {
  public:
    CountingSource(std::unique_ptr<ByteSource> source, Checksum& sum, std::uint64_t& bytes)
        : source_(std::move(source)), sum_(sum), bytes_(bytes) {}
    std::size_t read(char* to, std::size_t size) override {
        const std::size_t got = source_->read(to, size);
        sum_.update({to, got});
        bytes_ += got;
        return got;
    }

  private:
    std::unique_ptr<ByteSource> source_;
    Checksum& sum_;
    std::uint64_t& bytes_;
};

void sum_up(const std::string& path, std::uint64_t& bytes, std::string& checksum) {
    Checksum sum;
    CountingSource source(open_file_source(path), sum, bytes);
    std::vector<char> buffer(std::size_t{1} << 18);
    while (source.read(buffer.data(), buffer.size()) > 0) {
    }
    checksum = sum.digest();
}

class NewFileSink final : public ByteSink {
  public:
    explicit NewFileSink(const std::string& path) : file_(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600) {}
    void write(std::string_view bytes) override {
        file_.write_at(bytes, offset_);
        offset_ += bytes.size();
    }
    void finish() override {
        file_.sync();
        file_.close();
    }

  private:
    PosixFile file_;
    std::uint64_t offset_ = 0;
};

bool has_many_sequences(const Table& table) {
    return std::count_if(table.columns.begin(), table.columns.end(),
                         [](const Column& column) { return column.has_sequence; }) > 1;
}

// Of every column that has one; those that were not recorded start anew.
std::vector<Sequence> recorded_sequences(const Schema& schema, const std::vector<std::size_t>& tables,
                                         const Manifest& manifest) {
    std::vector<Sequence> out;
    for (const std::size_t index : tables) {
        const Table& table = schema.tables[index];
        for (std::size_t column = 0; column < table.columns.size(); ++column) {
            if (!table.columns[column].has_sequence) continue;
            Sequence sequence{.table = index, .column = column};
            for (const ManifestSequence& recorded : manifest.sequences) {
                const bool of_column = recorded.column.empty() || recorded.column == table.columns[column].name;
                if (recorded.table != table.label() || !of_column) continue;
                sequence.stored = recorded.value;
                sequence.called = recorded.called;
            }
            out.push_back(sequence);
        }
    }
    return out;
}

}  // namespace

Error not_serializable(const std::string& table, const std::string& reason, std::string_view what) {
    return Error(ErrorKind::kFailure, cat(what, " ", quote(table), " cannot be in a serialized snapshot"))
        .with_detail(reason)
        .with_hint("leave out --serialized: all of the database is saved then");
}

std::string schema_fingerprint(const std::vector<SchemaObject>& objects) {
    Checksum sum;
    for (const SchemaObject& o : objects) {
        for (const std::string* text : {&o.kind, &o.name, &o.definition}) {
            sum.update(cat(text->size(), ":"));
            sum.update(*text);
        }
    }
    return sum.digest();
}

void write_serialized(Connection& connection, const std::string& path, Manifest& manifest) {
    const ReadView view(connection);
    const Schema& schema = connection.schema();
    DumpOptions options;
    options.tables = recorded_tables(schema);
    options.format = find_format("jsonl");
    const std::unique_ptr<ByteSink> sink = open_encoded(std::make_unique<NewFileSink>(path), "zst");
    const DumpReport report = dump(connection, options, *sink);
    sink->finish();
    for (std::size_t i = 0; i < options.tables.size(); ++i) {
        manifest.tables.push_back({schema.tables[options.tables[i]].label(), report.rows[i]});
    }
    std::sort(manifest.tables.begin(), manifest.tables.end(),
              [](const ManifestTable& a, const ManifestTable& b) { return a.name < b.name; });
    for (const Sequence& sequence : connection.sequences(options.tables)) {
        if (!sequence.stored) continue;
        const Table& table = schema.tables[sequence.table];
        manifest.sequences.push_back({table.label(), *sequence.stored,
                                      has_many_sequences(table) ? table.columns[sequence.column].name : "",
                                      sequence.called});
    }
    manifest.schema = recorded_schema(connection);
    manifest.schema_fingerprint = schema_fingerprint(connection.schema_objects());
    manifest.engine = connection.engine();
    manifest.bytes = 0;
    sum_up(path, manifest.bytes, manifest.checksum);
}

void verify_serialized(const std::string& path, const Manifest& manifest) {
    std::uint64_t bytes = 0;
    std::string checksum;
    sum_up(path, bytes, checksum);
    if (bytes == manifest.bytes && checksum == manifest.checksum) return;
    throw Error(ErrorKind::kInput, cat("the snapshot file ", quote(path, 200), " is damaged"))
        .with_detail(bytes != manifest.bytes
                         ? cat("It has ", bytes, " bytes, the manifest says ", manifest.bytes, ".")
                         : cat("Its checksum is ", checksum, ", the manifest says ", manifest.checksum, "."));
}

void apply_serialized(Connection& connection, const std::string& path, const Manifest& manifest) {
    require_schema(connection, manifest);
    const Schema& schema = connection.schema();
    FlushRequest everything;
    everything.tables = recorded_tables(schema);
    flush(connection, everything);

    LoadRequest request;
    request.allow_orphans = true;  // there may have been orphans
    FixtureInput input;
    input.name = path;
    input.format = find_format("jsonl");
    input.open = [path] {
        DecodeLimits limits;
        limits.max_size = UINT64_MAX;  // our own file, verified
        limits.max_ratio = UINT64_MAX;
        return open_decoded(open_file_source(path), limits);
    };
    request.fixtures.push_back(input);
    const LoadSummary summary = load(connection, request);
    std::uint64_t expected = 0;
    for (const ManifestTable& table : manifest.tables)
        expected += table.rows.value_or(0);
    if (summary.records != expected) {
        throw Error(ErrorKind::kInput, cat("the snapshot file ", quote(path, 200), " is damaged"))
            .with_detail(cat("It holds ", summary.records, " rows, the manifest says ", expected, "."));
    }
    connection.set_sequences(recorded_sequences(schema, everything.tables, manifest));
}

}  // namespace dbfixture
