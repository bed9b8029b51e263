#include "dsl/parse.hpp"
#include "dsl/print.hpp"
#include "tests/property/random_syntax.hpp"
#include "tests/support/property.hpp"
#include "tests/support/syntax_shape.hpp"

// Law of dsl/print.hpp: parse(print(x)) is x.
TEST_CASE("a syntax tree that is printed is read as the same tree") {
  weir::test::require_property("parse(print(x)) == x", [] {
    const auto room = *rc::gen::inRange(1, 200);
    const auto program = weir::test::random_syntax(room).program();
    const auto text = weir::dsl::print(program);
    const auto parsed = weir::dsl::parse(weir::dsl::text_of("printed", text));
    RC_LOG() << text << render(weir::dsl::text_of("printed", text), parsed.found);
    RC_CLASSIFY(!program.views.empty(), "with views");
    for (const auto& d : parsed.found) // an empty program is a finding of its own; a password in one a warning
      RC_ASSERT(d.code == weir::dsl::code::empty_file || d.severity == weir::dsl::severity::warning);
    RC_ASSERT(weir::test::syntax_shape::of(parsed.program) == weir::test::syntax_shape::of(program));
  });
}
