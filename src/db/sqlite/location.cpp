// SPDX-License-Identifier: MIT
#include "db/sqlite/location.h"

#include <sys/stat.h>

#include <filesystem>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"

namespace dbfixture::sqlite {
namespace {

bool exists(const std::string& path) {
    struct stat facts = {};
    return ::stat(path.c_str(), &facts) == 0;
}

std::string percent_decode(std::string_view text) {
    const auto digit = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
    };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
            out.push_back(static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])));
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

Location memory() {
    return {nullptr, ":memory:", ":memory:", {}};
}

Location locate_uri(std::string_view url) {
    std::string_view path = url.substr(5);
    const std::string_view query = path.find('?') == std::string_view::npos ? "" : path.substr(path.find('?') + 1);
    path = path.substr(0, path.find_first_of("?#"));
    if (path.starts_with("//")) {
        const std::size_t slash = path.find('/', 2);
        path = slash == std::string_view::npos ? "" : path.substr(slash);
    }
    const std::string file = percent_decode(path);
    if (file.empty() || file == ":memory:" || query.find("mode=memory") != std::string_view::npos)
        return {nullptr, std::string(url), ":memory:", {}};
    return {nullptr, std::string(url), file, file};
}

// Drivers add "?mode=rwc" and the like, and some encode: the file that exists as written wins.
Location file_location(std::string_view written) {
    if (written.starts_with("file:")) return locate_uri(written);  // sqlite:///file:x?uri=true
    std::string path(written);
    if (path.empty() || path.starts_with(":memory:")) return memory();
    if (!exists(path)) path = path.substr(0, path.find('?'));
    if (path.empty()) return memory();
    if (!exists(path) && exists(percent_decode(path))) path = percent_decode(path);
    return locate_file(path);
}

void refuse_ambiguous(std::string_view url, const Location& relative, const Location& absolute) {
    if (in_memory(relative) || !exists(relative.file) || !exists(absolute.file)) return;
    throw Error(ErrorKind::kUsage, cat("database URL ", quote(url, 200), " is ambiguous"))
        .with_detail(cat("Both ", quote(relative.file, 200), " and ", quote(absolute.file, 200), " exist."))
        .with_hint(cat("write sqlite:", relative.file, " or sqlite:", absolute.file));
}

std::string in_folder(const std::string& folder, std::string_view path) {
    return (std::filesystem::path(folder) / path).string();
}

bool stays(std::string_view path) {
    return path.empty() || path[0] == '/' || path[0] == '?' || path.starts_with(":memory:");
}

Location locate_url(std::string_view url, std::string_view rest) {
    if (!rest.starts_with("//")) return file_location(rest);
    rest.remove_prefix(2);
    if (!rest.starts_with("/")) return file_location(rest);
    const Location relative = file_location(rest.substr(1));
    if (!rest.starts_with("//")) refuse_ambiguous(url, relative, file_location(rest));
    return relative;  // with four slashes: what follows the third is an absolute path
}

std::string relocate_uri(std::string_view uri, const std::string& folder) {
    const std::string_view path = uri.substr(5);
    if (stays(path)) return std::string(uri);
    return cat("file:", uri_path(folder), folder.empty() || folder.ends_with('/') ? "" : "/", path);
}

std::string relocate_url(std::string_view url, std::string_view rest, const std::string& folder) {
    std::string_view path = rest;
    if (path.starts_with("//")) path.remove_prefix(path.starts_with("///") ? 3 : 2);
    if (stays(path)) return std::string(url);
    if (path.starts_with("file:")) return relocate_uri(path, folder);
    const std::string moved = in_folder(folder, path);
    if (rest.starts_with("///")) refuse_ambiguous(url, file_location(moved), file_location(rest.substr(2)));
    return cat("sqlite:", moved);
}

}  // namespace

std::string uri_path(std::string_view path) {
    std::string out;
    for (const char c : path)
        out += c == '%' ? "%25" : c == '?' ? "%3f" : c == '#' ? "%23" : std::string(1, c);
    return out;
}

Location locate_file(const std::string& path) {
    const bool plain = !path.starts_with("file:") && !path.starts_with(':');
    return {nullptr, plain ? path : cat("./", path), path, path};
}

Location locate_nowhere(const std::string& shown) {
    return {nullptr, {}, shown, {}};
}

Location locate(const UrlParts& url) {
    if (url.scheme == "file") return locate_uri(cat("file:", url.rest));
    if (!url.scheme.empty()) return locate_url(url.url, url.rest);
    return url.rest == ":memory:" ? memory() : locate_file(std::string(url.rest));
}

std::string relocate(const UrlParts& url, const std::string& folder) {
    if (url.scheme == "file") return relocate_uri(cat("file:", url.rest), folder);
    if (!url.scheme.empty()) return relocate_url(url.url, url.rest, folder);
    return stays(url.rest) ? std::string(url.rest) : in_folder(folder, url.rest);
}

}  // namespace dbfixture::sqlite
