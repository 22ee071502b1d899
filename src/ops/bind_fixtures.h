// SPDX-License-Identifier: MIT
// Reading fixtures and binding their records on a second thread, while the caller's thread does something with the
// rows.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/io.h"
#include "fixture/format.h"
#include "layout/row_batch.h"

namespace dbfixture {

struct FixtureInput {
    std::string name;  // for errors: the path as found, "<stdin>"
    const Format* format = nullptr;
    std::function<std::unique_ptr<ByteSource>()> open;
    bool reopens = true;  // open() gives the same bytes again; not of a pipe
};

// Calls `bind` for every record, on the other thread (in the caller's where none is to be had), with the batch that it
// appends rows to; and `write` for each batch, in order, in the caller's thread. `placeholders`:
// ReadOptions::placeholders. Throws what any of them throws; of a fault in the fixture, after the rows before it were
// written.
void bind_fixtures(std::span<const FixtureInput> fixtures, bool placeholders,
                   const std::function<void(const Record& record, RowBatch& batch)>& bind,
                   const std::function<void(const RowBatch& batch)>& write);

}  // namespace dbfixture
