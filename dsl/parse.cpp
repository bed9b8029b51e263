#include "dsl/parse.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <tao/pegtl/contrib/parse_tree.hpp>

#include "dsl/build_syntax.hpp"
#include "dsl/grammar.hpp"
#include "dsl/identifier.hpp"
#include "dsl/reader.hpp"
#include "dsl/text_fault.hpp"

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
    else if constexpr (std::is_same_v<Rule, g::unknown_test_step>)
      r.unknown_word(at, code::test_step_unknown, "a step of a test, or WORKER: and a statement",
                     {"given", "transaction", "deliver", "fail", "recover", "restart", "wait", "expect"});
    else if constexpr (std::is_same_v<Rule, g::unknown_part>)
      r.expected(at, "WORKER: and a statement, as in w1: insert into …");
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

/// Counts the nesting of a rule: the parser's stack is bounded whatever the file holds.
struct counted : p::maybe_nothing { // the query of a view is the first level
  template <class Rule, p::apply_mode A, p::rewind_mode M, template <class...> class Action,
            template <class...> class Control, class ParseInput, class... States>
  static bool match(ParseInput& in, reader& r, States&&... states) {
    struct level {
      std::uint32_t& depth;
      explicit level(std::uint32_t& d) : depth(d) { ++depth; }
      ~level() { --depth; }
    } entered(r.depth);
    if (r.depth > max_nesting + 1) Control<nested_too_deep>::raise(in, r, states...);
    return p::match<Rule, A, M, Action, Control>(in, r, states...);
  }
};
template <>
struct action<g::expression> : counted {};
template <>
struct action<g::query> : counted {};
template <>
struct action<g::joined_tables> : counted {};

template <>
struct action<g::inner_operand> : counted {};

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
        g::close_mark, g::joining_operator, g::unknown_word, g::isnull_word, g::notnull_word, g::distinct_part,
        g::like_part, g::ilike_part, g::collate_part, g::zone_part, g::case_expression, g::when_part, g::else_part,
        g::end_mark, g::cast_call, g::special_call, g::position_call, g::exists_call, g::row_call, g::from_mark,
        g::for_mark, g::side_mark, g::sign, g::product_operator, g::sum_operator, g::comparison_operator, g::not_mark,
        g::isolate_word, g::wait_word, g::reload_word, g::evolve_word, g::stop_word, g::raw_word, g::logical_word,
        g::transaction_word, g::node_word, g::supervise_word, g::typed_string, g::plain_type, g::type_name,
        g::reference, g::call_rest, g::distinct_argument, g::filter_part, g::parenthesised, g::in_part, g::between_part,
        g::range_part, g::is_part, g::select_list, g::select_item, g::alias, g::star_item, g::column_names,
        g::table_alias, g::open_mark, g::nested_query, g::lateral_word, g::table_query, g::table_group, g::named_table,
        g::natural_word, g::inner_word, g::left_word, g::right_word, g::full_word, g::cross_word, g::join_word,
        g::join_words, g::on_part, g::using_part, g::join_part, g::from_list, g::distinct_word, g::all_word,
        g::distinct_on, g::where_part, g::group_part, g::having_word, g::having_part, g::select_word, g::select_core,
        g::union_word, g::intersect_word, g::except_word, g::descending_word, g::first_word, g::last_word,
        g::order_item, g::order_word, g::order_part, g::limit_word, g::limit_part, g::offset_word, g::offset_part,
        g::fetch_word, g::fetch_part, g::recursive_word, g::common_table, g::with_part, g::query, g::table_reference,
        g::duration, g::pipeline_statement, g::cluster_statement, g::coordinator_item, g::node_item,
        g::consistency_item, g::capture_item, g::transaction_item, g::source_statement, g::view_statement,
        g::sink_statement, g::distributed_part, g::table_or_source, g::reference_word, g::supervise_statement,
        g::retry_item, g::worker_failure_part, g::slot_lost_part, g::schema_change_part, g::error_part, g::skip_word,
        g::include_statement, g::memory_statement, g::amount, g::amount_number, g::amount_unit>,
    p::parse_tree::store_content::on<g::test_statement, g::worker_label, g::worker_statement, g::value_row,
                                     g::insert_statement, g::assignment, g::update_statement, g::delete_statement,
                                     g::truncate_statement, g::given_step, g::change_step, g::transaction_step,
                                     g::deliver_step, g::fail_step, g::recover_step, g::restart_step, g::wait_step,
                                     g::is_empty, g::expect_error, g::expect_view>,
    p::parse_tree::store_content::on<g::array_brackets, g::close_bracket_mark, g::subscript, g::array_constructor,
                                     g::similar_part, g::any_word, g::every_word, g::quantified_part>,
    fold_single::on<g::joining_expression, g::or_expression, g::and_expression, g::not_expression, g::is_expression,
                    g::comparison, g::range_expression, g::sum_expression, g::product_expression, g::zone_expression,
                    g::collate_expression, g::signed_expression, g::cast_expression, g::subscripted_expression,
                    g::joined_tables, g::intersection, g::set_expression>>;

bool declares_nothing(const syntax& s) {
  return s.pipelines.empty() && s.clusters.empty() && s.sources.empty() && s.views.empty() && s.sinks.empty() &&
         s.supervises.empty() && s.includes.empty() && s.memories.empty() && s.tests.empty();
}

void add_shape(const p::parse_tree::node& node, std::string& out) {
  if (!node.is_root()) out += node.type;
  if (node.children.empty() && !node.is_root()) {
    // a name or a string as it is written, a word of the language in lower case, no blanks between words
    const auto content = node.has_content() ? node.string_view() : std::string_view();
    const bool verbatim = !content.empty() && (content.front() == '\'' || content.front() == '"');
    std::string words = verbatim ? std::string(content) : fold(content);
    if (!verbatim) std::erase_if(words, [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
    out += ' ' + words;
  }
  out += '(';
  for (const auto& child : node.children) add_shape(*child, out);
  out += ")\n";
}

} // namespace

std::string shape_of(const std::string& text) {
  diagnostics found;
  std::vector<std::string> broken;
  reader r(0, text, found, broken);
  p::memory_input<p::tracking_mode::lazy> in(text.data(), text.data() + text.size(), "");
  std::string out;
  if (const auto root = p::parse_tree::parse<g::program, selector, action, control>(in, r); root && found.empty())
    add_shape(*root, out);
  return out;
}

void parse_file(std::uint32_t file, const std::string& text, parsed& out) {
  if (auto fault = text_fault(file, text)) {
    out.found.push_back(*std::move(fault));
    return;
  }
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
