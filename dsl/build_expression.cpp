#include "dsl/build_expression.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

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
    if (node.is_type<g::parenthesised>()) return build(*node.children.front());
    if (node.is_type<g::typed_string>()) return typed_string(node);
    if (node.is_type<g::cast_expression>()) return cast(node);
    if (node.is_type<g::signed_expression>() || node.is_type<g::not_expression>()) return prefix(node);
    if (node.is_type<g::range_expression>()) return range(node);
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
    for (const auto& arg : e.args) e.height = std::max(e.height, arg.height + 1);
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

  syntax_expression number(const tree& node) {
    const auto text = node.string_view();
    return leaf(node, text.find_first_of(".eE") == std::string_view::npos ? form::integer : form::decimal,
                std::string(text));
  }

  void read_type(const tree& node, syntax_expression& e) {
    for (const auto& child : node.children) {
      if (child->is_type<g::type_modifier>()) {
        e.type_modified = true;
        continue;
      }
      if (!e.type.empty()) e.type += ' ';
      e.type += fold(child->string_view());
    }
    e.type_where = words_.span_from(*node.children.front(), *node.children.back());
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

  syntax_expression range(const tree& node) {
    auto value = build(*node.children.front());
    const tree& range_part = *node.children.back();
    const tree& part = *range_part.children.back();
    syntax_expression e;
    e.form = part.is_type<g::in_part>() ? form::in_list : form::between;
    e.negated = range_part.children.size() > 1;
    e.where = value.where;
    e.args.push_back(std::move(value));
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

  syntax_expression is(const tree& node) {
    auto value = build(*node.children.front());
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      const tree& part = *node.children[i];
      syntax_expression e;
      e.form = form::is_null;
      e.negated = part.children.size() > 1;
      e.where = join(value.where, words_.span_of(*part.children.back()));
      e.args.push_back(std::move(value));
      value = finish(std::move(e));
    }
    return value;
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
