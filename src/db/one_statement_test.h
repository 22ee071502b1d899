// SPDX-License-Identifier: MIT
// A connection that knows of one statement at a time, as a server's client library does: it says that its cursors do
// not nest, and fails the test when anything is asked of it while rows are read.
#pragma once

#include <catch2/catch.hpp>
#include <optional>
#include <utility>

#include "db/connection.h"

namespace dbfixture {

class OneStatement final : public Connection {
  public:
    explicit OneStatement(std::unique_ptr<Connection> inner) : inner_(std::move(inner)) {}

    Capabilities capabilities() const override {
        Capabilities out = inner_->capabilities();
        out.cursors_nest = false;
        return out;
    }
    std::string engine() const override { return inner_->engine(); }
    std::string name() const override { return inner_->name(); }
    const Schema& schema() override { return inner_->schema(); }

    void read_rows(const RowQuery& query, RowSink& sink) override {
        ask();
        const Reading reading(*this);
        inner_->read_rows(query, sink);
    }
    std::unique_ptr<RowCursor> open_rows(const RowQuery& query) override {
        ask();
        return std::make_unique<Cursor>(*this, inner_->open_rows(query));
    }
    std::unique_ptr<RowLookup> open_lookup(std::size_t table, std::span<const std::size_t> by,
                                           std::span<const std::size_t> columns) override {
        ask();
        return std::make_unique<Lookup>(*this, inner_->open_lookup(table, by, columns));
    }
    TableStatistics statistics(std::size_t table) override { return asked().statistics(table); }
    std::unique_ptr<Connection> scratch_copy() override {
        return std::make_unique<OneStatement>(asked().scratch_copy());
    }
    std::unique_ptr<LoadSession> begin_load(const LoadOptions& options) override {
        ask();
        return std::make_unique<Session>(*this, inner_->begin_load(options));
    }
    std::vector<std::uint64_t> flush(const FlushRequest& request) override { return asked().flush(request); }
    std::vector<std::string> flush_sql(const FlushRequest& request) override { return asked().flush_sql(request); }
    std::vector<Sequence> sequences(const std::vector<std::size_t>& tables) override {
        return asked().sequences(tables);
    }
    void reset_sequences(const std::vector<std::size_t>& tables) override { asked().reset_sequences(tables); }
    void set_sequences(const std::vector<Sequence>& sequences) override { asked().set_sequences(sequences); }
    std::vector<std::string> reset_sequences_sql(const std::vector<std::size_t>& tables) override {
        return asked().reset_sequences_sql(tables);
    }
    bool has_references(std::size_t table, const ForeignKey& key) override {
        return asked().has_references(table, key);
    }
    std::vector<SchemaObject> schema_objects() override { return asked().schema_objects(); }

  protected:
    void begin_read() override {
        ask();
        view_.emplace(*inner_);
    }
    void end_read() override { view_.reset(); }

  private:
    void ask() const {
        if (reading_) FAIL("the connection was asked while rows of it are read");
    }
    Connection& asked() const {
        ask();
        return *inner_;
    }

    struct Reading {
        explicit Reading(OneStatement& of) : connection(of) { connection.reading_ = true; }
        Reading(const Reading&) = delete;
        Reading& operator=(const Reading&) = delete;
        ~Reading() { connection.reading_ = false; }
        OneStatement& connection;
    };

    class Cursor final : public RowCursor {
      public:
        Cursor(OneStatement& connection, std::unique_ptr<RowCursor> inner)
            : inner_(std::move(inner)), reading_(std::in_place, connection) {}
        bool next(Row& row) override {
            if (inner_->next(row)) return true;
            reading_.reset();
            return false;
        }

      private:
        std::unique_ptr<RowCursor> inner_;
        std::optional<Reading> reading_;
    };

    class Lookup final : public RowLookup {
      public:
        Lookup(OneStatement& connection, std::unique_ptr<RowLookup> inner)
            : connection_(connection), inner_(std::move(inner)) {}
        std::span<const LookupAnswer> find(std::span<const Value> wanted) override {
            connection_.ask();
            ++connection_.searches;
            return inner_->find(wanted);
        }

      private:
        OneStatement& connection_;
        std::unique_ptr<RowLookup> inner_;
    };

    class Session final : public LoadSession {
      public:
        Session(OneStatement& connection, std::unique_ptr<LoadSession> inner)
            : connection_(connection), inner_(std::move(inner)) {}
        void write(std::span<const BoundRow> rows, std::vector<RowFate>* fates) override {
            ++connection_.writes;
            asked().write(rows, fates);
        }
        void note_bad_record(std::size_t table, std::span<const Value> key) override {
            asked().note_bad_record(table, key);
        }
        void note_references(const BoundRow& row) override { asked().note_references(row); }
        void replace_members(std::span<const MemberSet> sets) override { asked().replace_members(sets); }
        std::int64_t next_number(std::size_t table) override { return asked().next_number(table); }
        void empty_table(std::size_t table) override { asked().empty_table(table); }
        PutBy& put_by() override { return inner_->put_by(); }
        void expect_lookups(std::size_t table) override { asked().expect_lookups(table); }
        LoadReport finish() override { return asked().finish(); }
        void commit() override { asked().commit(); }

      private:
        LoadSession& asked() {
            connection_.ask();
            return *inner_;
        }
        OneStatement& connection_;
        std::unique_ptr<LoadSession> inner_;
    };

    std::unique_ptr<Connection> inner_;
    std::optional<ReadView> view_;
    bool reading_ = false;

  public:
    std::size_t searches = 0, writes = 0;  // calls, each of any number of keys or rows
};

}  // namespace dbfixture
