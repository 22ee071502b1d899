// SPDX-License-Identifier: MIT
// One table of a state that is put back (restore_state.h), and the statements that find and write what differs of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "db/postgres/reader_beside.h"
#include "db/postgres/saved_manifest.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {

struct RestoreTable {
    const SavedTable* saved = nullptr;

    // What is known of the table and of its rows: since it was saved, or since our last restore of it. Rows are the
    // state's whose transaction is older than `base` or among `own`, unless the table is another one.
    Oid oid = 0;
    std::string columns;
    std::uint64_t base = 0;
    std::vector<std::uint64_t> own;
    bool believed = true;
    std::string sum;        // of the rows, where one was kept (restore_sums.h)
    bool as_saved = false;  // the sum is still that: nothing else need be known
    bool unsorted = false;  // it is another one: some row differs, which one is told by deleting what is newer

    // What was found: all its rows, those that are the state's, and where the others are, unless these are many.
    std::uint64_t total = 0, same = 0;
    std::vector<std::string> changed;
    bool dirty() const { return unsorted || total != same || same != saved->rows; }

    // For writing: the columns that take values, quoted, and the parts of the key; no key where rows cannot be told
    // apart, which all go and come again then.
    struct KeyPart {
        std::string column;  // quoted
        bool as_text = false;
        bool whole = false;  // whole numbers
    };
    std::vector<std::string> into;
    std::vector<KeyPart> key;
    // Rows that are there with other values are put back by the keys of those that were deleted: to look for what is
    // missing takes ten times as long in a large table.
    bool asks_for_keys() const;
    // Of many rows, with a copy of its own and a key that is one whole number.
    bool is_large() const;
    // SQL, for FROM, with conditions behind it: the rows of the copy, alias c, that are ours.
    std::string copied() const;
};

class CopyPlaces;

// Whether rows whose transaction is older can be told from newer ones by their 32 bits, before the transaction `next`.
bool is_near(std::uint64_t transaction, std::uint64_t next);

// The number of a transaction as rows bear it.
std::string short_number(std::uint64_t transaction);

// SQL: number, all rows, those that are not the state's, where up to kMostPlaces of these are.
std::string count_rows(const RestoreTable& table);
inline constexpr std::uint64_t kMostPlaces = 1000;
// SQL, for two sessions at once: where up to kMostPlaces rows and one more are that are not the state's; all rows.
std::string changed_rows(const RestoreTable& table);
std::string all_rows(const RestoreTable& table);
// SQL: the same by comparing whole rows with their copies; of a table without key, all or none are the state's.
std::string compare_rows(const RestoreTable& table);
// From either.
void take_counts(RestoreTable& table, const Result& found, int row);
// From changed_rows() and all_rows(). False where it takes count_rows().
bool take_changed(RestoreTable& table, const Result& changed, const Result& all);

// SQL; "" where there is nothing to do. Returns the keys of what it deletes where asks_for_keys() says so.
std::string delete_rows(const RestoreTable& table);
// SQL: of the state's rows, those of the keys that delete_rows() returned; with `places`, perhaps not all of them.
std::string insert_rows_of_keys(const RestoreTable& table, const CopyPlaces* places, const Result& keys);
// Puts in what is missing of a large table, of up to kMostPlaces rows, and says how many rows that were.
std::uint64_t insert_by_kinds(Session& session, const RestoreTable& table, const CopyPlaces* places);
// The same, but perhaps not all of it.
std::uint64_t insert_between_places(Session& session, const RestoreTable& table, const CopyPlaces& places,
                                    ReaderBeside& beside);
// SQL: puts in what is missing; "" where nothing is.
std::string insert_missing(const RestoreTable& table);

// `table.into` and `table.key` for all of these.
void read_columns_to_write(Session& session, const std::vector<RestoreTable*>& tables);

}  // namespace dbfixture::postgres
