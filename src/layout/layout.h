// SPDX-License-Identifier: MIT
// The seam between records and rows: a layout says what the records of a fixture mean in one database, both ways. What
// makes records of a file is fixture/record_builder.h. The table layout (table/) takes records by table and column and
// fits every database; any other layout recognizes the databases it knows and leaves to the table layout what is not
// its own.
//
// To add a layout: implement Layout in src/layout/<name>, and add a row to the table in layouts.cpp. Nothing else names
// it: commands, the config and --layout follow the table.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/error.h"
#include "db/connection.h"
#include "fixture/config_tree.h"
#include "fixture/format.h"
#include "layout/dump_options.h"
#include "layout/layout_config.h"
#include "layout/record_binder.h"
#include "layout/record_shape.h"
#include "layout/row_batch.h"
#include "model/selection.h"

namespace dbfixture {

// Labels as selection takes them (model/selection.h).
struct LayoutLabels {
    std::vector<std::string> labels, exclude;
    Apps apps;
    std::vector<std::string> warnings;  // of tables that the labels mean, perhaps, but that are not known
};

// Between the binder and the session of one load: what only the database can resolve. Rows that need nothing go
// straight through.
class Settler {
  public:
    virtual ~Settler() = default;
    // Throws as LoadSession::write().
    virtual void write(const RowBatch& batch) = 0;
    // After the last batch: rows that had to wait for others.
    virtual void finish() = 0;
};

// One dump's rows as records.
class RecordDumper {
  public:
    virtual ~RecordDumper() = default;
    // Whether the table's rows are this layout's to write; those of other tables are in table layout.
    virtual bool takes(std::size_t table) const = 0;
    // Writes the rows of the query; how many records that were.
    virtual std::uint64_t dump(const RowQuery& query) = 0;
    // Records written beside those that dump() counted.
    virtual std::uint64_t leftover_rows() const { return 0; }
    virtual std::vector<std::string> warnings() const { return {}; }
};

// What a flush that names nothing leaves there, because whoever owns the tables would make it anew.
struct KeptInFlush {
    std::vector<std::size_t> tables;  // as they are
    std::vector<KeptRows> rows;       // unless a table that is not emptied refers to those that would go
};

struct SettleOptions {
    const std::vector<std::string>& files;  // names for Origin::file; must outlive the settler
    // With it, bad rows are reported here and left out instead of ending the load.
    std::function<void(const Error&)> on_problem{};
    // With it, whether rows of a table may be looked up before finish(); what needs another table waits.
    std::function<bool(std::size_t table)> may_search{};
};

// A layout over one database. It reads what it needs to know of it when it is opened, and lives no longer than the
// connection. What it makes must not outlive it.
class Layout {
  public:
    virtual ~Layout() = default;

    // The database says by itself that it is of this layout: its dumps are.
    virtual bool recognized() const = 0;
    // Fixtures for this database may hold records in this layout, and labels may be its own.
    virtual bool applies() const = 0;
    // Whether a dump may write natural keys.
    virtual bool has_natural_keys() const = 0;
    // Whether tables of migration tools can be dumped in it at all.
    virtual bool dumps_bookkeeping() const = 0;

    // Labels as people type them, as selection takes them. Throws kNotFound for one that means nothing.
    virtual LayoutLabels translate(const std::vector<std::string>& labels, const std::vector<std::string>& exclude,
                                   const Apps& apps) const = 0;
    // `apps` with what the layout knows; what is there stays.
    virtual Apps apps(Apps apps) const = 0;
    // Adds the tables that belong to the tables of `labels` and have no label of their own.
    virtual void add_parts(std::vector<std::string>& labels) const = 0;
    // Whether the table's rows are written as a part of another table's records.
    virtual bool is_part(std::size_t table) const = 0;

    // nullptr: all records are in table layout. `options` must outlive the binder.
    virtual std::unique_ptr<RecordBinder> make_binder(const BindOptions& options) const = 0;
    virtual std::unique_ptr<Settler> make_settler(Connection& connection, LoadSession& session,
                                                  const SettleOptions& options) const = 0;
    // nullptr: all rows are in table layout. Arguments must outlive the dumper.
    virtual std::unique_ptr<RecordDumper> make_dumper(Connection& connection, const DumpOptions& options,
                                                      RecordWriter& writer) const = 0;
    // For a dump with natural keys: `tables` with those first whose rows others name so; otherwise in their order.
    virtual std::vector<std::size_t> natural_order(std::vector<std::size_t> tables) const { return tables; }
    virtual KeptInFlush kept_in_flush(Connection&) const { return {}; }
    // Puts an error about a row that no record names into the words of the records. Inside the load that it is of.
    virtual void reword(Connection&, Error&) const {}
    // What the table's records look like as a dump writes them.
    virtual RecordShape shape(std::size_t table) const = 0;
    // What the config says of things that this database does not have; for people who ask (-v 2).
    virtual std::vector<std::string> notes() const { return {}; }

    // A key of --pks for RowQuery::keys. Throws kUsage.
    virtual Value parse_key(const std::string& text, std::size_t table, Arena& arena) const = 0;

    // The layout's part of a config file to start from, as YAML; `database` is named in it. Throws kUsage where the
    // database is not of this layout.
    virtual std::string suggest_config(std::string_view database) const = 0;
};

struct LayoutKind {
    std::string_view name;         // of --layout, and of its key in the config
    std::string_view owner;        // whose layout it is, in a sentence: the name of a framework
    bool natural_keys = false;     // Layout::has_natural_keys()
    bool suggests_config = false;  // inspect --<name>-config
    // nullptr: it has no part in the config. Throws Error (kUsage) with file and line.
    std::shared_ptr<const LayoutConfig> (*parse_config)(const ConfigNode& node, const std::string& file);
    // `config` is what parse_config made, or nullptr. Call inside a ReadView, or inside a load before its first row.
    std::unique_ptr<Layout> (*open)(Connection& connection, const LayoutConfig* config);
    // Names and * patterns of the tables in which its migrations keep what they have done (model/bookkeeping.h).
    std::span<const std::string_view> bookkeeping{};
    // Sentences for the help of commands; "" where there is nothing to say.
    std::string_view help_of_dump{};   // what is different in a dump: whole lines
    std::string_view help_of_exact{};  // what --exact does
    std::string_view help_of_flush{};  // what a flush that names nothing leaves there
};

// The table of layouts; the table layout is the last.
std::span<const LayoutKind> layout_kinds();
const LayoutKind* find_layout_kind(std::string_view name);
std::vector<std::string> layout_names();  // the table layout first
// LayoutKind::bookkeeping of all, for OpenOptions.
std::vector<std::string> layout_bookkeeping();

// The first layout of the table that applies to the database.
std::unique_ptr<Layout> open_layout(Connection& connection, const LayoutConfigs& configs);
// The one of this name, whether it applies or not.
std::unique_ptr<Layout> open_layout(Connection& connection, const LayoutConfigs& configs, const LayoutKind& kind);

}  // namespace dbfixture
