// SPDX-License-Identifier: MIT
// The only code that prints. Results go to stdout; everything else goes to stderr. With --json stdout gets exactly one
// document, which also carries the warnings or the error, and stderr stays empty.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/io.h"
#include "fixture/json/document.h"
#include "secrets.h"

namespace dbfixture {

class Activity;

struct ReportStyle {
    int verbosity = 1;  // 0 prints errors and asked-for data only
    bool json = false;
    bool color = true;  // still only on a terminal
    std::string progress = "auto";
};

// What a command says, kept in memory in place of being printed: both the text and the document, nothing of stderr.
struct Captured {
    std::string output;    // what goes to stdout without --json
    std::string document;  // what goes there with it, on one line
    std::vector<std::string> warnings;
};

// The status that the process ends with, by the kind of the error.
int exit_status(const Error& error);

class Report {
  public:
    Report() = default;
    // Prints nothing; `captured` is complete once the command has ended, and must outlive the report.
    explicit Report(Captured& captured) : captured_(&captured) {}

    void set_style(ReportStyle style) { style_ = std::move(style); }
    // Whose passwords no error and no warning shows.
    void set_secrets(Secrets secrets) { secrets_ = std::move(secrets); }
    // The name that --json documents carry.
    void set_command(std::string_view name) { command_ = name; }

    // Whether stdout gets a document in place of text.
    bool json() const { return style_.json && captured_ == nullptr; }
    // Whether anybody asks for what result() is given.
    bool gives_document() const { return style_.json || captured_ != nullptr; }
    int verbosity() const { return style_.verbosity; }
    // As if --json had been given.
    void give_document() { style_.json = true; }

    // What was asked for (help, a listing): stdout whatever the verbosity. Nothing with --json.
    // Throws kUsage for more than an answer of serve holds.
    void data(std::string_view text);
    // Whether it may hold colours, and how wide a line of it is to be.
    bool colors_data() const;
    std::size_t width_of_data() const;
    // The same for much of it, which is not buffered.
    std::unique_ptr<ByteSink> open_data();
    // One line that says what was done: stdout. Nothing with -q or --json.
    void line(std::string_view text);
    // One line about the work for commands whose stdout is data: stderr. Nothing with -q or --json.
    void note(std::string_view text);
    // A complete sentence without a full stop: stderr, or the `warnings` of the document. Nothing with -q.
    void warning(std::string_view sentence);
    void warnings(const std::vector<std::string>& sentences);
    // With --json: the document {"command": ..., what `fill` adds, "warnings": [...]}. Otherwise nothing.
    void result(const std::function<void(JsonText&)>& fill);
    // DESIGN 4's form on stderr, or with --json a document with the same facts on stdout.
    void error(const Error& error);

    bool shows_progress() const;
    // What is going on and shows how far it is (progress.h); nullptr: nothing does.
    Activity* activity() const { return activity_; }
    void set_activity(Activity* activity) { activity_ = activity; }

    // What the command was to change has been changed for good: nothing that follows may call it failed.
    void set_done() { done_ = true; }
    bool is_done() const { return done_; }
    // "done, but ...", on stderr whatever the style: what could not be said, or tidied up, after set_done().
    void done_but(const Error& error);

    // What errors end the program with, whatever their kind; 0 for what exit_status() says.
    void set_failure_status(int status) { failure_status_ = status; }
    int status_of(const Error& error) const { return failure_status_ != 0 ? failure_status_ : exit_status(error); }

    // Writes out what is buffered. Throws ClosedPipe, or Error(kFailure) when stdout cannot be written.
    void flush();

  private:
    JsonText begin_document() const;
    void end_document(JsonText& document);
    void capture(std::string_view text);
    void to_stderr(std::string_view label, std::string_view color, std::string_view text);
    // Prints what is given, beside the line of an activity.
    void print(const std::function<void()>& action);

    Captured* captured_ = nullptr;
    ReportStyle style_;
    Secrets secrets_;
    std::string command_;
    std::string out_;
    std::vector<std::string> warnings_;
    Activity* activity_ = nullptr;
    bool done_ = false;
    int failure_status_ = 0;
};

}  // namespace dbfixture
