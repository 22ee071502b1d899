// SPDX-License-Identifier: MIT
// What every engine must do with saved states (DESIGN 6, 14), through the seam alone, for each kind that it saves.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>

#include "base/error.h"
#include "base/folder_test.h"
#include "db/contract_engine_test.h"
#include "db/engine.h"
#include "db/states.h"

namespace dbfixture {
namespace {

// Tables v (numbered from 8 on) and w, and their states of one kind.
struct SavedBench {
    SavedBench(const ContractEngine& engine, const StateForm& of_kind)
        : bench(engine, cat("CREATE TABLE v (id ", engine.numbered,
                            ", x TEXT); INSERT INTO v VALUES (7, 'a'); CREATE TABLE w (id INTEGER PRIMARY KEY, y "
                            "TEXT); INSERT INTO w VALUES (1, 'w')")),
          form(of_kind),
          states(open_states(locate(DatabaseUrl(bench.database->url())), 300)) {
        const auto connection = bench.open();
        connection->reset_sequences({*connection->schema().find("v")});
    }

    // What differs by kind: rows that were copied are put back into tables that must be there; what the server keeps
    // is only referred to by a file; and what is known of a database without reading it, others on its server spoil.
    bool keeps_schema() const { return form.kind != StateKind::kCopy; }
    bool keeps_file() const { return form.kind == StateKind::kImage; }

    std::string place(std::string_view name) const { return folder / cat(name, ".", form.extension); }
    StateSaveReport save() const { return states->save(form.kind, place("state")); }
    std::size_t files() const {
        const auto all = std::filesystem::directory_iterator(folder.path());
        return static_cast<std::size_t>(std::distance(begin(all), end(all)));
    }
    std::string read(const SavedState& state, const std::string& table) const {
        return contract_read(*states->open(state), table);
    }
    void change() const {
        bench.database->run("INSERT INTO v (x) VALUES ('b'); UPDATE v SET x = 'changed' WHERE id = 7");
        if (keeps_schema()) bench.database->run("CREATE TABLE scratch (y TEXT)");
    }
    bool is_untouched(const StateRestoreReport& report) const {
        return report.way == RestoreWay::kUntouched || (!keeps_file() && report.way == RestoreWay::kUnchanged);
    }
    static void cut_short(const std::string& place) {
        std::filesystem::resize_file(place, std::filesystem::file_size(place) / 2);
    }

    Bench bench;
    TestFolder folder;
    StateForm form;
    std::unique_ptr<States> states;

    // Enough rows beside v that what change() does is a small part of the database.
    void fill() const {
        std::string rows;
        for (int i = 2; i <= 400; ++i)
            append(rows, cat(rows.empty() ? "" : ", ", "(", i, ", '", std::string(200, 'y'), "')"));
        bench.database->run("INSERT INTO w VALUES " + rows);
    }
    StateSaveReport save_over(const SavedState& below, std::string_view name, const std::string& stamp = "") const {
        return states->save_difference(below, stamp, place(name));
    }
};

// For each kind of each engine.
void each_kind(const std::function<void(const SavedBench&)>& check) {
    for (const ContractEngine& engine : contract_engines()) {
        const Bench any(engine, "");
        const Location location = locate(DatabaseUrl(any.database->url()));
        REQUIRE_FALSE(location.engine->states.empty());
        for (const StateForm& form : location.engine->states) {
            INFO(engine.name << ", " << name_of(form.kind));
            if (form.kind == StateKind::kSerialized) continue;  // state/serialized.h
            if (form.kind == StateKind::kTemplate) continue;    // wants nobody connected: postgres_template_test.cpp
            CHECK_FALSE(form.extension.empty());
            check(SavedBench(engine, form));
        }
    }
}

ErrorKind kind_of_failure(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.kind;
    }
    FAIL("nothing was thrown");
    return {};
}

}  // namespace

