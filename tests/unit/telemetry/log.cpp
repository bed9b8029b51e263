#include "runtime/telemetry/log.hpp"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <regex>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tests/support/catch.hpp"

namespace weir {
namespace {

/// What `work` writes to standard error.
std::string standard_error(const std::function<void()>& work) {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  std::fflush(stderr);
  const int kept = dup(STDERR_FILENO);
  dup2(fileno(file), STDERR_FILENO);
  work();
  std::fflush(stderr);
  dup2(kept, STDERR_FILENO);
  close(kept);
  std::string out(static_cast<std::size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  const auto read = std::fread(out.data(), 1, out.size(), file);
  std::fclose(file);
  REQUIRE(read == out.size());
  return out;
}

std::string text_line(log_level level, std::initializer_list<log_field> fields) {
  return standard_error([&] { event_log(log_format::text, log_level::debug).write(level, "happened", fields); });
}

nlohmann::json json_line(std::initializer_list<log_field> fields) {
  return nlohmann::json::parse(standard_error(
      [&] { event_log(log_format::json, log_level::debug).write(log_level::warning, "happened", fields); }));
}

TEST_CASE("fields are key=value, apart by a blank", "[log]") {
  CHECK(format_fields({{"a", "1"}, {"b", "x/y"}}) == "a=1 b=x/y");
  CHECK(format_fields({}).empty());
}

TEST_CASE("values with blanks, quotes, equal signs or nothing in them are quoted", "[log]") {
  CHECK(format_fields({{"a", "two words"}}) == R"(a="two words")");
  CHECK(format_fields({{"a", R"(say "x")"}}) == R"(a="say \"x\"")");
  CHECK(format_fields({{"a", "k=v"}}) == R"(a="k=v")");
  CHECK(format_fields({{"a", ""}}) == R"(a="")");
}

TEST_CASE("a backslash is doubled inside quotes only", "[log]") {
  CHECK(format_fields({{"a", R"(c:\x)"}}) == R"(a=c:\x)");
  CHECK(format_fields({{"a", R"(c:\x y)"}}) == R"(a="c:\\x y")");
}

TEST_CASE("a value never breaks the line", "[log]") {
  CHECK(format_fields({{"a", "one\ntwo\r"}}) == R"(a="one\ntwo\r")");
}

TEST_CASE("a line of text is time, level, event and fields", "[log]") {
  const auto line = text_line(log_level::warning, {{"node", "w1"}});
  const std::regex form(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning event=happened node=w1\n)");
  INFO(line);
  CHECK(std::regex_match(line, form));
}

TEST_CASE("a line of text without fields ends with the event", "[log]") {
  const auto line = text_line(log_level::info, {});
  CHECK_THAT(line, WEIR_CONTAINS("info event=happened\n"));
}

TEST_CASE("a message that looks like a format is written as it is", "[log]") {
  CHECK_THAT(text_line(log_level::info, {{"cause", "{} %s {0}"}}), WEIR_CONTAINS(R"(cause="{} %s {0}")"));
}

TEST_CASE("a line of JSON has the same members", "[log]") {
  const auto line = json_line({{"node", "w1"}, {"cause", "two\nlines \"x\""}});
  CHECK(line["level"] == "warning");
  CHECK(line["event"] == "happened");
  CHECK(line["node"] == "w1");
  CHECK(line["cause"] == "two\nlines \"x\"");
  CHECK(line.contains("time"));
}

TEST_CASE("bytes that are no UTF-8 do not stop a line of JSON", "[log]") {
  CHECK(json_line({{"row", "a\xff"}})["row"] == "a\xef\xbf\xbd");
}

TEST_CASE("events below the least level are not written", "[log]") {
  const auto written = standard_error([] {
    const event_log log(log_format::text, log_level::warning);
    log.write(log_level::debug, "a", {});
    log.write(log_level::info, "b", {});
    log.write(log_level::warning, "c", {});
    log.write(log_level::error, "d", {});
  });
  CHECK_THAT(written, !WEIR_CONTAINS("event=a") && !WEIR_CONTAINS("event=b"));
  CHECK_THAT(written, WEIR_CONTAINS("warning event=c") && WEIR_CONTAINS("error event=d"));
}

TEST_CASE("a silent log writes nothing", "[log]") {
  CHECK(standard_error([] { event_log::silent().write(log_level::error, "a", {}); }).empty());
}

} // namespace
} // namespace weir
