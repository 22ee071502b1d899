// SPDX-License-Identifier: MIT
#include "db/mariadb/value_text.h"

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"

namespace dbfixture::mariadb {
namespace {

// Takes the parts of a text off its front.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}
    bool at_end() const { return text_.empty(); }
    std::string_view rest() const { return text_; }
    bool take(std::string_view any_of) {
        const bool taken = !text_.empty() && any_of.find(text_[0]) != std::string_view::npos;
        if (taken) text_.remove_prefix(1);
        return taken;
    }
    // As many digits as allowed; false for fewer.
    bool number(std::size_t least, std::size_t most, unsigned& out) {
        const std::string_view found = digits(most);
        out = 0;
        for (const char c : found)
            out = out * 10 + static_cast<unsigned>(c - '0');
        return found.size() >= least;
    }
    std::string_view digits(std::size_t most) {
        std::size_t size = 0;
        while (size < most && size < text_.size() && text_[size] >= '0' && text_[size] <= '9')
            ++size;
        const std::string_view found = text_.substr(0, size);
        text_.remove_prefix(size);
        return found;
    }

  private:
    std::string_view text_;
};

bool scan_date(Scanner& in, Moment& out) {
    return in.number(4, 4, out.year) && in.take("-") && in.number(2, 2, out.month) && in.take("-") &&
           in.number(2, 2, out.day);
}

bool scan_time(Scanner& in, std::size_t hours, Moment& out, std::string_view& fraction) {
    if (!in.number(2, hours, out.hour) || !in.take(":") || !in.number(2, 2, out.minute)) return false;
    if (!in.take(":")) return true;
    if (!in.number(2, 2, out.second)) return false;
    if (!in.take(".")) return true;
    fraction = in.digits(30);
    return !fraction.empty();
}

// Seconds east of UTC.
bool scan_zone(Scanner& in, long& east) {
    if (in.take("Zz")) return true;
    const bool minus = in.rest().starts_with('-');
    unsigned hours = 0, minutes = 0;
    if (!in.take("+-") || !in.number(2, 2, hours)) return false;
    in.take(":");
    if (!in.at_end() && !in.number(2, 2, minutes)) return false;
    east = static_cast<long>(hours * 3600 + minutes * 60) * (minus ? -1 : 1);
    return hours < 16 && minutes < 60;
}

std::string_view name_of(ValueForm form) {
    return form == ValueForm::kDate ? "a date" : form == ValueForm::kTime ? "a time" : "a date and time";
}

[[noreturn]] void refuse(ValueForm form, std::string_view text) {
    throw Error(ErrorKind::kInput, cat(quote(text), " is not ", name_of(form)))
        .with_hint(form == ValueForm::kDate   ? "write it as 2024-12-31"
                   : form == ValueForm::kTime ? "write it as 23:59:59"
                                              : "write it as 2024-12-31 23:59:59");
}

// Days since 1970-01-01 in the proleptic calendar, and back (Howard Hinnant's civil_from_days).
long days_of(long year, unsigned month, unsigned day) {
    year -= month <= 2 ? 1 : 0;
    const long era = (year >= 0 ? year : year - 399) / 400;
    const auto of_era = static_cast<unsigned long>(year - era * 400);
    const unsigned long of_year = (153UL * (month + (month > 2 ? -3UL : 9UL)) + 2) / 5 + day - 1;
    return era * 146097 + static_cast<long>(of_era * 365 + of_era / 4 - of_era / 100 + of_year) - 719468;
}

void set_days(Moment& out, long days) {
    days += 719468;
    const long era = (days >= 0 ? days : days - 146096) / 146097;
    const auto of_era = static_cast<unsigned long>(days - era * 146097);
    const unsigned long year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const unsigned long of_year = of_era - (365 * year + year / 4 - year / 100);
    const unsigned long month = (5 * of_year + 2) / 153;
    out.day = static_cast<unsigned>(of_year - (153 * month + 2) / 5 + 1);
    out.month = static_cast<unsigned>(month < 10 ? month + 3 : month - 9);
    out.year = static_cast<unsigned>(static_cast<long>(year) + era * 400 + (out.month <= 2 ? 1 : 0));
}

void to_utc(Moment& out, long east) {
    const long seconds = days_of(out.year, out.month, out.day) * 86400 +
                         static_cast<long>(out.hour * 3600 + out.minute * 60 + out.second) - east;
    const long days = (seconds >= 0 ? seconds : seconds - 86399) / 86400;
    const auto left = static_cast<unsigned>(seconds - days * 86400);
    set_days(out, days);
    out.hour = left / 3600;
    out.minute = left / 60 % 60;
    out.second = left % 60;
}

// Behind them.
char* put_digits(char* to, unsigned number, int count) {
    for (int i = count; i-- > 0; number /= 10)
        to[i] = static_cast<char>('0' + number % 10);
    return to + count;
}

std::string_view without_zeros(std::string_view fraction) {
    while (fraction.ends_with('0'))
        fraction.remove_suffix(1);
    return fraction;
}

}  // namespace

