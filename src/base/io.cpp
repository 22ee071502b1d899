// SPDX-License-Identifier: MIT
#include "base/io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/posix_file.h"
#include "base/text.h"

namespace dbfixture {
namespace {

class Descriptor {
  public:
    explicit Descriptor(int fd, bool owned = true) : fd_(fd), owned_(owned) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (owned_ && fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }
    // The status of close(2) counts: some file systems report a full disk only there.
    int close() { return ::close(std::exchange(fd_, -1)); }

  private:
    int fd_;
    bool owned_;
};

void write_all(int fd, std::string_view bytes, const std::string& name) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), std::min<std::size_t>(bytes.size(), std::size_t{1} << 30));
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EINTR) {
            check_interrupt();
        } else if (errno == EPIPE) {
            throw ClosedPipe{};
        } else {
            throw Error(ErrorKind::kFailure, cat("could not write ", quote(name, 200), ": ", system_words(errno)));
        }
    }
}

class MemorySource final : public ByteSource {
  public:
    explicit MemorySource(std::string bytes) : bytes_(std::move(bytes)) {}
    std::size_t read(char* to, std::size_t size) override {
        size = std::min(size, bytes_.size() - at_);
        std::memcpy(to, bytes_.data() + at_, size);
        at_ += size;
        return size;
    }

  private:
    std::string bytes_;
    std::size_t at_ = 0;
};

class DescriptorSource final : public ByteSource {
  public:
    DescriptorSource(int fd, bool owned, std::string name) : descriptor_(fd, owned), name_(std::move(name)) {}
    std::size_t read(char* to, std::size_t size) override {
        for (;;) {
            check_interrupt();
            const ssize_t got = ::read(descriptor_.get(), to, size);
            if (got >= 0) return static_cast<std::size_t>(got);
            if (errno == EINTR) continue;
            throw Error(ErrorKind::kFailure, cat("could not read ", quote(name_, 200), ": ", system_words(errno)));
        }
    }

  private:
    Descriptor descriptor_;
    std::string name_;
};

class MemorySink final : public ByteSink {
  public:
    explicit MemorySink(std::string& out) : out_(out) {}
    void write(std::string_view bytes) override { held_ += bytes; }
    void finish() override { out_ += std::exchange(held_, {}); }

  private:
    std::string& out_;
    std::string held_;
};

class DescriptorSink final : public ByteSink {
  public:
    DescriptorSink(int fd, bool owned, std::string name) : descriptor_(fd, owned), name_(std::move(name)) {}
    void write(std::string_view bytes) override {
        check_interrupt();
        write_all(descriptor_.get(), bytes, name_);
    }
    void finish() override {}

  private:
    Descriptor descriptor_;
    std::string name_;
};

// Writes beside the target and renames over it at the end.
class ReplacingSink final : public ByteSink {
  public:
    ReplacingSink(std::string target, std::string shown, std::string temporary, int fd, ReplaceCheck may_replace)
        : target_(std::move(target)),
          shown_(std::move(shown)),
          temporary_(std::move(temporary)),
          file_(fd),
          may_replace_(std::move(may_replace)) {}
    ReplacingSink(const ReplacingSink&) = delete;
    ReplacingSink& operator=(const ReplacingSink&) = delete;
    ~ReplacingSink() override {
        if (!temporary_.empty()) ::unlink(temporary_.c_str());
    }
    void write(std::string_view bytes) override {
        check_interrupt();
        write_all(file_.get(), bytes, shown_);
        written_ += bytes.size();
        if (written_ - begun_ >= kBeginAt) begin_to_save();
    }
    void finish() override {
        check_interrupt();
        if (::fsync(file_.get()) != 0 && errno != EINVAL && errno != EROFS) fail("could not write");
        if (file_.close() != 0) fail("could not write");
        if (may_replace_) may_replace_(target_);
        if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("could not replace");
        temporary_.clear();
        const std::string folder = std::filesystem::path(target_).parent_path().string();
        const Descriptor directory(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (directory.get() >= 0) ::fsync(directory.get());  // best effort: the rename itself has happened
    }

  private:
    static constexpr std::uint64_t kBeginAt = std::uint64_t{4} << 20;

    // So that the sync at the end has little left to wait for. It is that sync which finds errors.
    void begin_to_save() {
#ifdef SYNC_FILE_RANGE_WRITE
        ::sync_file_range(file_.get(), static_cast<off_t>(begun_), static_cast<off_t>(written_ - begun_),
                          SYNC_FILE_RANGE_WRITE);
#endif
        begun_ = written_;
    }
    [[noreturn]] void fail(std::string_view what) const {
        throw Error(ErrorKind::kFailure, cat(what, " ", quote(shown_, 200), ": ", system_words(errno)));
    }

    std::string target_, shown_, temporary_;
    Descriptor file_;
    std::uint64_t written_ = 0;
    std::uint64_t begun_ = 0;  // up to here the system has been told to write
    ReplaceCheck may_replace_;
};

// Gives a new file, so far open to its owner alone, what the old one had. Only root can keep another user's ownership.
bool take_over(int fd, const struct stat& old) {
    struct stat now = {};
    if (::fstat(fd, &now) != 0) return false;
    mode_t mode = old.st_mode & 07777;
    if (now.st_uid != old.st_uid && ::fchown(fd, old.st_uid, static_cast<gid_t>(-1)) != 0) mode &= ~mode_t{06000};
    if (now.st_gid != old.st_gid && ::fchown(fd, static_cast<uid_t>(-1), old.st_gid) != 0) {
        mode &= ~mode_t{06000};
        mode = (mode & ~mode_t{070}) | (mode & ((mode & 07) << 3));
    }
    return ::fchmod(fd, mode) == 0;
}

}  // namespace

