#pragma once

#include "dsl/lexical.hpp"

/// Blocks between braces, and how reading goes on behind what could not be read.
namespace weir::dsl::grammar {

/// Passes over what could not be read (recovery.hpp), so that the next error is found as well.
template <bool InBlock>
struct recover {
  using rule_t = recover;
  using subs_t = p::empty_list;
  template <p::apply_mode, p::rewind_mode, template <typename...> class, template <typename...> class,
            typename ParseInput, typename Reader, typename... States>
  static bool match(ParseInput& in, Reader& reader, States&&...) {
    const std::size_t length = reader.recover({in.current(), in.size()}, InBlock);
    in.bump(length);
    return length > 0;
  }
};

template <class Item>
struct block : p::seq<open_brace,
                      p::star<p::not_at<p::sor<p::one<'}'>, p::eof>>,
                              p::sor<p::try_catch<Item>, p::seq<recover<true>, p::opt<leading_space>>>>,
                      p::must<close_brace>> {};

} // namespace weir::dsl::grammar

namespace tao::pegtl {
template <class Name, bool InBlock>
struct analyze_traits<Name, weir::dsl::grammar::recover<InBlock>> : analyze_any_traits<> {};
} // namespace tao::pegtl
