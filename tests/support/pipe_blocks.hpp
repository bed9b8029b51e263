#pragma once

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/compile.hpp"
#include "tests/support/source_file.hpp"

namespace weir::test {

/// The fenced blocks of one kind.
inline std::vector<std::string> blocks_of(const std::string& markdown, const std::string& kind) {
  std::vector<std::string> blocks;
  std::istringstream lines(markdown);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (!inside && line == "```" + kind) {
      inside = true;
      blocks.emplace_back();
    } else if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      blocks.back() += line + "\n";
    }
  }
  return blocks;
}

/// A block that shows one thing, with what it takes to be a program.
inline std::string completed(std::string block) {
  const auto program = weir::dsl::parse(weir::dsl::text_of("block", block)).program;
  if (program.pipelines.empty()) block += "pipeline docs;\n";
  if (program.clusters.empty())
    block += "cluster shop { coordinator \"host=a\"; nodes w1 \"host=b\", w2 \"host=c\"; }\n";
  if (program.sources.empty()) block += "source orders from shop.public.orders;\n";
  std::set<std::string> read;
  for (const auto& view : program.views)
    for (const auto& table : tables_read(view.query)) read.insert(table.text);
  if (program.sinks.empty())
    for (const auto& view : program.views)
      if (!read.contains(view.view.text))
        block += "sink " + view.view.text + " into shop.analytics." + view.view.text + ";\n";
  return block;
}

/// The files below `folder` that end in `extension`, in order of their names.
inline std::vector<std::string> files_below(const std::string& folder, const std::string& extension) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source_file(folder)))
    if (entry.path().extension() == extension) out.push_back(entry.path().string());
  std::sort(out.begin(), out.end());
  return out;
}

/// What people read and copy: the pipelines that are shipped, and the programs in the documents.
inline std::vector<std::string> shipped_programs() {
  std::vector<std::string> out;
  for (const auto& path : files_below("pipelines", ".pipe")) out.push_back(read_text(path));
  auto documents = files_below("docs", ".md");
  documents.push_back(source_file("README.md"));
  for (const auto& path : documents)
    for (auto& block : blocks_of(read_text(path), "pipe")) out.push_back(std::move(block));
  return out;
}

} // namespace weir::test
