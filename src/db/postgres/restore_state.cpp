// SPDX-License-Identifier: MIT
#include "db/postgres/restore_state.h"

#include <optional>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/restore_look.h"
#include "db/postgres/restore_notes.h"
#include "db/postgres/restore_stamp.h"
#include "db/postgres/restore_write.h"
#include "db/saved_reference.h"

namespace dbfixture::postgres {
namespace {

constexpr std::uint64_t kWorthAReader = std::uint64_t{16} << 20;  // bytes: to connect takes as long as to read these

// A copy, or a column of one, that is not there: the schema has been found to be the state's.
Error damaged(const PgError& error, const std::string& place) {
    return Error(ErrorKind::kInput, cat("the state ", quote(place, 200), " is damaged"))
        .with_detail(cat("Its copies are not as they were saved: ", error.diagnostics.message, "."))
        .with_hint("save it again");
}

StateRestoreReport restore_under_locks(Session& session, const SavedState& state, const std::string& object) {
    std::optional<ReaderBeside> beside;
    if (state.bytes >= kWorthAReader) beside.emplace(session.location());
    std::optional<Transaction> transaction;
    Look look = look_under_locks(session, state, object, transaction, beside ? &*beside : nullptr);
    StateRestoreReport report;
    report.way = look.dirty().empty() && look.sequences.empty() ? RestoreWay::kUnchanged : RestoreWay::kDifferent;
    report.warnings = what_is_not_restored(look);
    if (std::string note = who_holds_back(session, look); !note.empty()) report.notes.push_back(std::move(note));
    const RestoreWrite write = write_differences(session, look);
    report.written = write.rows;
    for (const std::string& statement : write.late)
        session.run(statement);
    report.stamp = take_stamp(session);
    transaction->commit();
    return report;
}

}  // namespace

StateRestoreReport restore_copy(SavedSession& saved, const SavedState& state, const std::string& stamp) {
    Session& session = saved.get();
    const std::string& topmost = state.over.empty() ? state.place : state.over.back();
    const std::string object = read_saved_reference(topmost).object;
    if (is_true(session, stamp, object)) {
        StateRestoreReport report;
        report.way = RestoreWay::kUntouched;
        report.stamp = stamp;
        return report;
    }
    try {
        return restore_under_locks(session, state, object);
    } catch (const PgError& error) {
        const std::string& code = error.diagnostics.sqlstate;
        if (!code.starts_with("42") || code == kInsufficientPrivilege) throw;
        throw damaged(error, topmost);
    }
}

}  // namespace dbfixture::postgres