std::string follow_links(const std::string& path) {
    std::filesystem::path at = path;
    for (int i = 0; i < 40; ++i) {
        std::error_code code;
        if (!std::filesystem::is_symlink(std::filesystem::symlink_status(at, code))) return at.string();
        const auto to = std::filesystem::read_symlink(at, code);
        if (code) return at.string();
        at = to.is_absolute() ? to : at.parent_path() / to;
    }
    throw Error(ErrorKind::kFailure, cat("could not write ", quote(path, 200), ": too many levels of symbolic links"));
}

std::unique_ptr<ByteSource> open_memory_source(std::string bytes) {
    return std::make_unique<MemorySource>(std::move(bytes));
}

std::unique_ptr<ByteSource> open_file_source(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        const ErrorKind kind = errno == ENOENT || errno == ENOTDIR ? ErrorKind::kNotFound : ErrorKind::kFailure;
        throw Error(kind, cat("could not open ", quote(path, 200), ": ", system_words(errno)));
    }
    auto source = std::make_unique<DescriptorSource>(fd, true, path);
    struct stat facts = {};
    if (::fstat(fd, &facts) == 0 && S_ISDIR(facts.st_mode)) {
        throw Error(ErrorKind::kInput, cat(quote(path, 200), " is a folder, not a file"));
    }
    return source;
}

std::string read_small_file(const std::string& path) {
    constexpr std::size_t kReadAtMost = (std::size_t{1} << 20) + 1;
    const std::unique_ptr<ByteSource> source = open_file_source(path);
    std::string text;
    char buffer[16 * 1024];
    while (text.size() < kReadAtMost) {
        const std::size_t count = source->read(buffer, sizeof buffer);
        if (count == 0) break;
        text.append(buffer, count);
    }
    return text;
}

std::unique_ptr<ByteSource> open_descriptor_source(int fd, std::string name) {
    return std::make_unique<DescriptorSource>(fd, false, std::move(name));
}

std::unique_ptr<ByteSink> open_memory_sink(std::string& out) {
    return std::make_unique<MemorySink>(out);
}

std::unique_ptr<ByteSink> open_descriptor_sink(int fd, std::string name) {
    return std::make_unique<DescriptorSink>(fd, false, std::move(name));
}

std::unique_ptr<ByteSink> open_file_sink(const std::string& path, ReplaceCheck may_replace) {
    const auto fail = [&](std::string_view why) {
        throw Error(ErrorKind::kFailure, cat("could not write ", quote(path, 200), ": ", why));
    };
    struct stat old = {};
    const bool exists = ::stat(path.c_str(), &old) == 0;
    if (exists && S_ISDIR(old.st_mode)) fail("it is a folder");
    if (exists && !S_ISREG(old.st_mode)) {  // by the name as given: /dev/stdout leads to a pipe that has no other
        const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
        if (fd < 0) fail(system_words(errno));
        return std::make_unique<DescriptorSink>(fd, true, path);
    }
    const std::string target = follow_links(path);
    if (may_replace) may_replace(target);
    // A file that the user may not write must not be replaced by way of its folder.
    if (exists && ::access(target.c_str(), W_OK) != 0) fail(system_words(errno));
    for (int attempt = 0;; ++attempt) {
        const std::string temporary = cat(target, ".", ::getpid(), ".", attempt, ".tmp");
        const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
        const int fd = ::open(temporary.c_str(), flags, exists ? 0600 : 0666);
        if (fd < 0 && errno == EEXIST && attempt < 100) continue;
        if (fd < 0) fail(system_words(errno));
        auto sink = std::make_unique<ReplacingSink>(target, path, temporary, fd, std::move(may_replace));
        if (exists && !take_over(fd, old)) fail(system_words(errno));
        return sink;
    }
}

}  // namespace dbfixture
