// SPDX-License-Identifier: MIT
#include "db/server_copy.h"

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "db/engine.h"

namespace dbfixture {
namespace {

constexpr std::string_view kStart = "dbfixture_";
constexpr std::size_t kRunSize = 16;

const ServerCopies& copies_of(const Location& database) {
    if (database.engine->server_copies != nullptr) return *database.engine->server_copies;
    throw Error(ErrorKind::kUsage, cat("there can be no throwaway copy of ", quote(database.shown, 200)));
}

class MadeCopy final : public ServerCopy {
  public:
    explicit MadeCopy(CopyParts parts) : parts_(std::move(parts)) {}

    ~MadeCopy() override {
        if (done_) return;
        const HoldInterrupts hold;
        try {
            drop();
        } catch (const Error&) {  // the next run does
        }
    }

    const Location& location() const override { return parts_.location; }
    const std::vector<std::string>& warnings() const override { return parts_.warnings; }

    void keep() override {
        CopyMark kept = parts_.mark;
        kept.kept = true;
        parts_.write_mark(kept);
        done_ = true;
    }

    void drop() override {
        parts_.drop();
        done_ = true;
    }

  private:
    CopyParts parts_;
    bool done_ = false;
};

}  // namespace

std::unique_ptr<ServerCopy> server_copy(CopyParts parts) {
    return std::make_unique<MadeCopy>(std::move(parts));
}

std::string server_copy_name(std::string_view original, std::string_view run) {
    constexpr std::size_t kMostOfName = 30;
    std::string out(kStart);
    for (const char c : original.substr(0, kMostOfName)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : plain ? c : '_';
    }
    return cat(out, "_", run);
}

std::optional<std::string> run_of_copy(std::string_view name) {
    if (!name.starts_with(kStart) || name.size() < kStart.size() + 1 + kRunSize) return std::nullopt;
    const std::string_view run = name.substr(name.size() - kRunSize);
    if (name[name.size() - kRunSize - 1] != '_' || run.find_first_not_of("0123456789abcdef") != std::string_view::npos)
        return std::nullopt;
    return std::string(run);
}

std::unique_ptr<ServerCopy> make_server_copy(const ServerCopyRequest& request) {
    return copies_of(request.original).make(request);
}

void fill_from_sql(const Location& copy, std::string_view sql, const std::string& sql_file) {
    copies_of(copy).fill(copy, sql, sql_file);
}

}  // namespace dbfixture
