// SPDX-License-Identifier: MIT
// The seam between what the tool does (src/ops) and the databases. ops asks for capabilities, never for an engine's
// name.
//
// To add an engine: engine.h.
//
// What is asked of an engine here is what a server's client library can do:
//  1. One statement at a time. While rows are read (read_rows, an open RowCursor), nothing else is asked of the
//     connection, unless the engine says that its cursors nest. A RowLookup or a LoadSession holds no statement open
//     between calls. db/beside.h reads rows beside others on every engine.
//  2. Many keys, many rows a call. Lookups and writes come in batches; an engine may send each as one statement, and
//     find out which row of it broke afterwards.
//  3. Errors about rows may come late: with the batch, or in finish().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/error.h"
#include "model/record.h"
#include "model/schema.h"

namespace dbfixture {

// What one row of a table is, as it is read. All of it is valid until the next row.
struct Row {
    std::span<const Value> key;  // the columns of Table::key, in key order; empty unless kDeclared
    std::optional<std::int64_t>
        row_number;                 // kHidden: always. kDeclared: where the key does not address the row (DESIGN 2)
    std::span<const Value> values;  // of the requested columns, in the requested order
};

struct RowQuery {
    std::size_t table = 0;             // index into schema().tables
    std::vector<std::size_t> columns;  // column indexes
    std::vector<Value> keys;           // only rows with one of these keys (a scalar or a list each); empty: all rows
    std::vector<std::size_t> order;    // column indexes to order by (binary comparison); empty: by key
};

class RowSink {
  public:
    virtual ~RowSink() = default;
    virtual void take(const Row& row) = 0;
};

// Rows pulled one at a time, for a reader that walks two tables side by side.
class RowCursor {
  public:
    virtual ~RowCursor() = default;
    // False at the end. What `row` points to is valid until the next call.
    virtual bool next(Row& row) = 0;
};

struct LookupAnswer {
    int rows = 0;                   // that have the values searched for: 0, 1, or 2 for several
    std::span<const Value> values;  // of the first of them, the columns asked for; empty if there is none
};

// One search, prepared once and run many times.
class RowLookup {
  public:
    virtual ~RowLookup() = default;
    // Searches for many rows in one go. `wanted` holds the values of each search behind one another, as many as columns
    // are searched by. NULL equals NULL. The answers, one a search, are valid until the next call.
    virtual std::span<const LookupAnswer> find(std::span<const Value> wanted) = 0;
    // A single search.
    LookupAnswer find_one(std::span<const Value> wanted) { return find(wanted).front(); }
};

// How a bound row is addressed.
enum class RowAddress : std::uint8_t {
    kKey,        // by the key columns, all of which are among `columns`
    kRowNumber,  // by `row_number` (a hidden key, or beside a key that contains NULL)
    kNumbered,   // by nothing yet: the database is to number it
    kBag         // by nothing at all: always a new row
};

// A record turned into a typed row by ops/bind.
struct BoundRow {
    std::uint32_t table = 0;  // index into schema().tables
    RowAddress address = RowAddress::kKey;
    std::int64_t row_number = 0;             // for kRowNumber
    std::span<const std::uint16_t> columns;  // ascending column indexes, key columns included; others get their default
    std::span<const Value> values;           // one for each of `columns`; kinds of the first group only
    Origin origin;
};

// Where an engine cannot silence triggers, they are refused unless they are to fire, or to be dropped for the while:
// then their definitions are kept durably first, and created again whatever happens; by the next command if this
// process is killed.
struct LoadOptions {
    bool fire_triggers = false;
    bool allow_orphans = false;
    bool drop_triggers = false;
    std::vector<std::string> files;  // names for Origin::file, for errors
    // With it, bad rows and broken references are reported here, every one, and left out instead of ending the load:
    // for `check`, on a scratch copy. Never commit() such a load.
    std::function<void(const Error&)> on_problem;
    // Sees each error about a row before it is thrown or reported, and may put it into the words of the records.
    std::function<void(Error&)> reword{};
};

struct TableCounts {
    std::uint64_t inserted = 0;
    std::uint64_t updated = 0;
    std::uint64_t unchanged = 0;
    std::uint64_t deleted = 0;  // by empty_table()
};

struct LoadReport {
    std::vector<TableCounts> tables;    // indexed like schema().tables
    std::vector<std::string> warnings;  // complete sentences without a full stop
};

// The rows of a join table that belong to one owner.
struct MemberSet {
    std::uint32_t table = 0;
    std::uint16_t owner = 0;  // column indexes
    std::uint16_t member = 0;
    Value owner_value;
    bool owner_is_new = false;
    std::span<const Value> members;
    Origin origin;
};

// What became of a row that was written. What is not known until later is kLater: rows that wait for others to make
// way.
enum class RowFate : std::uint8_t { kInserted, kChanged /* or was there already */, kLater, kRefused };

// What a load puts by until its end, out of memory: texts, numbered as they come, that are found again by hashes.
class PutBy {
  public:
    virtual ~PutBy() = default;
    // Returns the number of the text: 1, 2, ...
    virtual std::int64_t add(std::string_view text) = 0;
    virtual void replace(std::int64_t number, std::string_view text) = 0;
    virtual void remove(std::int64_t number) = 0;
    // Nothing if it was removed.
    virtual std::optional<std::string> get(std::int64_t number) = 0;
    // Texts may be marked by several hashes of several kinds (small numbers). find() gives them in no order.
    virtual void mark(std::int64_t number, int kind, std::uint64_t hash) = 0;
    virtual std::vector<std::int64_t> find(int kind, std::uint64_t hash) = 0;
};

// One load: one transaction where the engine can. Destroying it without commit() rolls back.
class LoadSession {
  public:
    virtual ~LoadSession() = default;
    // Inserts or updates each row (DESIGN 4), as if one after the other. Nothing of `rows` is kept after the call.
    // Throws Error with file, line, record, table, key and column as far as known; the session can then only be
    // destroyed. `fates`, unless it is nullptr, is made to hold what became of each row.
    virtual void write(std::span<const BoundRow> rows, std::vector<RowFate>* fates = nullptr) = 0;
    // A record with this key is bad and will not be written: references to it are not reported too.
    virtual void note_bad_record(std::size_t table, std::span<const Value> key) = 0;
    // With LoadOptions::on_problem: a record that will not be written, of which `row` holds the values that are right.
    // References that are whole among them are checked at the end all the same.
    virtual void note_references(const BoundRow& row) = 0;
    // For each set, one after the other: makes `members` the set of values that column `member` has in the rows of
    // `table` whose column `owner` is `owner_value`: deletes rows that are not among them and inserts those that are
    // missing. `owner_is_new`: no row can have that owner yet. Values that occur twice count once.
    virtual void replace_members(std::span<const MemberSet> sets) = 0;
    // The number that the engine would give to the next row of a table with Table::numbers_rows.
    virtual std::int64_t next_number(std::size_t table) = 0;
    // Deletes all rows of `table` as Connection::flush() does, its sequence included, without firing triggers. To be
    // called before anything of this table is written. A row of another table that referred to one of them, which has
    // not come back, is an error in finish().
    virtual void empty_table(std::size_t table) = 0;
    // One for the whole load; empty at first.
    virtual PutBy& put_by() = 0;
    // Before Connection::open_lookup() on a table of this load: lookups will be fast from now on.
    virtual void expect_lookups(std::size_t table) = 0;
    // Everything that can still fail: rows set aside, rebuilt indexes, foreign keys, sequences.
    virtual LoadReport finish() = 0;
    // After finish(). Without it (a dry run) all is rolled back.
    virtual void commit() = 0;
};

struct TableStatistics {
    std::uint64_t rows = 0;
};

// Rows that a flush leaves in a table, by its key of one integer column. The table's sequence goes on after the
// largest.
struct KeptRows {
    std::size_t table = 0;
    std::vector<std::int64_t> keys;
};

struct FlushRequest {
    std::vector<std::size_t> tables;  // indexes into schema().tables, none of them derived
    bool keep_sequences = false;
    std::vector<KeptRows> kept{};  // of some of these tables
    bool drop_triggers = false;    // as in LoadOptions
};

// Where the sequence of a column stands (Column::has_sequence).
struct Sequence {
    std::size_t table = 0;
    std::size_t column = 0;
    std::optional<std::int64_t> stored{};   // nothing when none is stored yet, or what is stored is no integer
    bool called = true;                     // the stored number was given to a row; else it is the next one's
    std::optional<std::int64_t> largest{};  // number in the column; nothing for a table without rows

