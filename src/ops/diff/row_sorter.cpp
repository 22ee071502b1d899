// SPDX-License-Identifier: MIT
#include "ops/diff/row_sorter.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <numeric>

#include "base/cat.h"
#include "base/error.h"
#include "base/posix_file.h"
#include "model/packed.h"

namespace dbfixture {
namespace {

constexpr std::size_t kHead = 2 * sizeof(std::uint64_t) + sizeof(Origin);

[[noreturn]] void fail(std::string_view verb, int code) {
    throw Error(ErrorKind::kFailure, cat("could not ", verb, " a temporary file: ", system_words(code)));
}

StreamedRow unpack_streamed(std::string_view bytes) {
    const auto key = unpack<std::uint64_t>(bytes), row = unpack<std::uint64_t>(bytes);
    const auto origin = unpack<Origin>(bytes);
    return {bytes.substr(0, key), bytes.substr(key, row), origin};
}

}  // namespace

void RowSorter::add(const StreamedRow& row) {
    if (!places_.empty() && in_order_) in_order_ = row_at(places_.size() - 1).key <= row.key;
    places_.push_back(bytes_.size());
    pack(bytes_, static_cast<std::uint64_t>(row.key.size()));
    pack(bytes_, static_cast<std::uint64_t>(row.row.size()));
    pack(bytes_, row.origin);
    bytes_.append(row.key);
    bytes_.append(row.row);
    ++rows_;
    if (bytes_.size() + places_.size() * sizeof(places_[0]) >= memory_) spill();
}

void RowSorter::release() {
    spill();
    std::string().swap(bytes_);
    std::vector<std::size_t>().swap(places_);
}

StreamedRow RowSorter::row_at(std::size_t place) const {
    return unpack_streamed(std::string_view(bytes_).substr(places_[place]));
}

void RowSorter::sort() {
    if (in_order_) return;
    std::stable_sort(places_.begin(), places_.end(), [this](std::size_t a, std::size_t b) {
        const std::string_view all = bytes_;
        return unpack_streamed(all.substr(a)).key < unpack_streamed(all.substr(b)).key;
    });
    in_order_ = true;
}

void RowSorter::spill() {
    if (places_.empty()) return;
    const bool as_they_are = in_order_;
    sort();
    if (!file_) {
        file_.reset(std::tmpfile());
        if (!file_) fail("make", errno);
    }
    const auto put = [this](std::string_view bytes) {
        if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) fail("write", errno);
        written_ += bytes.size();
    };
    const bool goes_on = !runs_.empty() && last_key_ <= row_at(0).key;
    if (!goes_on) runs_.push_back({written_, written_});
    last_key_ = row_at(places_.size() - 1).key;
    if (as_they_are) {
        put(bytes_);
    } else {
        for (std::size_t i = 0; i < places_.size(); ++i) {
            const StreamedRow row = row_at(i);
            put(std::string_view(bytes_).substr(places_[i], kHead + row.key.size() + row.row.size()));
        }
    }
    runs_.back().end = written_;
    bytes_.clear();
    places_.clear();
    in_order_ = true;
}

class RowSorter::MemoryRows final : public RowStream {
  public:
    explicit MemoryRows(const RowSorter& sorter) : sorter_(sorter) {}
    bool next(StreamedRow& row) override {
        if (at_ == sorter_.places_.size()) return false;
        row = sorter_.row_at(at_++);
        return true;
    }

  private:
    const RowSorter& sorter_;
    std::size_t at_ = 0;
};

namespace {

// A run, a piece at a time.
class RunReader {
  public:
    RunReader(int descriptor, std::uint64_t begin, std::uint64_t end, std::size_t piece)
        : descriptor_(descriptor), at_(begin), end_(end), piece_(piece) {}

    bool next() {
        bytes_.remove_prefix(size_);
        if (bytes_.empty() && at_ == end_) return false;
        need(kHead);
        std::string_view head = bytes_;
        const auto key = unpack<std::uint64_t>(head), body = unpack<std::uint64_t>(head);
        size_ = kHead + key + body;
        need(size_);
        row = unpack_streamed(bytes_);
        return true;
    }
    StreamedRow row;

  private:
    // Has at least `size` bytes in memory.
    void need(std::size_t size) {
        if (bytes_.size() >= size) return;
        std::string more(bytes_);
        const std::size_t wanted =
            static_cast<std::size_t>(std::min<std::uint64_t>(std::max(piece_, size - more.size()), end_ - at_));
        std::size_t have = more.size();
        more.resize(have + wanted);
        const std::size_t full = more.size();
        while (have < full) {
            const ssize_t count = ::pread(descriptor_, more.data() + have, full - have, static_cast<off_t>(at_));
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) fail("read", count < 0 ? errno : EIO);
            have += static_cast<std::size_t>(count);
            at_ += static_cast<std::uint64_t>(count);
        }
        buffer_.swap(more);
        bytes_ = buffer_;
    }

    int descriptor_;
    std::uint64_t at_, end_;
    std::size_t piece_;
    std::string buffer_;
    std::string_view bytes_;
    std::size_t size_ = 0;  // of the present row
};

}  // namespace

class RowSorter::MergedRuns final : public RowStream {
  public:
    MergedRuns(std::FILE* file, const std::vector<Run>& runs) {
        const std::size_t piece = std::clamp(2 * kMemory / runs.size(), std::size_t{4} * 1024, std::size_t{256} * 1024);
        for (const Run& run : runs) {
            readers_.push_back(std::make_unique<RunReader>(::fileno(file), run.begin, run.end, piece));
        }
    }
    bool next(StreamedRow& row) override {
        if (!started_) {
            started_ = true;
            for (std::size_t i = 0; i < readers_.size(); ++i) {
                if (readers_[i]->next()) heap_.push_back(i);
            }
            std::make_heap(heap_.begin(), heap_.end(), later());
        } else if (!heap_.empty()) {
            const std::size_t first = heap_.back();  // where the last call put it
            if (readers_[first]->next()) {
                std::push_heap(heap_.begin(), heap_.end(), later());
            } else {
                heap_.pop_back();
            }
        }
        if (heap_.empty()) return false;
        std::pop_heap(heap_.begin(), heap_.end(), later());
        row = readers_[heap_.back()]->row;
        return true;
    }

  private:
    std::function<bool(std::size_t, std::size_t)> later() const {
        return [this](std::size_t a, std::size_t b) {
            const int order = readers_[a]->row.key.compare(readers_[b]->row.key);
            return order != 0 ? order > 0 : a > b;
        };
    }
    std::vector<std::unique_ptr<RunReader>> readers_;
    std::vector<std::size_t> heap_;
    bool started_ = false;
};

std::unique_ptr<RowStream> RowSorter::read() {
    if (runs_.empty()) {
        sort();
        return std::make_unique<MemoryRows>(*this);
    }
    release();
    if (std::fflush(file_.get()) != 0) fail("write", errno);
    return std::make_unique<MergedRuns>(file_.get(), runs_);
}

}  // namespace dbfixture
