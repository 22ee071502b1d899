// SPDX-License-Identifier: MIT
#include "db/mariadb/saved_manifest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "base/cat.h"
#include "base/checksum.h"
#include "base/error.h"
#include "base/text.h"
#include "db/clone_mark.h"
#include "db/mariadb/clone_rename.h"
#include "db/mariadb/saved_layout.h"
#include "db/mariadb/saved_place.h"
#include "db/mariadb/sql_text.h"
#include "db/saved_reference.h"

namespace dbfixture::mariadb {
namespace {

constexpr unsigned kNoSuchTable = 1146, kNoSuchColumn = 1054;

std::optional<std::uint64_t> number_of(const Result& found, int row, int column) {
    if (found.is_null(row, column)) return std::nullopt;
    const std::string_view digits = found.text(row, column);
    std::uint64_t out = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return out;
}

std::string number_or_null(const std::optional<std::uint64_t>& number) {
    return number ? cat(*number) : std::string("NULL");
}

// In the order of the table's columns.
template <typename Program>
auto texts_of(Program& of) {
    return std::array{
        &of.name,      &of.text,  &of.sql_mode, &of.client_charset, &of.connection_collation, &of.database_collation,
        &of.time_zone, &of.table, &of.moment};
}

// Of a whole description: the same rows have the same.
std::string checksum_of(const SavedManifest& manifest) {
    Checksum sum;
    const auto add = [&](std::string_view text) {
        sum.update(cat(text.size(), ":"));
        sum.update(text);
    };
    for (const SavedTable& table : manifest.tables) {
        add(cat(table.number, " ", table.rows, " ", table.bytes, " ", number_or_null(table.next_number), " ",
                table.kept_as, " ", number_or_null(table.checksum), " ", table.digest.by_primary ? 1 : 0));
        add(table.name);
        add(table.digest.sql);
        add(table.kept_in);
        for (const BlockDigest& block : table.blocks)
            sum.update(block.bytes());
    }
    for (const SchemaObject& object : manifest.objects) {
        add(object.kind);
        add(object.name);
        add(object.definition);
    }
    for (const Definition& program : manifest.programs) {
        for (const std::string* const text : texts_of(program))
            add(*text);
        add(cat(static_cast<int>(program.kind)));
    }
    add(manifest.defaults.charset);
    add(manifest.defaults.collation);
    return sum.digest();
}

// Whether `database` is this one, or the one that this is a throwaway copy of, or that is one of.
bool takes_states_of(SavedSession& saved, const std::string& database) {
    constexpr int kMost = 20;
    std::string name = saved.database();
    for (int tried = 0; tried < kMost && name != database; ++tried) {
        const auto mark = read_clone_mark(comment_of(saved.free(), name));
        if (!mark || mark->copy.original.empty()) return false;
        name = mark->copy.original;
    }
    return name == database;
}

// What names the original itself names the copy in it.
void turn_to_copy(SavedManifest& manifest, const Session& session, const std::string& original) {
    Renaming renaming{original, session.server().database, session.server().exact_names, {}};
    for (const SchemaObject& object : manifest.objects)
        renaming.things.insert(renaming.exact_names ? object.name : to_lower(object.name));
    for (SchemaObject& object : manifest.objects)
        object.definition = rename_database(object.definition, {}, renaming).text;
    manifest.of_original = true;
}

// Rows of literals on their way into a table, many in one statement.
class RowsOfText {
  public:
    RowsOfText(Session& session, const std::string& table) : session_(session), into_(cat("INSERT INTO ", table)) {}
    void add(const std::string& row) {
        append(rows_, cat(rows_.empty() ? " VALUES (" : ", (", row, ")"));
        if (rows_.size() > kMostBytes) send();
    }
    void send() {
        if (!rows_.empty()) session_.run(cat(into_, rows_));
        rows_.clear();
    }

