#pragma once

#include <tao/pegtl.hpp>
#include <tao/pegtl/contrib/analyze_traits.hpp>

#include "dsl/identifier.hpp"
#include "dsl/operators.hpp"
#include "dsl/recovery.hpp"

/// Words, numbers, strings, comments. Every token takes the space behind it.
///
/// A rule that some other rule demands has `expected`: what a person reads when it is not there.
/// A rule under which a feature is refused has `refusal`: the feature's name.
namespace weir::dsl::grammar {

namespace p = tao::pegtl;

struct name_first : p::ranges<'a', 'z', 'A', 'Z', '\x80', '\xff', '_'> {};
struct name_rest : p::sor<p::ranges<'a', 'z', 'A', 'Z', '0', '9', '\x80', '\xff'>, p::one<'_', '$'>> {};
struct word_end : p::not_at<name_rest> {};

/// What p::raise reports: it matches nothing, it says what is wrong.
struct raised {
  using rule_t = raised;
  using subs_t = p::empty_list;
};

/// Something that begins and does not end: reported at its first character.
struct open_comment : raised {};
struct open_string : raised {};
struct open_quoted : raised {};
template <class Opener, class What>
struct unterminated : p::seq<p::at<Opener>, p::raise<What>> {};

struct line_comment : p::seq<p::string<'-', '-'>, p::until<p::eolf>> {};
/// Nested as in SQL. By hand, because its depth is the writer's choice and the stack is ours.
struct block_comment {
  using rule_t = block_comment;
  using subs_t = p::empty_list;
  template <class ParseInput>
  static bool match(ParseInput& in) {
    const std::size_t length = comment_length({in.current(), in.size()});
    in.bump(length);
    return length > 0;
  }
};
struct space_item : p::sor<p::space, line_comment, block_comment, unterminated<p::string<'/', '*'>, open_comment>> {};
struct ws : p::star<space_item> {};
struct leading_space : p::plus<space_item> {};

template <class Text>
struct keyword : p::seq<Text, word_end, ws> {};
template <char C>
struct mark : p::seq<p::one<C>, ws> {};

/// One SQL keyword as a rule: WEIR_KEYWORD(from) makes kw_from.
#define WEIR_KEYWORD(word)                                                                                             \
  struct kw_##word : keyword<TAO_PEGTL_ISTRING(#word)> {                                                               \
    static constexpr const char* expected = "'" #word "'";                                                             \
  }
WEIR_KEYWORD(pipeline);
WEIR_KEYWORD(cluster);
WEIR_KEYWORD(source);
WEIR_KEYWORD(view);
WEIR_KEYWORD(sink);
WEIR_KEYWORD(supervise);
WEIR_KEYWORD(coordinator);
WEIR_KEYWORD(nodes);
WEIR_KEYWORD(into);
WEIR_KEYWORD(every);
WEIR_KEYWORD(distributed);
WEIR_KEYWORD(colocate);
WEIR_KEYWORD(retry);
WEIR_KEYWORD(backoff);
WEIR_KEYWORD(to);
WEIR_KEYWORD(worker);
WEIR_KEYWORD(failure);
WEIR_KEYWORD(isolate);
WEIR_KEYWORD(wait);
WEIR_KEYWORD(select);
WEIR_KEYWORD(from);
WEIR_KEYWORD(where);
WEIR_KEYWORD(group);
WEIR_KEYWORD(by);
WEIR_KEYWORD(as);
WEIR_KEYWORD(on);
WEIR_KEYWORD(between);
WEIR_KEYWORD(in);
WEIR_KEYWORD(is);
WEIR_KEYWORD(and);
WEIR_KEYWORD(or);
WEIR_KEYWORD(not );
WEIR_KEYWORD(null);
WEIR_KEYWORD(with);
WEIR_KEYWORD(without);
WEIR_KEYWORD(time);
WEIR_KEYWORD(zone);
WEIR_KEYWORD(case);
WEIR_KEYWORD(when);
WEIR_KEYWORD(then);
WEIR_KEYWORD(else);
WEIR_KEYWORD(end);
WEIR_KEYWORD(cast);
WEIR_KEYWORD(distinct);
WEIR_KEYWORD(like);
WEIR_KEYWORD(ilike);
WEIR_KEYWORD(collate);
WEIR_KEYWORD(consistency);
WEIR_KEYWORD(capture);
WEIR_KEYWORD(slot);
WEIR_KEYWORD(lost);
WEIR_KEYWORD(error);
WEIR_KEYWORD(schema);
WEIR_KEYWORD(change);
WEIR_KEYWORD(transaction);
WEIR_KEYWORD(name);
WEIR_KEYWORD(include);
WEIR_KEYWORD(memory);
#undef WEIR_KEYWORD

/// A reserved word of SQL: no column, source or bare alias is called so unless it is quoted.
struct reserved {
  using rule_t = reserved;
  using subs_t = p::empty_list;
  template <class ParseInput>
  static bool match(ParseInput& in) {
    const std::size_t length = reserved_length({in.current(), in.size()});
    in.bump(length);
    return length > 0;
  }
};

