#include "dsl/format_document.hpp"

#include <algorithm>

#include "runtime/base/utf8.hpp"

namespace weir::dsl {
namespace {

constexpr std::size_t step = 2;
constexpr std::size_t endless = 1'000'000; ///< characters of what is no single line

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

/// Characters on the last line of `text`.
std::size_t last_line(std::string_view text) {
  const auto line = text.rfind('\n');
  return characters(line == std::string_view::npos ? text : text.substr(line + 1));
}

std::size_t bounded(std::size_t width) { return std::min(width, endless); }

std::size_t width_of(const std::string& text) {
  return text.find('\n') != std::string::npos ? endless : characters(text);
}

document of(layout kind, std::vector<document> parts) {
  document d;
  d.kind = kind;
  d.parts = std::move(parts);
  return d;
}

document around(layout kind, document part) {
  std::vector<document> parts;
  parts.push_back(std::move(part));
  return of(kind, std::move(parts));
}

} // namespace

document token_of(std::size_t place) {
  document d = of(layout::token, {});
  d.token = place;
  return d;
}
document break_of() { return of(layout::brk, {}); }
document hard_break() { return of(layout::hard, {}); }
document concat(std::vector<document> parts) { return of(layout::concat, std::move(parts)); }
document group(document part, bool broken) {
  auto d = around(layout::group, std::move(part));
  d.broken = broken;
  return d;
}
document nest(document part) { return around(layout::nest, std::move(part)); }
document align(document part) { return around(layout::align, std::move(part)); }
document fill(std::vector<document> parts) { return of(layout::fill, std::move(parts)); }

void line_writer::measure(document& d) const {
  if (d.kind == layout::token) {
    const auto& p = all_[d.token];
    d.first = d.token;
    d.empty = false;
    d.flat = (p.gap ? 1 : 0) + width_of(p.text);
    for (const auto& c : p.behind) d.flat += 1 + width_of(c);
    d.flat = d.head = bounded(d.flat);
    d.comment_first = !p.before.empty();
    d.comment_last = !p.line_comment.empty();
    return;
  }
  d.head_ends = d.kind == layout::brk || d.kind == layout::hard;
  d.lines_inside = d.kind == layout::hard || d.broken;
  for (auto& part : d.parts) {
    measure(part);
    d.lines_inside = d.lines_inside || part.lines_inside;
    d.flat = bounded(d.flat + part.flat);
    if (!d.head_ends) {
      d.head = bounded(d.head + part.head);
      d.head_ends = part.head_ends || (d.kind == layout::fill && &part != &d.parts.back());
    }
    if (part.empty) continue;
    if (d.empty) {
      d.first = part.first;
      d.comment_first = part.comment_first;
    } else {
      d.lines_inside = d.lines_inside || d.comment_last || part.comment_first;
    }
    d.comment_last = part.comment_last;
    d.empty = false;
  }
}

bool line_writer::fits(document& what, std::size_t more) {
  measure(what);
  return !what.lines_inside && column_ + what.flat + more <= limit;
}

void line_writer::print(const document& d, std::size_t indent, bool flat, std::size_t behind) {
  switch (d.kind) {
    case layout::token: put(d.token, indent); return;
    case layout::brk:
      if (!flat) end_line(indent);
      return;
    case layout::hard: end_line(indent); return;
    case layout::concat: print_parts(d, indent, flat, behind); return;
    case layout::fill: print_fill(d, indent, flat, behind); return;
    case layout::nest: print(d.parts.front(), indent + step, flat, behind); return;
    case layout::group:
      if (!flat) flat = !d.lines_inside && column_before(d, indent) + d.flat + behind <= limit;
      print(d.parts.front(), indent, flat, behind);
      return;
    case layout::align: {
      if (d.empty) return;
      if (must_end_ || (d.comment_first && !at_begin_)) end_line(indent + step);
      const auto column = at_begin_ ? indent_ : column_ + (all_[d.first].gap ? 1 : 0);
      print(d.parts.front(), column, flat, behind);
      return;
    }
  }
}

void line_writer::print_parts(const document& d, std::size_t indent, bool flat, std::size_t behind) {
  std::vector<std::size_t> behinds(d.parts.size());
  for (std::size_t i = d.parts.size(); i-- > 0;) {
    behinds[i] = behind;
    behind = d.parts[i].head_ends ? d.parts[i].head : bounded(d.parts[i].head + behind);
  }
  for (std::size_t i = 0; i < d.parts.size(); ++i) print(d.parts[i], indent, flat, behinds[i]);
}

void line_writer::print_fill(const document& d, std::size_t indent, bool flat, std::size_t behind) {
  for (std::size_t i = 0; i < d.parts.size(); ++i) {
    const auto& part = d.parts[i];
    const auto more = i + 1 == d.parts.size() ? behind : 0;
    const auto one_line = [&] { return !part.lines_inside && column_before(part, indent) + part.flat + more <= limit; };
    if (i > 0 && !flat && !one_line()) end_line(indent);
    print(part, indent, flat || one_line(), more);
  }
}

/// Where it would begin: a comment may have ended the line already.
std::size_t line_writer::column_before(const document& d, std::size_t indent) const {
  return must_end_ || (d.comment_first && !at_begin_) ? indent : column_;
}

void line_writer::add(const std::string& text) {
  if (at_begin_) {
    now_.code.append(indent_, ' ');
    column_ = indent_;
    at_begin_ = false;
  }
  now_.code += text;
  column_ = text.find('\n') == std::string::npos ? column_ + characters(text) : last_line(text);
}

/// Characters of the token and of those that stand close behind it.
std::size_t line_writer::close_width(std::size_t place) const {
  std::size_t width = width_of(all_[place].text);
  for (std::size_t i = place + 1; i < all_.size() && !all_[i].gap && all_[i - 1].text != "(" && width < limit; ++i)
    width += width_of(all_[i].text);
  return bounded(width);
}

void line_writer::put_comment_lines(const std::vector<comment_line>& comments, std::size_t indent) {
  for (std::size_t i = 0; i < comments.size(); ++i) {
    if (i > 0 && statement_begins_ && comments[i].blank_before) lines_.push_back({});
    add(comments[i].text);
    must_end_ = true;
    end_line(indent);
  }
}

void line_writer::put(std::size_t place, std::size_t indent) {
  const auto& p = all_[place];
  if (must_end_ || (!p.before.empty() && !at_begin_)) end_line(indent);
  put_comment_lines(p.before, at_begin_ ? indent_ : indent);
  if (statement_begins_ && !p.before.empty() && p.blank_before) lines_.push_back({});
  statement_begins_ = false;
  const bool may_end = !at_begin_ && (p.gap || all_[place - 1].text == "(");
  if (may_end && column_ > indent + step && column_ + (p.gap ? 1 : 0) + close_width(place) > limit)
    end_line(indent + step);
  if (!at_begin_ && p.gap) add(" ");
  add(p.text);
  for (const auto& c : p.behind) add(' ' + c);
  now_.comment = p.line_comment;
  must_end_ = !p.line_comment.empty();
}

void line_writer::end_line(std::size_t indent) {
  if (!at_begin_) lines_.push_back(std::move(now_));
  now_ = {};
  at_begin_ = true;
  must_end_ = false;
  indent_ = column_ = indent;
}

void line_writer::write(document what, std::size_t indent) {
  measure(what);
  statement_begins_ = at_begin_;
  print(what, indent, false, 0);
}

void line_writer::write_token(std::size_t place, std::size_t indent) { put(place, indent); }

void line_writer::write_comments(const std::vector<comment_line>& comments, std::size_t indent) {
  if (comments.empty()) return;
  begin_line(indent, comments.front().blank_before);
  statement_begins_ = true;
  put_comment_lines(comments, indent);
  statement_begins_ = false;
}

void line_writer::begin_line(std::size_t indent, bool blank) {
  end_line(indent);
  if (blank && !block_begins_) lines_.push_back({});
  block_begins_ = false;
}

std::string line_writer::text() {
  end_line(0);
  for (std::size_t begin = 0; begin < lines_.size();) {
    std::size_t end = begin;
    std::size_t column = 0;
    for (; end < lines_.size() && !lines_[end].comment.empty(); ++end)
      column = std::max(column, last_line(lines_[end].code) + step);
    const auto from = lines_.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto to = lines_.begin() + static_cast<std::ptrdiff_t>(end);
    // not if that made a line too long that would not be so alone
    const bool together = std::none_of(from, to, [&](const line& l) {
      const auto length = characters(l.comment);
      return column + length > limit && last_line(l.code) + step + length <= limit;
    });
    for (std::size_t i = begin; i < end; ++i) {
      const auto own = last_line(lines_[i].code);
      lines_[i].code += std::string(together ? column - own : step, ' ') + lines_[i].comment;
    }
    begin = end + 1;
  }
  std::string out;
  for (const auto& l : lines_) out += l.code + '\n';
  return out;
}

} // namespace weir::dsl