std::string_view moment_text(ValueForm form, const Moment& moment, Arena& arena) {
    char* const out = arena.allocate(48);
    char* at = out;
    if (form != ValueForm::kTime) {
        at = put_digits(at, moment.year, 4);
        *at++ = '-';
        at = put_digits(at, moment.month, 2);
        *at++ = '-';
        at = put_digits(at, moment.day, 2);
    }
    const auto text = [&] { return std::string_view(out, static_cast<std::size_t>(at - out)); };
    if (form == ValueForm::kDate) return text();
    if (form != ValueForm::kTime) *at++ = ' ';
    if (moment.negative) *at++ = '-';
    at = put_digits(at, moment.hour, moment.hour > 99 ? 3 : 2);
    *at++ = ':';
    at = put_digits(at, moment.minute, 2);
    *at++ = ':';
    at = put_digits(at, moment.second, 2);
    if (moment.microsecond != 0) {
        *at++ = '.';
        at = put_digits(at, static_cast<unsigned>(moment.microsecond), 6);
        while (at[-1] == '0')
            --at;
    }
    // The zero of a moment is no moment, in no zone.
    if (form == ValueForm::kTimestamp && moment.month != 0) {
        *at++ = '+';
        at = put_digits(at, 0, 2);
    }
    return text();
}

std::string_view checked_moment(ValueForm form, std::string_view text, int digits, Arena& arena) {
    Scanner in(text);
    Moment moment;
    std::string_view fraction;
    long east = 0;
    bool good = true;
    if (form == ValueForm::kTime) {
        moment.negative = in.take("-");
        good = scan_time(in, 3, moment, fraction);
    } else {
        good = scan_date(in, moment);
        const bool more = good && !in.at_end();
        if (more && form == ValueForm::kDate) {
            // What other engines say of a date that is a time of midnight.
            good = in.rest() == " 00:00:00";
            in = Scanner("");
        } else if (more) {
            good = in.take(" T") && scan_time(in, 2, moment, fraction);
        }
        if (good && !in.at_end() && form == ValueForm::kTimestamp) good = scan_zone(in, east);
    }
    if (!good || !in.at_end() || moment.minute > 59 || moment.second > 59) refuse(form, text);
    fraction = without_zeros(fraction);
    if (fraction.size() > static_cast<std::size_t>(digits)) {
        throw Error(ErrorKind::kInput, cat(quote(text), " has more digits behind the point than the column keeps"))
            .with_hint(cat("the column keeps ", plural(static_cast<std::uint64_t>(digits), "digit"), " of a second"));
    }
    if (east != 0) to_utc(moment, east);
    std::string made(moment_text(form == ValueForm::kTimestamp ? ValueForm::kDateTime : form, moment, arena));
    if (!fraction.empty()) append(made, cat(".", fraction));
    return arena.copy(made);
}

}  // namespace dbfixture::mariadb
