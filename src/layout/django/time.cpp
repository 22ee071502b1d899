// SPDX-License-Identifier: MIT
#include "layout/django/time.h"

#include <array>
#include <charconv>
#include <limits>

#include "base/cat.h"

namespace dbfixture {
namespace {

struct Date {
    int year = 0, month = 0, day = 0;
};
struct Time {
    int hour = 0, minute = 0, second = 0, micro = 0;
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_leap(int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_in_month(int year, int month) {
    constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

bool is_valid(const Date& d) {
    return d.year >= 1 && d.year <= 9999 && d.month >= 1 && d.month <= 12 && d.day >= 1 &&
           d.day <= days_in_month(d.year, d.month);
}

bool is_valid(const Time& t) {
    return t.hour <= 23 && t.minute <= 59 && t.second <= 59;
}

// Days since 1970-01-01 (H. Hinnant, https://howardhinnant.github.io/date_algorithms.html).
std::int64_t days_of(const Date& d) {
    const int y = d.month <= 2 ? d.year - 1 : d.year;
    const int era = (y >= 0 ? y : y - 399) / 400;
    const int of_era = y - era * 400;
    const int of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    return std::int64_t{era} * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

Date date_of(std::int64_t days) {
    days += 719468;
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const auto of_era = static_cast<int>(days - era * 146097);
    const int year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int shifted = (5 * of_year + 2) / 153;
    const int month = shifted + (shifted < 10 ? 3 : -9);
    return {static_cast<int>(era * 400) + year_of_era + (month <= 2 ? 1 : 0), month,
            of_year - (153 * shifted + 2) / 5 + 1};
}

// Reads a text from its front.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    bool number(int& out, std::size_t least, std::size_t most) {
        std::size_t digits = 0;
        out = 0;
        while (digits < most && digits < text_.size() && is_digit(text_[digits]))
            out = out * 10 + (text_[digits++] - '0');
        if (digits < least) return false;
        text_.remove_prefix(digits);
        return true;
    }
    bool one_of(std::string_view chars) {
        if (text_.empty() || chars.find(text_.front()) == std::string_view::npos) return false;
        text_.remove_prefix(1);
        return true;
    }
    // Up to six digits, and more that are cut off.
    bool fraction(int& micro) {
        const std::size_t before = text_.size();
        if (!number(micro, 1, 6)) return false;
        for (std::size_t digits = before - text_.size(); digits < 6; ++digits)
            micro *= 10;
        while (!text_.empty() && is_digit(text_.front()))
            text_.remove_prefix(1);
        return true;
    }
    void spaces() {
        while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\t'))
            text_.remove_prefix(1);
    }
    bool at_end() const { return text_.empty(); }
    std::size_t left() const { return text_.size(); }
    std::string_view rest() const { return text_; }

  private:
    std::string_view text_;
};

// 2006-W24-5
std::optional<Date> week_date(std::string_view text) {
    Scanner in(text);
    int year = 0, week = 0, day = 1;
    if (!in.number(year, 4, 4)) return std::nullopt;
    const bool dashes = in.one_of("-");
    if (!in.one_of("W") || !in.number(week, 2, 2)) return std::nullopt;
    if (!in.at_end() && ((dashes && !in.one_of("-")) || !in.number(day, 1, 1))) return std::nullopt;
    if (!in.at_end() || week < 1 || week > 53 || day < 1 || day > 7 || year < 1) return std::nullopt;
    const std::int64_t fourth = days_of({year, 1, 4});
    const std::int64_t weekday = ((fourth + 3) % 7 + 7) % 7;  // Monday is 0
    const Date found = date_of(fourth - weekday + (week - 1) * 7 + day - 1);
    const std::int64_t next_fourth = days_of({year + 1, 1, 4});
    if (days_of(found) >= next_fourth - ((next_fourth + 3) % 7 + 7) % 7) return std::nullopt;
    return found;
}

bool scan_date(Scanner& in, Date& date) {
    return in.number(date.year, 4, 4) && in.one_of("-") && in.number(date.month, 1, 2) && in.one_of("-") &&
           in.number(date.day, 1, 2);
}

// HH:MM[:SS[.ffffff]]
bool scan_time(Scanner& in, Time& time) {
    if (!in.number(time.hour, 1, 2) || !in.one_of(":") || !in.number(time.minute, 1, 2)) return false;
    if (!in.one_of(":")) return true;
    if (!in.number(time.second, 1, 2)) return false;
    return !in.one_of(".,") || in.fraction(time.micro);
}

// Z, +HH, +HHMM, +HH:MM; minutes east. False if there is something else.
bool scan_offset(Scanner& in, std::optional<int>& offset) {
    in.spaces();
    if (in.at_end()) return true;
    if (in.one_of("Zz")) {
        offset = 0;
        return in.at_end();
    }
    const bool west = in.one_of("-");
    if (!west && !in.one_of("+")) return false;
    int hours = 0, minutes = 0;
    if (!in.number(hours, 2, 2)) return false;
    const bool colon = in.one_of(":");
    if ((colon || !in.at_end()) && !in.number(minutes, 2, 2)) return false;
    if (hours > 23 || minutes > 59) return false;
    offset = (west ? -1 : 1) * (hours * 60 + minutes);
    return in.at_end();
}

// With zeros in front up to `width`; never negative.
void append_digits(std::string& out, int number, std::size_t width) {
    const std::size_t begin = out.size();
    out.append(width, '0');
    for (std::size_t at = begin + width; at > begin; number /= 10)
        out[--at] = static_cast<char>('0' + number % 10);
}

std::string stored(const Date& d) {
    std::string text;
    append_digits(text, d.year, 4);
    append_digits(text += '-', d.month, 2);
    append_digits(text += '-', d.day, 2);
    return text;
}

std::string stored(const Time& t) {
    std::string text;
    append_digits(text, t.hour, 2);
    append_digits(text += ':', t.minute, 2);
    append_digits(text += ':', t.second, 2);
    if (t.micro != 0) append_digits(text += '.', t.micro, 6);
    return text;
}

std::optional<Date> date_from(std::string_view text) {
    Scanner in(text);
    Date date;
    if (scan_date(in, date) && in.at_end()) return is_valid(date) ? std::optional(date) : std::nullopt;
    if (text.size() == 8 && text.find_first_not_of("0123456789") == std::string_view::npos) {
        Scanner compact(text);
        compact.number(date.year, 4, 4);
        compact.number(date.month, 2, 2);
        compact.number(date.day, 2, 2);
        return is_valid(date) ? std::optional(date) : std::nullopt;
    }
    return week_date(text);
}

bool two_digits(const char* at, int& out) {
    if (!is_digit(at[0]) || !is_digit(at[1])) return false;
    out = (at[0] - '0') * 10 + (at[1] - '0');
    return true;
}

}  // namespace

bool is_stored_date(std::string_view text) noexcept {
    Date d;
    int century = 0, year = 0;
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    if (!two_digits(text.data(), century) || !two_digits(text.data() + 2, year)) return false;
    if (!two_digits(text.data() + 5, d.month) || !two_digits(text.data() + 8, d.day)) return false;
    d.year = century * 100 + year;
    return is_valid(d);
}

bool is_stored_time(std::string_view text) noexcept {
    Time t;
    if ((text.size() != 8 && text.size() != 15) || text[2] != ':' || text[5] != ':') return false;
    if (!two_digits(text.data(), t.hour) || !two_digits(text.data() + 3, t.minute) ||
        !two_digits(text.data() + 6, t.second) || !is_valid(t)) {
        return false;
    }
    if (text.size() == 8) return true;
    const std::string_view fraction = text.substr(9);
    return text[8] == '.' && fraction != "000000" && fraction.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_stored_datetime(std::string_view text) noexcept {
    return text.size() > 11 && text[10] == ' ' && is_stored_date(text.substr(0, 10)) && is_stored_time(text.substr(11));
}

std::optional<std::string> complete_fraction(std::string_view text) {
    const std::size_t dot = text.rfind('.');
    if (dot == std::string_view::npos || dot + 1 == text.size() || text.size() - dot - 1 > 5) return std::nullopt;
    const std::string_view fraction = text.substr(dot + 1);
    if (fraction.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    std::string out(text.substr(0, dot));
    if (fraction.find_first_not_of('0') == std::string_view::npos) return out;
    out += text.substr(dot);
    return out.append(6 - fraction.size(), '0');
}

std::optional<std::string> parse_date(std::string_view text) {
    const auto date = date_from(text);
    return date ? std::optional(stored(*date)) : std::nullopt;
}

std::optional<std::string> parse_time(std::string_view text) {
    Scanner in(text);
    Time time;
    std::optional<int> dropped;
    if (!scan_time(in, time)) return std::nullopt;
    if (!scan_offset(in, dropped) || !is_valid(time)) return std::nullopt;
    return stored(time);
}

std::optional<ParsedDateTime> parse_datetime(std::string_view text) {
    if (const auto date = date_from(text)) return ParsedDateTime{stored(*date) + " 00:00:00", false};
    Scanner in(text);
    Date date;
    Time time;
    std::optional<int> offset;
    if (!scan_date(in, date) || !in.one_of("Tt ")) return std::nullopt;
    if (!scan_time(in, time) || !scan_offset(in, offset) || !is_valid(date) || !is_valid(time)) return std::nullopt;
    if (offset.value_or(0) != 0) {
        const std::int64_t minutes = days_of(date) * 1440 + time.hour * 60 + time.minute - *offset;
        const std::int64_t days = (minutes >= 0 ? minutes : minutes - 1439) / 1440;
        const auto of_day = static_cast<int>(minutes - days * 1440);
        date = date_of(days);
        time.hour = of_day / 60;
        time.minute = of_day % 60;
        if (!is_valid(date)) return std::nullopt;
    }
    return ParsedDateTime{stored(date) + " " + stored(time), offset.has_value()};
}

namespace {

constexpr std::int64_t kMicro = 1'000'000;

// Adds `count` units; false beyond 64 bits.
bool add(std::int64_t& sum, std::int64_t count, std::int64_t unit) {
    std::int64_t product = 0;
    return !__builtin_mul_overflow(count, unit, &product) && !__builtin_add_overflow(sum, product, &sum);
}

bool long_number(std::string_view& text, std::int64_t& out) {
    const auto [rest, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (problem != std::errc() || text.empty() || !is_digit(text.front())) return false;
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    return true;
}

// "1.5", "1,5" or "1" of a unit.
bool number_of_units(std::string_view& text, std::int64_t unit, std::int64_t& sum) {
    std::int64_t whole = 0;
    if (!long_number(text, whole) || !add(sum, whole, unit)) return false;
    if (text.empty() || (text[0] != '.' && text[0] != ',')) return true;
    text.remove_prefix(1);
    std::int64_t scale = unit;
    bool any = false;
    for (; !text.empty() && is_digit(text[0]); text.remove_prefix(1), any = true) {
        scale /= 10;
        if (!add(sum, text[0] - '0', scale)) return false;
    }
    return any;
}

// P1DT2H3M4.5S, P1W
std::optional<std::int64_t> iso_duration(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (!text.starts_with('P')) return std::nullopt;
    text.remove_prefix(1);
    struct Unit {
        char letter;
        bool time;
        std::int64_t micros;
    };
    constexpr std::array kUnits = {Unit{'W', false, 604800 * kMicro}, Unit{'D', false, 86400 * kMicro},
                                   Unit{'H', true, 3600 * kMicro}, Unit{'M', true, 60 * kMicro},
                                   Unit{'S', true, kMicro}};
    bool in_time = false, any = false;
    std::size_t next = 0;
    std::int64_t sum = 0;
    while (!text.empty()) {
        if (text[0] == 'T' && !in_time) {
            in_time = true;
            text.remove_prefix(1);
            continue;
        }
        std::string_view digits = text;
        std::int64_t ignored = 0;
        if (!number_of_units(digits, kMicro, ignored) || digits.empty()) return std::nullopt;
        std::size_t unit = next;
        while (unit < kUnits.size() && (kUnits[unit].letter != digits[0] || kUnits[unit].time != in_time))
            ++unit;
        if (unit == kUnits.size() || !number_of_units(text, kUnits[unit].micros, sum)) return std::nullopt;
        text.remove_prefix(1);
        next = unit + 1;
        any = true;
    }
    if (!any) return std::nullopt;
    return negative ? -sum : sum;
}

}  // namespace

// [-][D [day[s], ]][-][[HH:]MM:]SS[.ffffff], and PostgreSQL's "3 days 04:05:06"; "90" is 90 seconds.
std::optional<std::int64_t> parse_duration(std::string_view text) {
    if (const auto iso = iso_duration(text)) return iso;
    std::int64_t sum = 0, days = 0;
    std::string_view rest = text;
    const bool negative_days = rest.starts_with('-');
    if (negative_days) rest.remove_prefix(1);
    std::string_view after = rest;
    std::int64_t number = 0;
    bool has_days = false;
    if (long_number(after, number) && !after.empty() && after[0] == ' ') {
        has_days = true;
        days = negative_days ? -number : number;
        after.remove_prefix(1);
        if (after.starts_with("day")) after.remove_prefix(after.starts_with("days") ? 4 : 3);
        if (after.starts_with(",")) after.remove_prefix(1);
        while (after.starts_with(' '))
            after.remove_prefix(1);
        rest = after;
        if (rest.empty()) return add(sum, days, 86400 * kMicro) ? std::optional(sum) : std::nullopt;
    }
    bool negative = !has_days && negative_days;
    if (has_days && (rest.starts_with('-') || rest.starts_with('+'))) {
        negative = rest[0] == '-';
        rest.remove_prefix(1);
    }
    std::array<std::int64_t, 3> parts{};
    std::size_t count = 0;
    while (true) {
        if (!long_number(rest, parts[count])) return std::nullopt;
        ++count;
        if (!rest.starts_with(':') || count == parts.size()) break;
        rest.remove_prefix(1);
    }
    int micro = 0;
    if (rest.starts_with('.') || rest.starts_with(',')) {
        Scanner in(rest.substr(1));
        if (!in.fraction(micro)) return std::nullopt;
        rest = in.rest();
    }
    if (!rest.empty()) return std::nullopt;
    for (std::size_t i = 0; i < count; ++i) {
        constexpr std::array<std::int64_t, 3> kUnits = {kMicro, 60 * kMicro, 3600 * kMicro};
        if (!add(sum, parts[i], kUnits[count - 1 - i])) return std::nullopt;
    }
    if (!add(sum, micro, 1)) return std::nullopt;
    if (negative) sum = -sum;
    return add(sum, days, 86400 * kMicro) ? std::optional(sum) : std::nullopt;
}

void append_duration(std::string& out, std::int64_t microseconds) {
    constexpr std::int64_t kDay = 86400 * kMicro;
    std::int64_t days = microseconds / kDay;
    std::int64_t rest = microseconds % kDay;
    if (rest < 0) {
        rest += kDay;
        --days;
    }
    const auto seconds = static_cast<int>(rest / kMicro);
    if (days != 0) out += cat(days, " ");
    out += stored(Time{seconds / 3600, seconds / 60 % 60, seconds % 60, static_cast<int>(rest % kMicro)});
}

}  // namespace dbfixture
