// SPDX-License-Identifier: MIT
#include "report.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/cat.h"
#include "base/interrupt.h"
#include "base/io.h"
#include "base/text.h"
#include "progress.h"
#include "terminal.h"

namespace dbfixture {
namespace {

// False with errno set when not all could be written.
bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

constexpr std::size_t kMostCaptured = 16'000'000;

// Names in it may hold what a terminal would obey.
std::string shown(std::string_view text) {
    return printable(text, std::string::npos, true);
}

std::string_view name_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::kUsage:
            return "usage";
        case ErrorKind::kRefused:
            return "refused";
        case ErrorKind::kNotFound:
            return "not_found";
        case ErrorKind::kBusy:
            return "busy";
        case ErrorKind::kInput:
            return "input";
        case ErrorKind::kFailure:
            return "failure";
        case ErrorKind::kInterrupted:
            return "interrupted";
    }
    return "";
}

class ReportSink final : public ByteSink {
  public:
    explicit ReportSink(Report& report) : report_(report) {}
    void write(std::string_view bytes) override { report_.data(bytes); }
    void finish() override {}

  private:
    Report& report_;
};

void add_error(JsonText& json, const Error& error, int status, const Secrets& secrets) {
    json.key("error").begin_object();
    json.field("kind", name_of(error.kind)).field("status", status).field("message", secrets.hide(error.message));
    json.optional_field("detail", secrets.hide(error.detail)).optional_field("hint", secrets.hide(error.hint));
    const Where& where = error.where;
    json.optional_field("file", secrets.hide(where.file));
    if (where.line > 0) json.field("line", where.line);
    if (where.record > 0) json.field("record", where.record);
    json.optional_field("table", where.table).optional_field("key", where.key).optional_field("column", where.column);
    json.end_object();
}

}  // namespace

int exit_status(const Error& error) {
    const int signal = pending_interrupt();
    return error.kind == ErrorKind::kInterrupted && signal != 0 ? 128 + signal : static_cast<int>(error.kind);
}

JsonText Report::begin_document() const {
    JsonText document(captured_ != nullptr ? JsonText::Lines::kOne : JsonText::Lines::kMany);
    document.begin_object().key("command");
    if (command_.empty()) {
        document.null();
    } else {
        document.value(command_);
    }
    return document;
}

void Report::end_document(JsonText& document) {
    document.field("warnings", warnings_).end_object();
    (captured_ != nullptr ? captured_->document : out_) = document.finish();
    if (captured_ != nullptr) captured_->warnings = warnings_;
}

void Report::capture(std::string_view text) {
    if (captured_->output.size() + text.size() <= kMostCaptured) {
        captured_->output += text;
        return;
    }
    std::string().swap(captured_->output);
    throw Error(ErrorKind::kUsage,
                cat("the output is more than the ", kMostCaptured / 1'000'000, " MB that an answer of serve holds"))
        .with_hint("have it written to a file: dumpdata -o FILE, convert IN FILE");
}

void Report::data(std::string_view text) {
    if (captured_ != nullptr) return capture(text);
    if (json()) return;
    out_ += text;
    if (out_.size() > std::size_t{64} * 1024) flush();
}

bool Report::colors_data() const {
    return captured_ == nullptr && style_.color && takes_color(STDOUT_FILENO);
}

std::size_t Report::width_of_data() const {
    return captured_ == nullptr ? terminal_width(STDOUT_FILENO) : terminal_width(-1);
}

std::unique_ptr<ByteSink> Report::open_data() {
    if (captured_ == nullptr) return open_descriptor_sink(STDOUT_FILENO, "<stdout>");
    return std::make_unique<ReportSink>(*this);
}

void Report::line(std::string_view text) {
    if (verbosity() > 0) data(cat(shown(text), "\n"));
}

void Report::note(std::string_view text) {
    if (verbosity() > 0 && !gives_document()) to_stderr("", "", cat(shown(text), "\n"));
}

void Report::warning(std::string_view sentence) {
    if (verbosity() == 0) return;
    if (gives_document()) {
        warnings_.push_back(secrets_.hide(sentence));
    } else {
        to_stderr("warning:", "\x1b[1;33m", cat(shown(secrets_.hide(sentence)), "\n"));
    }
}

void Report::warnings(const std::vector<std::string>& sentences) {
    for (const std::string& sentence : sentences)
        warning(sentence);
}

void Report::result(const std::function<void(JsonText&)>& fill) {
    if (!gives_document()) return;
    JsonText document = begin_document();
    fill(document);
    end_document(document);
}

void Report::error(const Error& error) {
    if (!gives_document()) {
        to_stderr("error:", "\x1b[1;31m", secrets_.hide(format_error(error)));
        return;
    }
    JsonText document = begin_document();
    add_error(document, error, status_of(error), secrets_);
    end_document(document);
}

void Report::done_but(const Error& error) {
    if (captured_ != nullptr)
        return captured_->warnings.push_back(cat("done, but ", secrets_.hide(format_error(error))));
    to_stderr("warning:", "\x1b[1;33m", cat("done, but ", secrets_.hide(format_error(error))));
}

bool Report::shows_progress() const {
    if (captured_ != nullptr) return false;
    if (style_.progress != "auto") return style_.progress == "always";
    return verbosity() > 0 && !json() && ::isatty(STDERR_FILENO) == 1;
}

void Report::print(const std::function<void()>& action) {
    if (activity_ != nullptr) return activity_->print(action);
    action();
}

void Report::flush() {
    const std::string bytes = std::exchange(out_, {});
    if (bytes.empty()) return;
    int code = 0;
    print([&] { code = write_all(STDOUT_FILENO, bytes) ? 0 : errno; });
    if (code == 0) return;
    if (code == EPIPE) throw ClosedPipe();
    throw Error(ErrorKind::kFailure, "could not write to standard output").with_detail(std::strerror(code));
}

void Report::to_stderr(std::string_view label, std::string_view color, std::string_view text) {
    std::string out;
    if (!label.empty()) {
        const bool colored = style_.color && takes_color(STDERR_FILENO);
        out = cat("dbfixture: ", colored ? color : "", label, colored ? "\x1b[0m" : "", " ");
    }
    out += text;
    print([&] { write_all(STDERR_FILENO, out); });
}

}  // namespace dbfixture