/// An operator, as long as PostgreSQL reads it.
template <operator_use Use>
struct operator_token {
  using rule_t = operator_token;
  using subs_t = p::empty_list;
  template <class ParseInput>
  static bool match(ParseInput& in) {
    const std::size_t length = operator_length({in.current(), in.size()}, Use);
    in.bump(length);
    return length > 0;
  }
};

struct plain_word : p::seq<name_first, p::star<name_rest>> {};
struct quoted_word : p::seq<p::one<'"'>, p::star<p::sor<p::string<'"', '"'>, p::not_one<'"'>>>, p::one<'"'>> {};
struct quoted : p::sor<quoted_word, unterminated<p::one<'"'>, open_quoted>> {};
struct free_word : p::seq<p::not_at<reserved>, plain_word> {};

/// A name that stands on its own: reserved words must be quoted.
struct identifier : p::seq<p::sor<quoted, free_word>, ws> {
  static constexpr const char* expected = "a name";
};
/// A name behind '.' or 'as', where no word is reserved.
struct label : p::seq<p::sor<quoted, plain_word>, ws> {
  static constexpr const char* expected = "a name";
};
struct node_name : p::seq<free_word, ws> {};
struct conninfo : p::seq<quoted, ws> {
  static constexpr const char* expected = "a connection string in double quotes";
};

struct semicolon : mark<';'> {
  static constexpr const char* expected = "';'";
};
struct dot : mark<'.'> {
  static constexpr const char* expected = "'.': a table is written CLUSTER.SCHEMA.TABLE";
};
struct comma : mark<','> {};
struct open_brace : mark<'{'> {
  static constexpr const char* expected = "'{'";
};
struct close_brace : mark<'}'> {
  static constexpr const char* expected = "'}'";
};
struct open_paren : mark<'('> {
  static constexpr const char* expected = "'('";
};
/// Kept in the tree, as the place of what it opens.
struct open_mark : p::one<'('> {};
/// Kept in the tree, so that a call and a list know where they end.
struct close_mark : p::one<')'> {};
struct close_paren : p::seq<close_mark, ws> {
  static constexpr const char* expected = "')'";
};

struct digits : p::plus<p::digit> {};
struct whole_number : p::seq<digits, word_end> {};
struct whole : p::seq<whole_number, ws> {
  static constexpr const char* expected = "a whole number";
};
struct exponent : p::seq<p::one<'e', 'E'>, p::opt<p::one<'+', '-'>>, digits> {};
struct number_junk : raised {};
struct number_text : p::seq<p::sor<p::seq<digits, p::opt<p::one<'.'>, p::star<p::digit>>>, p::seq<p::one<'.'>, digits>>,
                            p::opt<exponent>> {};
struct number : p::seq<number_text, p::sor<word_end, p::raise<number_junk>>, ws> {};
struct string_text : p::seq<p::one<'\''>, p::star<p::sor<p::string<'\'', '\''>, p::not_one<'\''>>>, p::one<'\''>> {};
struct string_literal : p::seq<p::sor<string_text, unterminated<p::one<'\''>, open_string>>, ws> {};

/// A length of time: 200 ms, 5 s. The unit is judged by the reader, which knows what it might have meant.
struct duration_number : p::seq<digits, p::opt<p::one<'.'>, digits>> {};
struct duration_unit : plain_word {
  static constexpr const char* expected = "a unit of time: ms, s, min or h";
};
struct duration : p::seq<duration_number, ws, p::must<duration_unit>, ws> {
  static constexpr const char* expected = "a duration like 200 ms";
};

/// An amount of memory: 4 GiB, or a share of it: 50 %. The unit is judged by the reader, as that of a duration.
struct amount_number : p::seq<digits, p::opt<p::one<'.'>, digits>> {
  static constexpr const char* expected = "an amount like 256 MiB, or a share like 25 %";
};
struct amount_unit : p::sor<plain_word, p::one<'%'>> {
  static constexpr const char* expected = "a unit of bytes: kB, MB, GB, KiB, MiB, GiB or TiB, or %";
};
struct amount : p::seq<p::must<amount_number>, ws, p::must<amount_unit>, ws> {};

/// Refuses, by name, what is not in the language yet.
template <class Feature, class... Words>
struct refuse : p::seq<p::at<Words...>, p::raise<Feature>> {};

} // namespace weir::dsl::grammar

namespace tao::pegtl {
template <class Name>
struct analyze_traits<Name, weir::dsl::grammar::block_comment> : analyze_any_traits<> {};
template <class Name>
struct analyze_traits<Name, weir::dsl::grammar::reserved> : analyze_any_traits<> {};
template <class Name, weir::dsl::operator_use Use>
struct analyze_traits<Name, weir::dsl::grammar::operator_token<Use>> : analyze_any_traits<> {};
} // namespace tao::pegtl
