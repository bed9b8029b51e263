#include "dsl/build_expression.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dsl/build_query.hpp"
#include "dsl/build_special_call.hpp"
#include "dsl/grammar.hpp"
#include "dsl/identifier.hpp"

namespace weir::dsl {
namespace {

namespace g = grammar;

class expression_builder {
public:
  explicit expression_builder(word_builder& words) : words_(words) {}

  syntax_expression build(const tree& node) {
    if (node.is_type<g::reference>()) return reference(node);
    if (node.is_type<g::number_text>()) return number(node);
    if (node.is_type<g::string_text>()) return leaf(node, form::string, word_builder::string_from(node));
    if (node.is_type<g::true_word>()) return leaf(node, form::boolean, "true");
    if (node.is_type<g::false_word>()) return leaf(node, form::boolean, "false");
    if (node.is_type<g::null_word>()) return leaf(node, form::null, "");
    if (node.is_type<g::parenthesised>()) return node.children.size() > 2 ? row(node) : build(*node.children.front());
    if (node.is_type<g::row_call>()) return row(*node.children.front());
    if (node.is_type<g::nested_query>()) return subquery(node, form::scalar_query);
    if (node.is_type<g::exists_call>()) return subquery(*node.children.front(), form::exists);
    if (node.is_type<g::typed_string>()) return typed_string(node);
    if (node.is_type<g::case_expression>()) return case_of(node);
    if (node.is_type<g::cast_call>()) return cast_call(node);
    if (node.is_type<g::special_call>()) return special_call(node);
    if (node.is_type<g::position_call>()) return position_call(node);
    if (node.is_type<g::cast_expression>()) return cast(node);
    if (node.is_type<g::signed_expression>() || node.is_type<g::not_expression>()) return prefix(node);
    if (node.is_type<g::range_expression>()) return range(node);
    if (node.is_type<g::collate_expression>()) return collate(node);
    if (node.is_type<g::array_constructor>()) return array(node);
    if (node.is_type<g::subscripted_expression>()) return subscript(node);
    if (node.is_type<g::zone_expression>()) return at_zone(node);
    if (node.is_type<g::is_expression>()) return is(node);
    return binary(node);
  }

private:
  syntax_expression leaf(const tree& node, form kind, std::string text) {
    syntax_expression e;
    e.form = kind;
    e.where = words_.span_of(node);
    e.text = std::move(text);
    return e;
  }

  /// Where every inner node is finished: it knows its arguments, so it knows its height.
  syntax_expression finish(syntax_expression e) {
    for (const auto* below : {&e.args, &e.filter})
      for (const auto& arg : *below) e.height = std::max(e.height, arg.height + 1);
    if (e.subquery) e.height = std::max(e.height, e.subquery->height + 1);
    if (e.height <= max_expression_height) return e;
    if (!too_high_)
      words_.error(code::nested_too_deep, span{e.where.file, e.where.begin, e.where.begin + 1},
                   fmt::format("this expression has more than {} levels", max_expression_height),
                   "write a list of values as: x in (1, 2, …)");
    too_high_ = true;
    syntax_expression cut;
    cut.where = e.where;
    return cut;
  }

  syntax_expression row(const tree& node) {
    syntax_expression e;
    e.form = form::row;
    e.where = words_.span_from_to(node, *node.children.back());
    for (std::size_t i = 0; i + 1 < node.children.size(); ++i) e.args.push_back(build(*node.children[i]));
    return finish(std::move(e));
  }

  syntax_expression subquery(const tree& node, form kind) {
    syntax_expression e;
    e.form = kind;
    e.where = words_.span_from(*node.children.front(), *node.children.back());
    e.subquery = std::make_shared<const query>(build_query(*node.children[1], words_));
    return finish(std::move(e));
  }

  syntax_expression number(const tree& node) {
    const auto text = node.string_view();
    return leaf(node, text.find_first_of(".eE") == std::string_view::npos ? form::integer : form::decimal,
                std::string(text));
  }

  /// Of the node of a type, with or without brackets behind it.
  void read_type(const tree& node, syntax_expression& e) {
    const bool is_plain = node.is_type<g::plain_type>();
    const bool is_array = !is_plain && node.children.size() > 1;
    const tree& plain = is_plain ? node : *node.children.front();
    for (const auto& child : plain.children) {
      if (child->is_type<g::type_modifier>()) {
        e.type_modifiers.push_back(child->string());
        continue;
      }
      if (!e.type.empty()) e.type += ' ';
      e.type += fold(child->string_view());
    }
    if (is_array) e.type += "[]";
    e.type_where = words_.span_from(*plain.children.front(), is_array ? *node.children.back() : *plain.children.back());
  }

  syntax_expression typed_string(const tree& node) {
    syntax_expression e;
    e.form = form::typed_string;
    read_type(*node.children.front(), e);
    e.text = word_builder::string_from(*node.children.back());
    e.where = join(e.type_where, words_.span_of(*node.children.back()));
    return e;
  }

