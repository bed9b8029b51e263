#include <tao/pegtl/contrib/analyze.hpp>

#include "dsl/grammar.hpp"
#include "dsl/parse.hpp"

namespace weir::dsl {

std::size_t grammar_problems() { return tao::pegtl::analyze<grammar::program>(1); }

} // namespace weir::dsl
