// SPDX-License-Identifier: MIT
// Bytes in and bytes out, as the readers, writers and codecs see them. Files, pipes, compressors and memory are behind
// these two; a codec is a source that pulls from a source, or a sink that pushes into a sink.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace dbfixture {

class ByteSource {
  public:
    virtual ~ByteSource() = default;
    // Puts up to `size` (at least 1) bytes at `to` and returns how many; 0 only at the end. Throws Error (kFailure,
    // with the file's name) when reading fails, and kInterrupted once a signal has come.
    virtual std::size_t read(char* to, std::size_t size) = 0;
};

class ByteSink {
  public:
    virtual ~ByteSink() = default;
    // Takes all of `bytes`, or throws Error (kFailure). Callers buffer: expect one call per 64 KiB, not per token.
    virtual void write(std::string_view bytes) = 0;
    // Call once after the last write: flushes what a codec holds back and makes the output final. A sink that is
    // destroyed without finish() leaves nothing behind (a file: the old file stays).
    virtual void finish() = 0;
};

std::unique_ptr<ByteSource> open_memory_source(std::string bytes);
// Throws Error: kNotFound if there is no such file, kInput for a folder, kFailure otherwise.
std::unique_ptr<ByteSource> open_file_source(const std::string& path);
// A file of settings, whole; throws as open_file_source() does. Of one that is larger than a megabyte just enough is
// read to see that.
std::string read_small_file(const std::string& path);
// Standard input; `fd` is not closed.
std::unique_ptr<ByteSource> open_descriptor_source(int fd, std::string name);

// The finished bytes are appended to `out`, which must outlive the sink.
std::unique_ptr<ByteSink> open_memory_sink(std::string& out);

// The path that a chain of symbolic links leads to, which need not exist. Throws kFailure for links in a circle.
std::string follow_links(const std::string& path);

// A regular file (existing or new) is written under a temporary name beside the target, synced and renamed over it on
// finish(), through symbolic links; a device or a pipe is written directly. An old file's mode stays, and its owner and
// group where that is allowed; where the group cannot be kept, the group gets no more than others have. The temporary
// file is never open to more people than the old one. It is removed by the destructor and by SIGINT/SIGTERM
// (base/interrupt.h). `may_replace` is called with the path that all links lead to, before anything is written and
// again before the rename, and throws if that file has to stay.
using ReplaceCheck = std::function<void(const std::string& target)>;
std::unique_ptr<ByteSink> open_file_sink(const std::string& path, ReplaceCheck may_replace = {});

// Standard output. A closed pipe (EPIPE) throws ClosedPipe, which is not an error.
std::unique_ptr<ByteSink> open_descriptor_sink(int fd, std::string name);

// The reader of our output has gone (`| head`). The program ends quietly with status 0.
struct ClosedPipe : std::exception {};

}  // namespace dbfixture
