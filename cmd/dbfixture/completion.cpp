// SPDX-License-Identifier: MIT
// completion: the script for a shell.
#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "commands.h"
#include "completion_scripts.h"
#include "options.h"
#include "session.h"

namespace dbfixture {
namespace {

constexpr auto kHelpText =
    "The script asks dbfixture itself what may follow: commands, options and their values,\n"
    "tables, apps, fixtures, snapshots, layers, aliases of the config. It reads the database\n"
    "that the command line names, waits for no lock, and asks no other machine. A package of\n"
    "dbfixture brings the scripts along; without one, put them where the shell looks.\n\n"
    "Examples:\n"
    "  source <(dbfixture completion bash)\n"
    "  dbfixture completion bash >~/.local/share/bash-completion/completions/dbfixture\n"
    "  dbfixture completion zsh >~/.zfunc/_dbfixture\n"
    "  dbfixture completion fish >~/.config/fish/completions/dbfixture.fish";

int run_completion(Session& session) {
    const std::string& shell = session.arguments("bash|zsh|fish", 1, 1)[0];
    const std::string_view script = completion_script(shell);
    if (script.empty()) {
        throw Error(ErrorKind::kUsage, cat("there is no script for ", quote(shell)))
            .with_hint("there is one for bash, zsh and fish");
    }
    session.report.data(script);
    session.report.result([&](JsonText& json) { json.field("shell", shell).field("script", script); });
    return 0;
}

}  // namespace

Action attach_completion(CLI::App& app) {
    add_help_text(app, kHelpText);
    return run_completion;
}

}  // namespace dbfixture
