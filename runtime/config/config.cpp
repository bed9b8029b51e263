#include "runtime/config/config.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "runtime/base/suggest.hpp"

namespace weir {
namespace {

/// A key for a message; one that is no word may be a connection string, and is not shown.
std::string shown(const std::string& key) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-'; };
  const bool word = key.size() <= 40 && std::all_of(key.begin(), key.end(), plain);
  return word ? fmt::format("\"{}\" ", key) : std::string();
}

/// Reads one document, collecting every fault. Connection strings never get into a message.
class config_reader {
public:
  explicit config_reader(const std::string& name) : name_(name) {}

  void read(const YAML::Node& root) {
    if (root.IsNull()) return; // an empty file says nothing
    each(root, "weir.yaml", {"clusters", "log", "memory"}, [&](const std::string& key, const YAML::Node& value) {
      if (key == "clusters") clusters(value);
      if (key == "log") log(value);
      if (key == "memory") memory(value);
    });
  }

  configuration take() { return std::move(out_); }
  const std::string& faults() const { return faults_; }

  void fault(const YAML::Mark& mark, const std::string& message, const std::string& hint = {}) {
    if (!faults_.empty()) faults_ += '\n';
    faults_ += fmt::format("{}:{}:{}: {}", name_, mark.line + 1, mark.column + 1, message);
    if (!hint.empty()) faults_ += "; " + hint;
  }

private:
  /// Calls `take(key, value)` for each entry of a map whose keys are among `known`.
  template <class Take>
  void each(const YAML::Node& map, const std::string& what, const std::vector<std::string>& known, Take take) {
    if (!map.IsMap()) return fault(map.Mark(), fmt::format("{} is a map of keys and values", what));
    std::vector<std::string> seen;
    for (const auto& entry : map) {
      const auto key = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
      if (!known.empty() && std::find(known.begin(), known.end(), key) == known.end()) {
        auto hint = did_you_mean(key, known);
        if (hint.empty()) hint = fmt::format("there are: {}", fmt::join(known, ", "));
        fault(entry.first.Mark(), fmt::format("unknown key {}in {}", shown(key), what), hint);
      } else if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
        fault(entry.first.Mark(), fmt::format("\"{}\" stands twice in {}", key, what));
      } else {
        seen.push_back(key);
        take(key, entry.second);
      }
    }
  }

  void clusters(const YAML::Node& value) {
    each(value, "clusters", {}, [&](const std::string& cluster, const YAML::Node& body) {
      cluster_spec spec;
      spec.name = cluster;
      each(body, fmt::format("cluster \"{}\"", cluster),
           {"coordinator", "nodes", "consistency", "capture", "transaction_name", "node_parameters"},
           [&](const std::string& key, const YAML::Node& v) {
             if (key == "coordinator") spec.coordinator = conninfo(v);
             if (key == "nodes") nodes(v, spec);
             if (key == "consistency")
               if (const auto c = choice(v, key, {"transaction", "node"}))
                 spec.consistency = weir::consistency{static_cast<std::uint8_t>(*c)};
             if (key == "capture")
               if (const auto c = choice(v, key, {"raw", "logical"}))
                 spec.capture = *c == 0 ? capture_mode::raw : capture_mode::logical;
             if (key == "transaction_name") transaction_name(v, spec);
             if (key == "node_parameters") node_parameters(v, spec);
           });
      out_.clusters.push_back(std::move(spec));
    });
  }

  void nodes(const YAML::Node& value, cluster_spec& spec) {
    const auto add = [&](std::string node, const YAML::Node& v) {
      if (auto text = conninfo(v)) spec.nodes.push_back({std::move(node), *std::move(text)});
    };
    if (value.IsSequence()) {
      std::size_t place = 0;
      for (const auto& entry : value) add(fmt::format("n{}", ++place), entry);
    } else if (value.IsMap()) {
      each(value, "nodes", {}, add);
    } else {
      fault(value.Mark(), "nodes is a list of connection strings, or a map of names to them");
    }
    if (value.size() == 0) fault(value.Mark(), "nodes names no node");
  }

  void node_parameters(const YAML::Node& value, cluster_spec& spec) {
    each(value, "node_parameters", {}, [&](const std::string& node, const YAML::Node& v) {
      if (auto text = conninfo(v)) spec.node_parameters.emplace(node, *std::move(text));
    });
  }

  std::optional<std::string> conninfo(const YAML::Node& value) {
    if (value.IsScalar() && !value.Scalar().empty()) return value.Scalar();
    fault(value.Mark(), "a connection string is needed here", "for example \"host=10.0.0.1 dbname=shop\"");
    return std::nullopt;
  }

  void transaction_name(const YAML::Node& value, cluster_spec& spec) {
    const auto pattern = value.IsScalar() ? value.Scalar() : std::string();
    if (const auto fit = check_transaction_name(pattern); fit)
      spec.transaction_name = pattern;
    else
      fault(value.Mark(), fit.error().message, fit.error().hint);
  }

  /// The place of a scalar among `choices`; reports one that is none of them.
  std::optional<std::size_t> choice(const YAML::Node& value, const std::string& key,
                                    const std::vector<std::string>& choices) {
    const auto text = value.IsScalar() ? value.Scalar() : std::string();
    const auto found = std::find(choices.begin(), choices.end(), text);
    if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
    auto hint = did_you_mean(text, choices);
    fault(value.Mark(), fmt::format("{} is one of: {}", key, fmt::join(choices, ", ")), hint);
    return std::nullopt;
  }

  void log(const YAML::Node& value) {
    each(value, "log", {"format", "level"}, [&](const std::string& key, const YAML::Node& v) {
      if (key == "format") {
        if (const auto c = choice(v, key, {"text", "json"})) out_.log.format = static_cast<log_format>(*c);
      } else if (const auto c = choice(v, key, {"debug", "info", "warning", "error"})) {
        out_.log.level = static_cast<log_level>(*c);
      }
    });
  }

  void memory(const YAML::Node& value) {
    const auto size = value.IsScalar() ? parse_memory_size(value.Scalar()) : std::nullopt;
    if (!size)
      fault(value.Mark(), "memory is a number of bytes with its unit, or a share of the machine's",
            "for example 256 MiB, or 25 %");
    else if (size->percent == 0 && size->bytes < least_memory_bytes)
      fault(value.Mark(), "memory is too small to work with", "at least 16 MiB");
    else
      out_.memory = *size;
  }

  const std::string& name_;
  configuration out_;
  std::string faults_;
};

} // namespace

result<configuration> parse_config(std::string_view text, const std::string& name) {
  config_reader reader(name);
  try {
    reader.read(YAML::Load(std::string(text)));
  } catch (const YAML::Exception& e) {
    // behind a colon yaml-cpp quotes the text, which may be a secret
    reader.fault(e.mark, e.msg.substr(0, e.msg.find(':')), "is this YAML? strings with ':' or '#' are quoted");
  }
  if (!reader.faults().empty()) return error{errc::config_invalid, reader.faults()};
  return reader.take();
}

result<configuration> load_config(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return error{errc::io_failed, fmt::format("cannot read {}", path), "check its name and its permissions"};
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return parse_config(text, path);
}

} // namespace weir