    bool operator==(const Sequence&) const = default;
    // The last number that counts as given; nothing where numbering starts anew.
    std::optional<std::int64_t> given() const { return stored && !called ? *stored - 1 : stored; }
};

// One thing that the schema defines, in the engine's own words; rows and sequences are no part of it.
struct SchemaObject {
    std::string kind;  // "table", "index", "view", "trigger"
    std::string name;
    std::string definition;
    bool operator==(const SchemaObject&) const = default;
};

struct Capabilities {
    bool cursors_nest = false;  // while rows are read, others may be read and looked up (rule 1)
    bool utf8_order = true;     // texts are ordered by their bytes in UTF-8, not by those of another encoding
    bool reads_ahead = false;   // read_rows() waits for the database on a thread of its own
    bool begins_anew = true;    // what writes is a transaction of its own, which may be begun again (Error::tries)
};

class Connection {
  public:
    virtual ~Connection() = default;

    virtual Capabilities capabilities() const = 0;
    // "SQLite 3.40.1"
    virtual std::string engine() const = 0;
    // Location::shown.
    virtual std::string name() const = 0;

    // As of the first call, or of the last ReadView or begin_load() if that is later. Stays valid, at the same address,
    // for the connection's life.
    virtual const Schema& schema() = 0;

    // All rows of the query in key order (binary comparison; a hidden key by number; a bag by its values), pushed into
    // `sink`.
    virtual void read_rows(const RowQuery& query, RowSink& sink) = 0;
    // The same, pulled. `query.keys` must be empty.
    virtual std::unique_ptr<RowCursor> open_rows(const RowQuery& query) = 0;
    // Searches `table` by the columns `by`. Also inside a load, whose own rows it sees.
    virtual std::unique_ptr<RowLookup> open_lookup(std::size_t table, std::span<const std::size_t> by,
                                                   std::span<const std::size_t> columns) = 0;
    virtual TableStatistics statistics(std::size_t table) = 0;

