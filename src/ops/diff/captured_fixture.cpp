// SPDX-License-Identifier: MIT
#include "ops/diff/captured_fixture.h"

#include "ops/diff/capture_session.h"
#include "ops/diff/expectation.h"
#include "ops/diff/lookup_overlay.h"

namespace dbfixture {

CapturedFixture::CapturedFixture(Connection& connection, const Layout& layout, const CaptureRequest& request)
    : tables_(connection.schema().tables.size()) {
    BindOptions options;
    options.apps = layout.apps(request.apps);
    options.comparing = true;
    options.excluded = request.excluded;
    for (const FixtureInput& input : request.fixtures) {
        files_.push_back(input.name);
        options.text_only.push_back(input.format->text_only);
    }
    options.files = files_;
    ExpectationBinder binder(connection.schema(), layout, std::move(options));
    LookupOverlay overlay(connection, tables_);
    CaptureSession session(connection, binder, request, files_, tables_);
    const auto settler = layout.make_settler(overlay, session, {files_, {}, {}});
    bind_fixtures(
        request.fixtures, true, [&](const Record& record, RowBatch& batch) { binder.bind(record, batch); },
        [&](const RowBatch& batch) { settler->write(batch); });
    overlay.complete();
    settler->finish();
    records_ = binder.counts().bound;
    warnings_ = binder.warnings();
}

}  // namespace dbfixture
