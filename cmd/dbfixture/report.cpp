// SPDX-License-Identifier: MIT
#include "report.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/cat.h"
#include "base/interrupt.h"
#include "base/io.h"
#include "base/text.h"

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

constexpr std::size_t kLongestProgress = 200;

// Names in it may hold what a terminal would obey.
std::string shown(std::string_view text) {
    return printable(text, std::string::npos, true);
}

bool is_set(const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

bool terminal_takes_color() {
    const char* term = std::getenv("TERM");
    return ::isatty(STDERR_FILENO) == 1 && !is_set("NO_COLOR") && (term == nullptr || std::strcmp(term, "dumb") != 0);
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

void add_error(JsonText& json, const Error& error, int status) {
    json.key("error").begin_object();
    json.field("kind", name_of(error.kind)).field("status", status).field("message", error.message);
    json.optional_field("detail", error.detail).optional_field("hint", error.hint);
    const Where& where = error.where;
    json.optional_field("file", where.file);
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

void Report::begin_document(JsonText& document) const {
    document.begin_object().key("command");
    if (command_.empty()) {
        document.null();
    } else {
        document.value(command_);
    }
}

void Report::data(std::string_view text) {
    if (json()) return;
    out_ += text;
    if (out_.size() > std::size_t{64} * 1024) flush();
}

void Report::line(std::string_view text) {
    if (verbosity() > 0) data(cat(shown(text), "\n"));
}

void Report::note(std::string_view text) {
    if (verbosity() > 0 && !json()) to_stderr("", "", cat(shown(text), "\n"));
}

void Report::warning(std::string_view sentence) {
    if (verbosity() == 0) return;
    if (json()) {
        warnings_.emplace_back(sentence);
    } else {
        to_stderr("warning:", "\x1b[1;33m", cat(shown(sentence), "\n"));
    }
}

void Report::warnings(const std::vector<std::string>& sentences) {
    for (const std::string& sentence : sentences)
        warning(sentence);
}

void Report::result(const std::function<void(JsonText&)>& fill) {
    if (!json()) return;
    JsonText document;
    begin_document(document);
    fill(document);
    document.field("warnings", warnings_).end_object();
    out_ += document.finish();
}

void Report::error(const Error& error) {
    if (!json()) {
        to_stderr("error:", "\x1b[1;31m", format_error(error));
        return;
    }
    out_.clear();  // one document only
    JsonText document;
    begin_document(document);
    add_error(document, error, status_of(error));
    document.field("warnings", warnings_).end_object();
    out_ += document.finish();
}

void Report::done_but(const Error& error) {
    to_stderr("warning:", "\x1b[1;33m", cat("done, but ", format_error(error)));
}

bool Report::shows_progress() const {
    if (style_.progress != "auto") return style_.progress == "always";
    return verbosity() > 0 && !json() && ::isatty(STDERR_FILENO) == 1;
}

void Report::progress(std::string_view text) {
    if (!shows_progress()) return;
    write_all(STDERR_FILENO, cat("\r\x1b[K", printable(text, kLongestProgress)));
    progress_shown_ = true;
}

void Report::clear_progress() {
    if (std::exchange(progress_shown_, false)) write_all(STDERR_FILENO, "\r\x1b[K");
}

void Report::flush() {
    clear_progress();
    const std::string bytes = std::exchange(out_, {});
    if (bytes.empty() || write_all(STDOUT_FILENO, bytes)) return;
    const int code = errno;
    if (code == EPIPE) throw ClosedPipe();
    throw Error(ErrorKind::kFailure, "could not write to standard output").with_detail(std::strerror(code));
}

void Report::to_stderr(std::string_view label, std::string_view color, std::string_view text) {
    clear_progress();
    std::string out;
    if (!label.empty()) {
        const bool colored = style_.color && terminal_takes_color();
        out = cat("dbfixture: ", colored ? color : "", label, colored ? "\x1b[0m" : "", " ");
    }
    write_all(STDERR_FILENO, out + std::string(text));
}

}  // namespace dbfixture