  syntax_expression cast(const tree& node) {
    auto value = build(*node.children.front());
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      syntax_expression e;
      e.form = form::cast;
      read_type(*node.children[i], e);
      e.where = join(value.where, e.type_where);
      e.args.push_back(std::move(value));
      value = finish(std::move(e));
    }
    return value;
  }

  /// Signs or nots, then the operand: the nearest to the operand is applied first.
  syntax_expression prefix(const tree& node) {
    auto value = build(*node.children.back());
    for (std::size_t i = node.children.size() - 1; i-- > 0;) {
      const tree& mark = *node.children[i];
      syntax_expression e;
      e.form = mark.is_type<g::not_mark>() ? form::logical_not : mark.string_view() == "-" ? form::negate : form::plus;
      e.where = join(words_.span_of(mark), value.where);
      e.args.push_back(std::move(value));
      value = finish(std::move(e));
    }
    return value;
  }

  /// Operands, with operators between them where the level has several; and, or stand for themselves.
  syntax_expression binary(const tree& node) {
    const bool is_and = node.is_type<g::and_expression>();
    const bool is_or = node.is_type<g::or_expression>();
    auto value = build(*node.children.front());
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      syntax_expression e;
      e.form = form::binary;
      if (node.children.back()->is_type<g::quantified_part>()) return quantified(node, std::move(value));
      if (is_and || is_or) {
        e.text = is_and ? "and" : "or";
      } else {
        e.text = node.children[i++]->string();
        if (e.text == "!=") e.text = "<>";
      }
      auto right = build(*node.children[i]);
      e.where = join(value.where, right.where);
      e.args.push_back(std::move(value));
      e.args.push_back(std::move(right));
      value = finish(std::move(e));
    }
    return value;
  }

  /// value = any (array)
  syntax_expression quantified(const tree& node, syntax_expression value) {
    const auto& part = *node.children.back();
    syntax_expression e;
    e.form = form::quantified;
    e.text = node.children[1]->string();
    if (e.text == "!=") e.text = "<>";
    e.text += part.children.front()->is_type<g::any_word>() ? " any" : " all";
    e.where = join(value.where, words_.span_of(*part.children.back()));
    e.args.push_back(std::move(value));
    e.args.push_back(build(*part.children[1]));
    return finish(std::move(e));
  }

  syntax_expression array(const tree& node) {
    syntax_expression e;
    e.form = form::array;
    for (const auto& child : node.children)
      if (!child->is_type<g::close_bracket_mark>()) e.args.push_back(build(*child));
    e.where = words_.span_from_to(node, *node.children.back());
    return finish(std::move(e));
  }