    // Turns values as a binder made them into those that the columns would hold: `values` has as many as `columns` for
    // each row. What is made lies in `arena`. Throws kInput for what a column cannot hold; which row that was is not
    // said. Left as they are where an engine does not say otherwise.
    virtual void make_stored(std::size_t table, std::span<const std::uint16_t> columns, std::span<Value> values,
                             Arena& arena) {
        static_cast<void>(table), static_cast<void>(columns), static_cast<void>(values), static_cast<void>(arena);
    }

    // A private copy of the database, to be changed freely and gone with its connection.
    virtual std::unique_ptr<Connection> scratch_copy() = 0;

    virtual std::unique_ptr<LoadSession> begin_load(const LoadOptions& options) = 0;

    // Deletes all rows of the tables, in one transaction where the engine can, without firing triggers and without
    // acting on or checking foreign keys; then their sequences start anew unless they are kept. Indexes derived from
    // these tables are emptied too. Returns the numbers of rows, parallel to the tables. Throws kBusy, kFailure, with
    // nothing changed.
    virtual std::vector<std::uint64_t> flush(const FlushRequest& request) = 0;
    // The same as statements, in order, without a semicolon.
    virtual std::vector<std::string> flush_sql(const FlushRequest& request) = 0;

    // Of all columns of `tables` that have one, in that order.
    virtual std::vector<Sequence> sequences(const std::vector<std::size_t>& tables) = 0;
    // Each continues after the largest key, or starts anew for an empty table.
    virtual void reset_sequences(const std::vector<std::size_t>& tables) = 0;
    // Each goes on after `stored`, or with it unless it was `called`; without one it starts anew.
    virtual void set_sequences(const std::vector<Sequence>& sequences) = 0;
    virtual std::vector<std::string> reset_sequences_sql(const std::vector<std::size_t>& tables) = 0;

    // Whether any row of `table` refers to another by `key`, one of its foreign keys.
    virtual bool has_references(std::size_t table, const ForeignKey& key) = 0;
    // Sorted by kind and name; equal lists mean equal schemas.
    virtual std::vector<SchemaObject> schema_objects() = 0;

  protected:
    friend class ReadView;
    // Of a ReadView, which never nests. begin_read() that throws (kBusy) leaves nothing begun; end_read() after a
    // failure still ends the view.
    virtual void begin_read() = 0;
    virtual void end_read() = 0;

  public:
    // What was put right when the database was opened, which a killed process had left, or what somebody else has to;
    // as sentences without a full stop.
    virtual std::vector<std::string> notes() const { return {}; }
};

// One consistent view for everything that is read through the connection while it lives; it must not outlive the
// connection. Throws kBusy.
class ReadView {
  public:
    explicit ReadView(Connection& connection) : connection_(connection) { connection_.begin_read(); }
    ReadView(const ReadView&) = delete;
    ReadView& operator=(const ReadView&) = delete;
    ~ReadView() {
        try {
            connection_.end_read();
        } catch (const Error&) {
            // What was read is good; the connection ends the view when it closes.
        }
    }

  private:
    Connection& connection_;
};

}  // namespace dbfixture
