// main() of the tests of Citus: where the extension is not installed it says so, loudly, and that is all.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_session.hpp>
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#endif

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/support/source_file.hpp"

int main(int argc, char* argv[]) {
  const auto question = "bash -c '. \"" + weir::test::source_file("tools/lib.sh") + "\" && has_citus' >/dev/null 2>&1";
  if (std::system(question.c_str()) != 0) {
    std::fputs("\n*** SKIPPED: the extension citus is not installed for this machine's PostgreSQL. ***\n"
               "*** Not one of the tests of Citus has run. ***\n\n",
               stderr);
    return 0;
  }
  return Catch::Session().run(argc, argv);
}