TEST_CASE("contract: a saved state puts rows, schema and sequences back, and says what it did", "[contract]") {
    each_kind([](const SavedBench& b) {
        const StateSaveReport saved = b.save();
        CHECK(saved.state.kind == b.form.kind);
        CHECK(saved.state.place == b.place("state"));
        CHECK(saved.warnings.empty());
        b.states->verify(saved.state);
        const auto schema_before = b.bench.open()->schema_objects();
        b.change();
        const StateRestoreReport report = b.states->restore(saved.state, "");
        CHECK(report.way == RestoreWay::kDifferent);
        CHECK(report.written > 0);
        CHECK_FALSE(report.unit.empty());
        CHECK(b.bench.read("v") == "[7] 'a'\n");
        CHECK(b.bench.open()->schema_objects() == schema_before);
        CHECK(b.states->restore(saved.state, "").way == RestoreWay::kUnchanged);
        b.bench.database->run("INSERT INTO v (x) VALUES ('next')");
        CHECK(b.bench.read("v") == "[7] 'a'\n[8] 'next'\n");
    });
}

TEST_CASE("contract: a state counts the rows of the user's tables", "[contract]") {
    each_kind([](const SavedBench& b) {
        std::string counted;
        for (const StateTable& table : b.save().tables)
            append(counted, cat(table.name, "=", table.rows ? cat(*table.rows) : "?", " "));
        CHECK(counted == "v=1 w=1 ");
    });
}

TEST_CASE("contract: a state is a database that can be read while the other goes on", "[contract]") {
    each_kind([](const SavedBench& b) {
        const SavedState state = b.save().state;
        b.change();
        CHECK(b.read(state, "v") == "[7] 'a'\n");
        CHECK(b.states->open(state)->schema().labels() == std::vector<std::string>{"v", "w"});
        CHECK(b.bench.read("v") == "[7] 'changed'\n[8] 'b'\n");
    });
}

TEST_CASE("contract: a stamp saves the look at an untouched database, and holds for no other", "[contract]") {
    each_kind([](const SavedBench& b) {
        const StateSaveReport saved = b.save();
        if (saved.stamp.empty()) return;  // a file system that keeps no fine time
        CHECK(b.is_untouched(b.states->restore(saved.state, saved.stamp)));
        b.change();
        const StateRestoreReport report = b.states->restore(saved.state, saved.stamp);
        CHECK(report.way == RestoreWay::kDifferent);
        CHECK(b.bench.read("v") == "[7] 'a'\n");
        CHECK(b.is_untouched(b.states->restore(saved.state, report.stamp)));
    });
}

TEST_CASE("contract: a state is derived on a copy, and restored as any other", "[contract]") {
    each_kind([](const SavedBench& b) {
        const SavedState state = b.states->derive(b.place("derived"), [](Connection& copy) {
            copy.flush({{*copy.schema().find("v")}, true, {}});
        });
        CHECK(b.bench.read("v") == "[7] 'a'\n");
        CHECK(b.read(state, "v").empty());
        b.states->verify(state);
        CHECK(b.states->restore(state, "").way == RestoreWay::kDifferent);
        CHECK(b.bench.read("v").empty());
        CHECK(b.bench.read("w") == "[1] 'w'\n");
    });
}

TEST_CASE("contract: what cannot be derived leaves nothing", "[contract]") {
    each_kind([](const SavedBench& b) {
        const auto fail = [](Connection&) { throw Error(ErrorKind::kInput, "no"); };
        CHECK(kind_of_failure([&] { b.states->derive(b.place("derived"), fail); }) == ErrorKind::kInput);
        CHECK(b.files() == 0);
        b.states->derive(b.place("derived"), [](Connection&) {});  // the place is free
    });
}

