#include "runtime/base/xml_text.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/xml_tags.hpp"

using weir::xml_text;

TEST_CASE("what is markup in XML is written as text") {
  CHECK(xml_text("a < b && c > \"d\" 'e'") == "a &lt; b &amp;&amp; c &gt; &quot;d&quot; 'e'");
  CHECK(xml_text("]]>") == "]]&gt;");
  CHECK(xml_text("ü 漢 🙂\n\t") == "ü 漢 🙂\n\t");
  CHECK(xml_text("") == "");
}

TEST_CASE("what XML has no character for is replaced") {
  const std::string replacement = "\xEF\xBF\xBD";
  CHECK(xml_text(std::string("a\0b\x1b[", 5)) == "a" + replacement + "b" + replacement + "[");
  CHECK(xml_text("\xEF\xBF\xBE") == replacement);
  CHECK(xml_text("\xff\xC3(\xED\xA0\x80") == replacement + replacement + "(" + replacement); // no UTF-8, a surrogate
}

TEST_CASE("every byte makes a well-formed document") {
  std::string all;
  for (int c = 0; c < 256; ++c) all += std::string(1, static_cast<char>(c)) + "x";
  const auto text = xml_text(all);
  CHECK(weir::test::xml_reader("<a b=\"" + text + "\">" + text + "</a>").tags());
  CHECK_FALSE(weir::test::xml_reader("<a b=\"" + all + "\"/>").tags());
}
