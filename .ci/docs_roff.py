"""Markdown to a man page (man(7)): what docs/manual and README use of it. Headings, paragraphs, lists, "term" and ": what it is" on the
next line, code, tables (as such lists), and in lines `code`, **strong**, *name*, [links](of which only the text stays)."""
import re
import textwrap


def escape(text):
    return text.replace("\\", "\\e")


def literal(text):
    """Characters that a terminal would else show as others."""
    text = escape(text)
    for char, name in [("-", "\\-"), ("'", "\\(aq"), ("`", "\\(ga"), ("^", "\\(ha"), ("~", "\\(ti")]:
        text = text.replace(char, name)
    return text


def guarded(line):
    """A line that would begin as a request."""
    return "\\&" + line if line.startswith((".", "'")) else line


def without_links(text):
    text = re.sub(r"\s*\(\[[^\]]*\]\([^)]*#[^)]*\)\)", "", text)  # all that is in brackets
    text = re.sub(r",?\s*\[(above|below)\]\([^)]*#[^)]*\)", "", text)
    text = re.sub(r"\[Guards\]\([^)]*#guards\)", "GUARDS in **dbfixture**(1)", text)
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)


def inline(text):
    out = []
    for part in re.split(r"(``.*?``|`[^`]*`|\*\*.+?\*\*|\*[^*\s][^*]*\*)", without_links(text)):
        if part.startswith("`"):
            out.append(f"\\fB{literal(part.strip('`'))}\\fR")
        elif part.startswith("**"):
            out.append(f"\\fB{literal(part[2:-2])}\\fR")
        elif part.startswith("*") and part.endswith("*") and len(part) > 2:
            out.append(f"\\fI{literal(part[1:-1])}\\fR")
        else:
            out.append(escape(part).replace(" --", " \\-\\-").replace("---", "\\(em"))
    return "".join(out)


def filled(lines):
    """Source lines are sentences where that can be told, as mdoc's people want it."""
    text = inline(" ".join(line.strip() for line in lines))
    parts = re.split(r"(?<=[a-z0-9)R][.?:;])\s+(?=[A-Z(\\\"])", text)
    lines = [line for part in parts for line in textwrap.wrap(part, 79, break_long_words=False, break_on_hyphens=False)]
    return "\n".join(guarded(line) for line in lines)


class Writer:
    def __init__(self):
        self.out = []
        self.after_heading = True

    def add(self, *lines):
        self.out += lines
        self.after_heading = False

    def heading(self, level, text):
        text = literal(text.upper() if level == 2 else text)
        self.out.append(f".SH {text}" if level == 2 else f".SS {text}")
        self.after_heading = True

    def paragraph(self, lines):
        if not self.after_heading:
            self.add(".PP")
        self.add(filled(lines))

    def code(self, lines):
        while lines and not lines[-1].strip():
            lines.pop()
        if not self.after_heading:
            self.add(".PP")
        self.add(".nf", ".RS 4", *[guarded(literal(line)) for line in lines], ".RE", ".fi")

    def item(self, mark, lines):
        self.add(f".IP {mark} 3", filled(lines))

    def term(self, term, lines):
        self.add(".TP", inline(term), filled(lines))

    def table(self, rows):
        for row in rows:
            cells = [cell.replace("\\|", "|").strip() for cell in re.split(r"(?<!\\)\|", row.strip()[1:-1])]
            self.term(cells[0], [": ".join(cell for cell in cells[1:] if cell)])


def take(lines, at, matches):
    end = at
    while end < len(lines) and matches(lines[end]):
        end += 1
    return lines[at:end], end


def convert(markdown):
    writer = Writer()
    lines = [line for line in markdown.split("\n") if not re.match(r"<!--.*-->$", line)]
    at = 0
    while at < len(lines):
        line = lines[at]
        heading = re.match(r"(#+) (.*)", line)
        bullet = re.match(r"(\*|\d+\.) +(.*)", line)
        if not line.strip():
            at += 1
        elif heading:
            writer.heading(min(len(heading.group(1)), 3), heading.group(2))
            at += 1
        elif line.startswith("```"):
            block, at = take(lines, at + 1, lambda one: not one.startswith("```"))
            at += 1
            writer.code(block)
        elif line.startswith("    "):
            block, at = take(lines, at, lambda one: one.startswith("    ") or not one.strip())
            writer.code([one[4:] for one in block])
        elif line.startswith("|"):
            rows, at = take(lines, at, lambda one: one.startswith("|"))
            writer.table(rows[2:])
        elif bullet:
            more, at = take(lines, at + 1, lambda one: one.startswith("  ") and one.strip())
            writer.item("\\(bu" if bullet.group(1) == "*" else bullet.group(1), [bullet.group(2)] + more)
        elif at + 1 < len(lines) and lines[at + 1].startswith(": "):
            more, end = take(lines, at + 2, lambda one: one.startswith("  ") and one.strip())
            writer.term(line, [lines[at + 1][2:]] + more)
            at = end
        else:
            block, at = take(lines, at, lambda one: one.strip() and not re.match(r"(\* |\d+\. |#|```|\|)", one))
            writer.paragraph(block)
    return writer.out


def to_roff(name, number, date, markdown):
    first = [".\\\" Made by `make docs`.", f".TH {literal(name.upper())} {number} {date} dbfixture \"dbfixture manual\"",
             ".nh", ".ad l"]
    return "\n".join(first + convert(markdown)) + "\n"