  private:
    static constexpr std::size_t kMostBytes = 1 << 16;
    Session& session_;
    std::string into_, rows_{};
};

void write_blocks(RowsOfText& rows, const SavedTable& table) {
    constexpr std::size_t kInOne = 512;
    for (std::size_t from = 0, part = 0; from < table.blocks.size(); from += kInOne, ++part) {
        std::string bytes;
        for (std::size_t at = from; at < std::min(from + kInOne, table.blocks.size()); ++at)
            append(bytes, table.blocks[at].bytes());
        rows.add(cat(table.kept_as, ", ", part, ", ", bytes_literal(bytes)));
    }
}

void require_reference(SavedSession& saved, const SavedReference& reference, const std::string& place) {
    if (reference.kind != StateKind::kCopy) throw damaged_state(place, "It is of another kind");
    if (reference.system != saved.system() || !takes_states_of(saved, reference.database)) {
        throw Error(ErrorKind::kInput, cat("the state ", quote(place, 200), " is kept by another server or database"))
            .with_hint("what is saved with --serialized can be restored anywhere");
    }
    if (!is_ours(saved.free(), reference.object)) {
        throw damaged_state(place, cat("The server does not have the database ", quote(reference.object, 200),
                                       " that kept it, or it is not ours any more"));
    }
}

// Each database that keeps rows of it says what their blocks are.
void read_blocks(Session& session, SavedManifest& manifest) {
    std::map<std::pair<std::string, int>, SavedTable*> places;
    std::map<std::string, std::string> databases;
    for (SavedTable& table : manifest.tables) {
        places[{table.kept_in, table.kept_as}] = &table;
        databases.emplace(table.kept_in, cat("SELECT number, digests FROM ", saved_part(table.kept_in, "blocks"),
                                             " ORDER BY number, part"));
    }
    for (const auto& [database, query] : databases) {
        session.each(query, [&](const Session::TextRow& row) {
            int number = 0;
            std::from_chars(row[0]->data(), row[0]->data() + row[0]->size(), number);
            const auto place = places.find({database, number});
            if (place == places.end()) return;
            for (std::size_t at = 0; at + BlockDigest::kBytes <= row[1]->size(); at += BlockDigest::kBytes)
                place->second->blocks.push_back(BlockDigest::of(row[1]->substr(at, BlockDigest::kBytes)));
        });
    }
}

std::vector<Result> ask_description(Session& session, const SavedManifest& manifest) {
    const std::string state = cat("SELECT version FROM ", saved_part(manifest.object, "state"));
    const std::string defaults = cat("SELECT charset, collation FROM ", saved_part(manifest.object, "state"));
    const auto require_version = [&](const Result& found) {
        if (found.rows() != 1) throw damaged_state(manifest.place, "It was not finished");
        if (found.integer(0, 0) != kSavedLayoutVersion) throw damaged_state(manifest.place, "Another version saved it");
    };
    try {
        std::vector<Result> out = session.run_all(std::array{
            state,
            cat("SELECT number, name, row_count, bytes, next_number, kept_in, kept_as, checksum, digest, by_primary "
                "FROM ",
                saved_part(manifest.object, "tables"), " ORDER BY number"),
            cat("SELECT kind, name, definition FROM ", saved_part(manifest.object, "objects"), " ORDER BY kind, name"),
            cat("SELECT kind, name, text, sql_mode, client_charset, connection_collation, database_collation, "
                "time_zone, of_table, moment FROM ",
                saved_part(manifest.object, "programs"), " ORDER BY number"),
            defaults});
        require_version(out.front());
        return out;
    } catch (const ServerError&) {
        require_version(session.run(state));
        throw;
    }
}

void read_description(Session& session, SavedManifest& manifest) {
    const std::vector<Result> found = ask_description(session, manifest);
    const Result &tables = found[1], &objects = found[2], &programs = found[3];
    manifest.defaults = {found[4].string(0, 0), found[4].string(0, 1)};
    for (int row = 0; row < tables.rows(); ++row) {
        SavedTable table;
        table.number = static_cast<int>(tables.integer(row, 0));
        table.name = tables.string(row, 1);
        table.rows = number_of(tables, row, 2).value_or(0);
        table.bytes = number_of(tables, row, 3).value_or(0);
        table.next_number = number_of(tables, row, 4);
        table.kept_in = tables.string(row, 5);
        table.kept_as = static_cast<int>(tables.integer(row, 6));
        table.checksum = number_of(tables, row, 7);
        table.digest = {tables.string(row, 8), tables.integer(row, 9) != 0};
        manifest.tables.push_back(std::move(table));
    }
    for (int row = 0; row < objects.rows(); ++row)
        manifest.objects.push_back({objects.string(row, 0), objects.string(row, 1), objects.string(row, 2)});
    read_blocks(session, manifest);
    for (int row = 0; row < programs.rows(); ++row) {
        Definition& program = manifest.programs.emplace_back();
        program.kind = static_cast<DefinitionKind>(programs.integer(row, 0));
        int column = 1;
        for (std::string* const text : texts_of(program))
            *text = programs.string(row, column++);
    }
}

}  // namespace

std::string SavedTable::source() const {
    return copy_name(kept_in, kept_as);
}

const SavedTable* SavedManifest::find(std::string_view name) const {
    const auto found = std::ranges::find(tables, name, &SavedTable::name);
    return found == tables.end() ? nullptr : &*found;
}

Error damaged_state(const std::string& place, std::string_view why) {
    return Error(ErrorKind::kInput, cat("the state ", quote(place, 200), " is damaged"))
        .with_detail(cat(why, "."))
        .with_hint("save it again");
}

DatabaseDefaults read_defaults(Session& session) {
    const Result found = session.run(
        "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata WHERE schema_name "
        "= DATABASE()");
    return found.rows() == 1 ? DatabaseDefaults{found.string(0, 0), found.string(0, 1)} : DatabaseDefaults();
}

SavedManifest read_saved_manifest(SavedSession& saved, const SavedState& state) {
    std::vector<std::string> places = {state.place};
    places.insert(places.end(), state.over.begin(), state.over.end());
    SavedManifest manifest;
    std::string of;
    for (const std::string& place : places) {
        const SavedReference reference = read_saved_reference(place);
        require_reference(saved, reference, place);
        manifest.object = reference.object;
        manifest.place = place;
        of = reference.database;
    }
    try {
        read_description(saved.free(), manifest);
    } catch (const ServerError& error) {
        if (error.number != kNoSuchTable && error.number != kNoSuchColumn) throw;
        throw damaged_state(manifest.place, "What describes it is gone");
    }
    if (!state.checksum.empty() && checksum_of(manifest) != state.checksum)
        throw damaged_state(manifest.place, "What describes it is not what was saved");
    if (of != saved.database()) turn_to_copy(manifest, saved.free(), of);
    return manifest;
}

void create_description(Session& session, const std::string& object) {
    session.run(cat("CREATE TABLE ", saved_part(object, "state"), kStateColumns));
    session.run(cat("CREATE TABLE ", saved_part(object, "tables"), kTablesColumns));
    session.run(cat("CREATE TABLE ", saved_part(object, "objects"), kObjectsColumns));
    session.run(cat("CREATE TABLE ", saved_part(object, "blocks"), kBlocksColumns));
    session.run(cat("CREATE TABLE ", saved_part(object, "counters"), kCountersColumns));
    session.run(cat("CREATE TABLE ", saved_part(object, "programs"), kProgramsColumns));
}

SavedState write_description(Session& session, const SavedManifest& manifest, const std::string& database) {
    SavedState out;
    out.kind = StateKind::kCopy;
    out.place = manifest.place;
    RowsOfText tables(session, saved_part(manifest.object, "tables")),
        blocks(session, saved_part(manifest.object, "blocks")),
        objects(session, saved_part(manifest.object, "objects"));
    for (const SavedTable& table : manifest.tables) {
        tables.add(cat(table.number, ", ", text_literal(table.name), ", ", table.rows, ", ", table.bytes, ", ",
                       number_or_null(table.next_number), ", ", text_literal(table.kept_in), ", ", table.kept_as, ", ",
                       number_or_null(table.checksum), ", ", text_literal(table.digest.sql), ", ",
                       table.digest.by_primary ? 1 : 0));
        if (table.kept_in != manifest.object) continue;
        out.bytes += table.bytes;
        write_blocks(blocks, table);
    }
    for (const SchemaObject& object : manifest.objects) {
        objects.add(
            cat(text_literal(object.kind), ", ", text_literal(object.name), ", ", text_literal(object.definition)));
    }
    tables.send();
    blocks.send();
    objects.send();
    int number = 0;
    for (const Definition& program : manifest.programs) {
        std::string sql = cat("INSERT INTO ", saved_part(manifest.object, "programs"), " VALUES (", ++number, ", ",
                              static_cast<int>(program.kind));
        for (const std::string* const text : texts_of(program))
            append(sql, cat(", ", bytes_literal(*text)));
        session.run(cat(sql, ")"));
    }
    session.run(cat("INSERT INTO ", saved_part(manifest.object, "state"), " VALUES (", kSavedLayoutVersion, ", ",
                    text_literal(database), ", 'dbfixture', ", text_literal(manifest.defaults.charset), ", ",
                    text_literal(manifest.defaults.collation), ")"));
    out.checksum = checksum_of(manifest);
    return out;
}

}  // namespace dbfixture::mariadb