  syntax_expression subscript(const tree& node) {
    auto value = build(*node.children.front());
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      const auto& part = *node.children[i];
      syntax_expression e;
      e.form = form::subscript;
      e.where = join(value.where, words_.span_of(*part.children.back()));
      e.args.push_back(std::move(value));
      e.args.push_back(build(*part.children.front()));
      value = finish(std::move(e));
    }
    return value;
  }

  syntax_expression range(const tree& node) {
    auto value = build(*node.children.front());
    const tree& range_part = *node.children.back();
    const tree& part = *range_part.children.back();
    syntax_expression e;
    const bool in = part.is_type<g::in_part>();
    // a list ends with its parenthesis, and may begin with a query as well
    const bool of_query = in && part.children.size() == 1;
    e.form = of_query                          ? form::in_query
             : in                              ? form::in_list
             : part.is_type<g::between_part>() ? form::between
                                               : form::like;
    if (e.form == form::like)
      e.text = part.is_type<g::like_part>() ? "like" : part.is_type<g::ilike_part>() ? "ilike" : "similar to";
    e.negated = range_part.children.size() > 1;
    e.where = value.where;
    e.args.push_back(std::move(value));
    if (of_query) {
      auto found = subquery(*part.children.front(), form::in_query);
      e.where = join(e.where, found.where);
      e.subquery = std::move(found.subquery);
      return finish(std::move(e));
    }
    for (const auto& child : part.children) {
      if (child->is_type<g::close_mark>()) {
        e.where = join(e.where, words_.span_of(*child));
      } else {
        e.args.push_back(build(*child));
        e.where = join(e.where, e.args.back().where);
      }
    }
    return finish(std::move(e));
  }

  syntax_expression collate(const tree& node) {
    auto value = build(*node.children.front());
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      syntax_expression e;
      e.form = form::collate;
      e.names.push_back(words_.name_from(*node.children[i]->children.front()));
      e.where = join(value.where, e.names.back().where);
      e.args.push_back(std::move(value));
      value = finish(std::move(e));
    }
    return value;
  }

  /// x at time zone z is timezone(z, x).
  syntax_expression at_zone(const tree& node) {
    auto value = build(*node.children.front());
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      syntax_expression e;
      e.form = form::call;
      auto zone = build(*node.children[i]->children.front());
      e.where = join(value.where, zone.where);
      e.names.push_back({"timezone", e.where});
      e.args.push_back(std::move(zone));
      e.args.push_back(std::move(value));
      value = finish(std::move(e));
    }
    return value;
  }

  syntax_expression is(const tree& node) {
    auto value = build(*node.children.front());
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      syntax_expression e;
      e.where = value.where;
      e.args.push_back(std::move(value));
      is_test(*node.children[i], e);
      value = finish(std::move(e));
    }
    return value;
  }

  /// What is asked of e.args[0].
  void is_test(const tree& part, syntax_expression& e) {
    const bool is_word = part.is_type<g::isnull_word>() || part.is_type<g::notnull_word>();
    const tree& target = is_word ? part : *part.children.back();
    e.form = form::is_null;
    e.negated = is_word ? part.is_type<g::notnull_word>() : part.children.size() > 1;
    if (target.is_type<g::distinct_part>()) {
      e.form = form::is_distinct;
      e.args.push_back(build(*target.children.front()));
      e.where = join(e.where, e.args.back().where);
      return;
    }
    e.where = join(e.where, words_.span_of(target));
    if (is_word || target.is_type<g::null_word>()) return;
    e.form = form::is_truth;
    e.text = fold(target.string_view());
  }

  syntax_expression case_of(const tree& node) {
    syntax_expression e;
    e.form = form::searched_case;
    for (const auto& child : node.children) {
      if (child->is_type<g::end_mark>()) continue;
      if (child->is_type<g::when_part>() || child->is_type<g::else_part>()) {
        for (const auto& part : child->children) e.args.push_back(build(*part));
      } else {
        e.form = form::simple_case;
        e.args.push_back(build(*child));
      }
    }
    e.where = words_.span_from_to(node, *node.children.back());
    return finish(std::move(e));
  }

  syntax_expression cast_call(const tree& node) {
    syntax_expression e;
    e.form = form::cast;
    e.args.push_back(build(*node.children.front()));
    read_type(*node.children[1], e);
    e.where = words_.span_from_to(node, *node.children.back());
    return finish(std::move(e));
  }

  syntax_expression position_call(const tree& node) {
    syntax_expression e;
    e.form = form::call;
    e.names.push_back(words_.name_from(*node.children.front()));
    // position(x in y) is position(y, x)
    e.args.push_back(build(*node.children[2]));
    e.args.push_back(build(*node.children[1]));
    e.where = words_.span_from(*node.children.front(), *node.children.back());
    return finish(std::move(e));
  }

  /// The call that PostgreSQL makes of the words between the arguments.
  syntax_expression special_call(const tree& node) {
    syntax_expression e;
    e.form = form::call;
    e.names.push_back(words_.name_from(*node.children.front()));
    e.where = words_.span_from(*node.children.front(), *node.children.back());
    std::string marks; // "f" from, "o" for, "s" a side, "." an argument
    std::string side;
    for (std::size_t i = 1; i + 1 < node.children.size(); ++i) {
      const tree& child = *node.children[i];
      if (child.is_type<g::side_mark>()) side = fold(child.string_view());
      marks += child.is_type<g::from_mark>()   ? 'f'
               : child.is_type<g::for_mark>()  ? 'o'
               : child.is_type<g::side_mark>() ? 's'
                                               : '.';
      if (marks.back() == '.') e.args.push_back(build(child));
    }
    const auto function = e.names[0].text;
    if (arrange_special_call(e, marks, side)) return finish(std::move(e));
    words_.error(code::syntax, e.where, fmt::format("the arguments of {} are not put together so", function),
                 how_to_write_special_call(function));
    syntax_expression nothing;
    nothing.where = e.where;
    return nothing;
  }

  void filter(syntax_expression& call, const tree& part) {
    for (const auto& child : part.children) {
      if (child->is_type<g::close_mark>())
        call.where = join(call.where, words_.span_of(*child));
      else
        call.filter.push_back(build(*child));
    }
  }

  syntax_expression reference(const tree& node) {
    syntax_expression e;
    e.form = form::column;
    e.where = words_.span_of(*node.children.front());
    for (const auto& child : node.children) {
      if (!child->is_type<g::call_rest>()) {
        e.names.push_back(words_.name_from(*child));
        e.where = join(e.where, e.names.back().where);
        continue;
      }
      e.form = form::call;
      for (const auto& argument : child->children) {
        if (argument->is_type<g::close_mark>())
          e.where = join(e.where, words_.span_of(*argument));
        else if (argument->is_type<g::star_mark>())
          e.star = true;
        else if (argument->is_type<g::distinct_argument>())
          e.distinct = true;
        else if (argument->is_type<g::filter_part>())
          filter(e, *argument);
        else
          e.args.push_back(build(*argument));
      }
    }
    return finish(std::move(e));
  }

  word_builder& words_;
  bool too_high_ = false;
};

} // namespace

syntax_expression build_expression(const tree& node, word_builder& words) {
  return expression_builder(words).build(node);
}

} // namespace weir::dsl