TEST_CASE("contract: a state takes the present rows of tables that are kept", "[contract]") {
    each_kind([](const SavedBench& b) {
        const SavedState state = b.save().state;
        b.bench.database->run("INSERT INTO v (x) VALUES ('kept'); UPDATE w SET y = 'not kept'");
        const SavedState merged = b.states->merge(state, {"v"}, b.place("merged"));
        CHECK(b.read(merged, "v") == "[7] 'a'\n[8] 'kept'\n");
        CHECK(b.read(merged, "w") == "[1] 'w'\n");
        CHECK(b.read(state, "v") == "[7] 'a'\n");
        CHECK(kind_of_failure([&] { b.states->merge(state, {"none"}, b.place("other")); }) == ErrorKind::kNotFound);
    });
}

TEST_CASE("contract: the facts of a state are those of the database that it was made of", "[contract]") {
    each_kind([](const SavedBench& b) {
        const SavedState state = b.save().state;
        const StateFacts of_state = b.states->facts(state), of_database = b.states->facts();
        CHECK(of_state.settings == of_database.settings);
        CHECK(of_state.statistics == of_database.statistics);
        CHECK(of_state.stored == of_database.stored);
        CHECK(b.states->obstacles().empty());
        CHECK(b.states->obstacles(state).empty());
    });
}

TEST_CASE("contract: a state that is not as it was saved changes nothing", "[contract]") {
    each_kind([](const SavedBench& b) {
        const SavedState state = b.save().state;
        SavedBench::cut_short(state.place);
        b.change();
        CHECK(kind_of_failure([&] { b.states->verify(state); }) == ErrorKind::kInput);
        CHECK(kind_of_failure([&] { b.states->restore(state, ""); }) == ErrorKind::kInput);
        CHECK(b.bench.read("v") == "[7] 'changed'\n[8] 'b'\n");
    });
}

TEST_CASE("contract: a state that is discarded is gone, with nothing left of it", "[contract]") {
    each_kind([](const SavedBench& b) {
        const SavedState state = b.save().state;
        b.states->discard(state.place);
        b.states->discard(state.place);
        CHECK(b.files() == 0);
        CHECK(kind_of_failure([&] { b.states->verify(state); }) == ErrorKind::kNotFound);
        CHECK(kind_of_failure([&] { b.states->open(state); }) == ErrorKind::kNotFound);
        b.save();
    });
}

TEST_CASE("contract: states are saved as what differs from the one below, and each is restored", "[contract]") {
    each_kind([](const SavedBench& b) {
        b.fill();
        const std::string rows = b.bench.read("w");
        const SavedState first = b.save().state;
        b.change();
        const SavedState second = b.save_over(first, "second").state;
        b.bench.database->run("DELETE FROM v");
        if (b.keeps_schema()) b.bench.database->run("DROP TABLE scratch");
        const SavedState third = b.save_over(second, "third").state;
        CHECK(second.place == first.place);
        CHECK(second.over == std::vector<std::string>{b.place("second")});
        CHECK(third.place == first.place);
        CHECK(third.over == std::vector<std::string>{b.place("second"), b.place("third")});
        for (const SavedState& state : {first, second, third})
            b.states->verify(state);
        b.bench.database->run("DELETE FROM w");
        b.states->restore(second, "");
        CHECK(b.bench.read("v") == "[7] 'changed'\n[8] 'b'\n");
        if (b.keeps_schema()) CHECK(b.bench.read("scratch").empty());
        b.states->restore(third, "");
        CHECK(b.bench.read("v").empty());
        b.states->restore(first, "");
        CHECK(b.bench.read("v") == "[7] 'a'\n");
        CHECK(b.bench.read("w") == rows);
        CHECK(b.states->restore(first, "").way == RestoreWay::kUnchanged);
        b.states->discard(b.place("third"));
        b.states->verify(second);
    });
}

