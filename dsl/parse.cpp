#include "dsl/parse.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <tao/pegtl/contrib/parse_tree.hpp>

#include "dsl/build_syntax.hpp"
#include "dsl/grammar.hpp"
#include "dsl/reader.hpp"
#include "dsl/utf8.hpp"

namespace weir::dsl {
namespace {

namespace p = tao::pegtl;
namespace g = grammar;

struct nested_too_deep : g::raised {};

/// Says what failed through the reader, then throws: p::try_catch catches, and recover<> goes on behind it.
template <class Rule>
struct control : p::normal<Rule> {
  template <class ParseInput>
  [[noreturn]] static void raise(const ParseInput& in, reader& r) {
    const auto at = static_cast<std::size_t>(in.current() - in.begin());
    if constexpr (requires { Rule::refusal; })
      r.refuse(at, Rule::refusal);
    else if constexpr (requires { Rule::expected; })
      r.expected(at, Rule::expected);
    else if constexpr (std::is_same_v<Rule, g::open_comment>)
      r.unterminated(at, "comment", "*/");
    else if constexpr (std::is_same_v<Rule, g::open_string>)
      r.unterminated(at, "string", "'");
    else if constexpr (std::is_same_v<Rule, g::open_quoted>)
      r.unterminated(at, "quoted name or connection string", "\"");
    else if constexpr (std::is_same_v<Rule, g::number_junk>)
      r.fault(at, code::bad_value, "a name begins right behind a number", "put a space or an operator between them");
    else if constexpr (std::is_same_v<Rule, g::comparison_chain>)
      r.fault(at, code::syntax, "comparisons do not chain", "write a < b and b < c");
    else if constexpr (std::is_same_v<Rule, g::unknown_statement>)
      r.unknown_word(at, code::unknown_statement, "a statement",
                     {std::begin(statement_words), std::end(statement_words)});
    else if constexpr (std::is_same_v<Rule, g::unknown_cluster_item>)
      r.unknown_word(at, code::unknown_key, "'coordinator', 'nodes', 'consistency', 'capture' or 'transaction name'",
                     {"coordinator", "nodes", "consistency", "capture", "transaction"});
    else if constexpr (std::is_same_v<Rule, g::unknown_supervise_item>)
      r.unknown_word(at, code::unknown_key, "'retry', 'on worker failure', 'on slot lost' or 'on schema change'",
                     {"retry", "on"});
    else if constexpr (std::is_same_v<Rule, nested_too_deep>)
      r.fault(at, code::nested_too_deep, fmt::format("parentheses nest deeper than {}", max_nesting),
              "split the expression");
    else
      r.expected(at, "something else"); // rules that cannot fail are instantiated too
    throw p::parse_error("", in);
  }
};

template <class Rule>
struct action : p::nothing<Rule> {};

/// Counts the nesting of expressions: the parser's stack is bounded whatever the file holds.
template <>
struct action<g::expression> : p::maybe_nothing {
  template <class Rule, p::apply_mode A, p::rewind_mode M, template <class...> class Action,
            template <class...> class Control, class ParseInput, class... States>
  static bool match(ParseInput& in, reader& r, States&&... states) {
    struct level {
      std::uint32_t& depth;
      explicit level(std::uint32_t& d) : depth(d) { ++depth; }
      ~level() { --depth; }
    } entered(r.depth);
    if (r.depth > max_nesting) Control<nested_too_deep>::raise(in, r, states...);
    return p::match<Rule, A, M, Action, Control>(in, r, states...);
  }
};

template <>
struct action<g::inner_operand> : action<g::expression> {};

/// An operator level with one operand is that operand.
struct fold_single : p::parse_tree::apply<fold_single> {
  template <class Node, class... States>
  static void transform(std::unique_ptr<Node>& n, States&&...) {
    if (n->children.size() == 1) n = std::move(n->children.front());
  }
};

template <class Rule>
using selector = p::parse_tree::selector<
    Rule,
    p::parse_tree::store_content::on<
        g::plain_word, g::quoted_word, g::number_text, g::string_text, g::whole_number, g::duration_number,
        g::duration_unit, g::type_word, g::type_modifier, g::true_word, g::false_word, g::null_word, g::star_mark,
        g::close_mark, g::sign, g::product_operator, g::sum_operator, g::joining_operator, g::comparison_operator,
        g::not_mark, g::unknown_word, g::isnull_word, g::notnull_word, g::distinct_part, g::like_part,
        g::case_expression, g::when_part, g::else_part, g::end_mark, g::cast_call, g::special_call, g::position_call,
        g::from_mark, g::for_mark, g::side_mark, g::isolate_word, g::wait_word, g::reload_word, g::evolve_word,
        g::stop_word, g::raw_word, g::logical_word, g::transaction_word, g::node_word, g::supervise_word,
        g::typed_string, g::type_name, g::reference, g::call_rest, g::parenthesised, g::in_part, g::between_part,
        g::range_part, g::is_part, g::select_list, g::select_item, g::alias, g::source_alias, g::from_source,
        g::where_part, g::group_part, g::table_reference, g::duration, g::pipeline_statement, g::cluster_statement,
        g::coordinator_item, g::node_item, g::consistency_item, g::capture_item, g::transaction_item,
        g::source_statement, g::view_statement, g::sink_statement, g::distributed_part, g::table_or_source,
        g::reference_word, g::supervise_statement, g::retry_item, g::worker_failure_part, g::slot_lost_part,
        g::schema_change_part>,
    fold_single::on<g::or_expression, g::and_expression, g::not_expression, g::is_expression, g::comparison,
                    g::range_expression, g::joining_expression, g::sum_expression, g::product_expression,
                    g::signed_expression, g::cast_expression>>;

/// The faults of a file that is no text: then it is not parsed. False if there are any.
bool check_text(std::uint32_t file, const std::string& text, diagnostics& found) {
  const auto report = [&](code c, std::size_t at, std::string message, std::string hint) {
    const auto begin = static_cast<std::uint32_t>(at);
    found.push_back({severity::error, c, span{file, begin, begin + 1}, std::move(message), std::move(hint)});
    return false;
  };
  if (text.size() > max_file_bytes)
    return report(code::file_too_large, 0, "this file is too large",
                  fmt::format("a definition has at most {} bytes (1 MiB); is this one?", max_file_bytes));
  if (const auto nul = text.find('\0'); nul != std::string::npos)
    return report(code::binary_file, nul, "this is no text: it holds a zero byte",
                  "a pipeline definition is a text file in UTF-8");
  if (const auto bad = first_invalid_utf8(text); bad != std::string::npos)
    return report(code::not_utf8, bad, fmt::format("byte {} is not valid UTF-8", bad + 1), "save the file as UTF-8");
  return true;
}

bool declares_nothing(const syntax& s) {
  return s.pipelines.empty() && s.clusters.empty() && s.sources.empty() && s.views.empty() && s.sinks.empty() &&
         s.supervises.empty();
}

void parse_file(std::uint32_t file, const std::string& text, parsed& out) {
  if (!check_text(file, text, out.found)) return;
  syntax own;
  diagnostics found;
  reader r(file, text, found, own.broken_names);
  p::memory_input<p::tracking_mode::lazy> in(text.data(), text.data() + text.size(), "");
  if (const auto root = p::parse_tree::parse<g::program, selector, action, control>(in, r))
    build_syntax(*root, file, text, own, found);
  if (found.empty() && declares_nothing(own))
    found.push_back({severity::error, code::empty_file, span{file, 0, 0}, "this file is empty",
                     "a definition begins with: pipeline NAME;"});
  append(out.program, std::move(own));
  out.found.insert(out.found.end(), found.begin(), found.end());
}

} // namespace

parsed parse(const source_text& text) {
  parsed out;
  // a file that could not be read leaves the program incomplete, but was reported by read_files
  for (std::size_t i = 0; i < text.files.size(); ++i)
    if (text.files[i].read) parse_file(static_cast<std::uint32_t>(i), text.files[i].text, out);
  sort(out.found);
  const bool unread = std::any_of(text.files.begin(), text.files.end(), [](const source_file& f) { return !f.read; });
  out.program.broken = unread || has_errors(out.found);
  return out;
}

} // namespace weir::dsl