TEST_CASE("contract: where nothing differs, the difference is as good as the state below", "[contract]") {
    each_kind([](const SavedBench& b) {
        b.fill();
        const StateSaveReport saved = b.save();
        int number = 0;
        for (const std::string& stamp : {std::string(), saved.stamp}) {
            const SavedState same = b.save_over(saved.state, cat("same", ++number), stamp).state;
            CHECK(same.over.size() == 1);
            b.states->verify(same);
            b.change();
            CHECK(b.states->restore(same, "").way == RestoreWay::kDifferent);
            CHECK(b.bench.read("v") == "[7] 'a'\n");
            // A server's rows bear who wrote them: another state's restore has, and equal ones are put in again.
            const RestoreWay again = b.states->restore(saved.state, "").way;
            CHECK((again == RestoreWay::kUnchanged || (!b.keeps_file() && again == RestoreWay::kDifferent)));
            CHECK(b.bench.read("v") == "[7] 'a'\n");
        }
    });
}

TEST_CASE("contract: a stamp that no longer holds does not hide what differs", "[contract]") {
    each_kind([](const SavedBench& b) {
        b.fill();
        const StateSaveReport saved = b.save();
        b.change();
        const SavedState second = b.save_over(saved.state, "second", saved.stamp).state;
        b.states->restore(saved.state, "");
        b.states->restore(second, "");
        CHECK(b.bench.read("v") == "[7] 'changed'\n[8] 'b'\n");
    });
}

TEST_CASE("contract: where more than half differs, a state of its own is saved", "[contract]") {
    each_kind([](const SavedBench& b) {
        const SavedState first = b.save().state;
        b.fill();
        const SavedState second = b.save_over(first, "second").state;
        CHECK(second.place == b.place("second"));
        CHECK(second.over.empty());
        b.states->discard(first.place);
        b.states->verify(second);
        const std::string rows = b.bench.read("w");
        b.bench.database->run("DELETE FROM w");
        b.states->restore(second, "");
        CHECK(b.bench.read("w") == rows);
    });
}

TEST_CASE("contract: no difference is saved from a state that is not as it was saved", "[contract]") {
    each_kind([](const SavedBench& b) {
        b.fill();
        const SavedState first = b.save().state;
        b.change();
        SavedBench::cut_short(first.place);
        CHECK(kind_of_failure([&] { b.save_over(first, "second"); }) == ErrorKind::kInput);
        CHECK(b.files() == 1);
        b.states->discard(first.place);
        CHECK(kind_of_failure([&] { b.save_over(first, "second"); }) == ErrorKind::kNotFound);
        CHECK(b.files() == 0);
    });
}

TEST_CASE("contract: a restore that waits in vain for a writer is busy and changes nothing", "[contract]") {
    each_kind([](const SavedBench& b) {
        const SavedState state = b.save().state;
        b.change();
        {
            const auto lock = b.bench.database->hold_write_lock();
            CHECK(kind_of_failure([&] { b.states->restore(state, ""); }) == ErrorKind::kBusy);
        }
        CHECK(b.bench.read("v") == "[7] 'changed'\n[8] 'b'\n");
    });
}

TEST_CASE("contract: a restore of a whole database makes it where there is none", "[contract]") {
    each_kind([](const SavedBench& b) {
        const SavedState state = b.save().state;
        CHECK(b.states->exists());
        CHECK(b.states->has_content());
        b.bench.database->drop();
        CHECK_FALSE(b.states->exists());
        CHECK_FALSE(b.states->has_content());
        CHECK(kind_of_failure([&] { b.states->save(b.form.kind, b.place("other")); }) == ErrorKind::kNotFound);
        if (!b.keeps_schema()) {
            CHECK(kind_of_failure([&] { b.states->restore(state, ""); }) == ErrorKind::kNotFound);
            return;
        }
        CHECK(b.states->restore(state, "").way == RestoreWay::kWhole);
        CHECK(b.bench.read("v") == "[7] 'a'\n");
    });
}

TEST_CASE("contract: kinds of states have names of their own", "[contract]") {
    for (const StateKind kind : {StateKind::kImage, StateKind::kTemplate, StateKind::kCopy, StateKind::kSerialized})
        CHECK(find_state_kind(name_of(kind)) == kind);
    CHECK_FALSE(find_state_kind("images").has_value());
}

}  // namespace dbfixture
