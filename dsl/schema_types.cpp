#include "dsl/schema_types.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "dsl/identifier.hpp"

namespace weir::dsl {
namespace {

struct own_type {
  std::string_view name; ///< pg_type.typname
  std::uint32_t oid;
  std::uint32_t array_oid;
  std::string_view shown; ///< format_type(oid, -1)
};

// pg_type of PostgreSQL 15; these numbers are fixed since the types exist.
constexpr own_type own_types[] = {
    {"bool", 16, 1000, "boolean"},
    {"bytea", 17, 1001, "bytea"},
    {"char", 18, 1002, "\"char\""},
    {"name", 19, 1003, "name"},
    {"int8", 20, 1016, "bigint"},
    {"int2", 21, 1005, "smallint"},
    {"int2vector", 22, 1006, "int2vector"},
    {"int4", 23, 1007, "integer"},
    {"regproc", 24, 1008, "regproc"},
    {"text", 25, 1009, "text"},
    {"oid", 26, 1028, "oid"},
    {"tid", 27, 1010, "tid"},
    {"xid", 28, 1011, "xid"},
    {"cid", 29, 1012, "cid"},
    {"oidvector", 30, 1013, "oidvector"},
    {"json", 114, 199, "json"},
    {"xml", 142, 143, "xml"},
    {"point", 600, 1017, "point"},
    {"lseg", 601, 1018, "lseg"},
    {"path", 602, 1019, "path"},
    {"box", 603, 1020, "box"},
    {"polygon", 604, 1027, "polygon"},
    {"line", 628, 629, "line"},
    {"cidr", 650, 651, "cidr"},
    {"float4", 700, 1021, "real"},
    {"float8", 701, 1022, "double precision"},
    {"circle", 718, 719, "circle"},
    {"macaddr8", 774, 775, "macaddr8"},
    {"money", 790, 791, "money"},
    {"macaddr", 829, 1040, "macaddr"},
    {"inet", 869, 1041, "inet"},
    {"aclitem", 1033, 1034, "aclitem"},
    {"bpchar", 1042, 1014, "bpchar"},
    {"varchar", 1043, 1015, "character varying"},
    {"date", 1082, 1182, "date"},
    {"time", 1083, 1183, "time without time zone"},
    {"timestamp", 1114, 1115, "timestamp without time zone"},
    {"timestamptz", 1184, 1185, "timestamp with time zone"},
    {"interval", 1186, 1187, "interval"},
    {"timetz", 1266, 1270, "time with time zone"},
    {"bit", 1560, 1561, "\"bit\""},
    {"varbit", 1562, 1563, "bit varying"},
    {"numeric", 1700, 1231, "numeric"},
    {"refcursor", 1790, 2201, "refcursor"},
    {"regprocedure", 2202, 2207, "regprocedure"},
    {"regoper", 2203, 2208, "regoper"},
    {"regoperator", 2204, 2209, "regoperator"},
    {"regclass", 2205, 2210, "regclass"},
    {"regtype", 2206, 2211, "regtype"},
    {"uuid", 2950, 2951, "uuid"},
    {"txid_snapshot", 2970, 2949, "txid_snapshot"},
    {"pg_lsn", 3220, 3221, "pg_lsn"},
    {"tsvector", 3614, 3643, "tsvector"},
    {"tsquery", 3615, 3645, "tsquery"},
    {"regconfig", 3734, 3735, "regconfig"},
    {"regdictionary", 3769, 3770, "regdictionary"},
    {"jsonb", 3802, 3807, "jsonb"},
    {"int4range", 3904, 3905, "int4range"},
    {"numrange", 3906, 3907, "numrange"},
    {"tsrange", 3908, 3909, "tsrange"},
    {"tstzrange", 3910, 3911, "tstzrange"},
    {"daterange", 3912, 3913, "daterange"},
    {"int8range", 3926, 3927, "int8range"},
    {"jsonpath", 4072, 4073, "jsonpath"},
    {"regnamespace", 4089, 4090, "regnamespace"},
    {"regrole", 4096, 4097, "regrole"},
    {"regcollation", 4191, 4192, "regcollation"},
    {"int4multirange", 4451, 6150, "int4multirange"},
    {"nummultirange", 4532, 6151, "nummultirange"},
    {"tsmultirange", 4533, 6152, "tsmultirange"},
    {"tstzmultirange", 4534, 6153, "tstzmultirange"},
    {"datemultirange", 4535, 6155, "datemultirange"},
    {"int8multirange", 4536, 6157, "int8multirange"},
    {"pg_snapshot", 5038, 5039, "pg_snapshot"},
    {"xid8", 5069, 271, "xid8"},
};

constexpr std::pair<std::string_view, std::string_view> sql_names[] = {
    {"boolean", "bool"},   {"smallint", "int2"},    {"int", "int4"},     {"integer", "int4"},     {"bigint", "int8"},
    {"real", "float4"},    {"decimal", "numeric"},  {"dec", "numeric"},  {"character", "bpchar"}, {"char", "bpchar"},
    {"nchar", "bpchar"},   {"smallserial", "int2"}, {"serial2", "int2"}, {"serial", "int4"},      {"serial4", "int4"},
    {"bigserial", "int8"}, {"serial8", "int8"},
};

// Bits of an interval's fields: datetime.h, INTERVAL_MASK.
constexpr std::pair<std::string_view, int> interval_fields[] = {
    {"year", 1 << 2}, {"month", 1 << 1}, {"day", 1 << 3}, {"hour", 1 << 10}, {"minute", 1 << 11}, {"second", 1 << 12}};
constexpr int all_interval_fields = 0x7fff;
constexpr int full_precision = 0xffff;

const own_type* find_own(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(own_types), std::end(own_types), [&](const own_type& t) { return t.name == name; });
  return found == std::end(own_types) ? nullptr : found;
}

const own_type* find_own(std::uint32_t oid) {
  const auto* found =
      std::find_if(std::begin(own_types), std::end(own_types), [&](const own_type& t) { return t.oid == oid; });
  return found == std::end(own_types) ? nullptr : found;
}

/// "(10, -2)"; empty if none is next, or it holds something else than numbers.
std::vector<int> read_modifiers(statement_cursor& in) {
  std::vector<int> out;
  const auto begin = in.place();
  if (!in.take_mark("(")) return out;
  while (!in.at_end()) {
    const bool negative = in.take_mark("-");
    int value = 0;
    const auto text = in.text();
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) break;
    out.push_back(negative ? -value : value);
    in.skip();
    if (in.take_mark(")")) return out;
    if (!in.take_mark(",")) break;
  }
  in.go_to(begin);
  in.skip_group();
  return {};
}

/// "year to month"; -1 if no field is named, else its bits, and the words.
int read_interval_fields(statement_cursor& in, std::string& words) {
  const auto field = [&] {
    for (std::size_t i = 0; i < std::size(interval_fields); ++i)
      if (in.sees(interval_fields[i].first)) return static_cast<int>(i);
    return -1;
  };
  const int first = field();
  if (first < 0) return -1;
  in.skip();
  int last = first;
  words = " " + std::string(interval_fields[first].first);
  if (in.take("to")) {
    last = std::max(first, field());
    in.skip();
    words += " to " + std::string(interval_fields[last].first);
  }
  int bits = 0;
  // month comes before day in time, not in bits: the fields from the first to the last
  for (int i = first; i <= last; ++i) bits |= interval_fields[i].second;
  return bits;
}

/// Modifier and shown name of one of PostgreSQL's own types, from what is written behind its name.
void modify(schema_type& type, const std::vector<int>& written) {
  const auto with = [&](std::string_view name, std::string_view zone = "") {
    type.name = fmt::format("{}({}){}", name, fmt::join(written, ","), zone);
  };
  switch (type.oid) {
    case 1042: // bpchar, varchar: VARHDRSZ more
    case 1043:
      if (written.empty()) return;
      type.typmod = written[0] + 4;
      return with(type.oid == 1042 ? "character" : "character varying");
    case 1560:
    case 1562:
      if (written.empty()) return;
      type.typmod = written[0];
      return with(type.oid == 1560 ? "bit" : "bit varying");
    case 1700: {
      if (written.empty()) return;
      const int scale = written.size() > 1 ? written[1] : 0;
      type.typmod = ((written[0] << 16) | (scale & 0x7ff)) + 4;
      type.name = fmt::format("numeric({},{})", written[0], scale);
      return;
    }
    case 1083: // times: precisions above 6 are 6
    case 1114:
    case 1184:
    case 1266: {
      if (written.empty()) return;
      type.typmod = std::min(written[0], 6);
      const auto space = type.name.find(' ');
      type.name = fmt::format("{}({}){}", type.name.substr(0, space), type.typmod, type.name.substr(space));
      return;
    }
    default: return;
  }
}

// As runtime/postgres/catalog_reader.cpp asks the server; a test compares.
constexpr std::string_view equal_by_text[] = {"bytea",     "char",      "name",      "oid",     "inet",     "cidr",
                                              "macaddr",   "macaddr8",  "timetz",    "bit",     "varbit",   "pg_lsn",
                                              "int4range", "int8range", "daterange", "tsrange", "tstzrange"};
/// Those that weir computes with, as elements of an array.
constexpr std::string_view computed_equal_by_text[] = {"bool", "int2",      "int4",        "int8", "text", "varchar",
                                                       "date", "timestamp", "timestamptz", "uuid", "time"};

template <std::size_t N>
bool is_any_of(std::string_view name, const std::string_view (&names)[N]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

schema_type type_of(const own_type& t) { return {t.oid, -1, std::string(t.shown), {}, false, {}, false}; }

/// Types of several words: their pg_type name, or "" where the next word is all of it.
std::string take_long_name(statement_cursor& in) {
  if (in.take("double", "precision")) return "float8";
  if (in.take("national", "character", "varying") || in.take("national", "char", "varying")) return "varchar";
  if (in.take("national", "character") || in.take("national", "char")) return "bpchar";
  if (in.take("character", "varying") || in.take("char", "varying") || in.take("nchar", "varying")) return "varchar";
  if (in.take("bit", "varying")) return "varbit";
  return {};
}

/// What the grammar makes of the words of its own types; empty for all other names.
std::optional<schema_type> read_own(statement_cursor& in) {
  const auto begin = in.place();
  auto name = take_long_name(in);
  std::string word;
  bool serial = false;
  if (name.empty()) {
    if (!in.sees_kind(token_kind::word)) return std::nullopt;
    word = in.take_name();
    const auto* alias =
        std::find_if(std::begin(sql_names), std::end(sql_names), [&](const auto& n) { return n.first == word; });
    name = alias == std::end(sql_names) ? word : std::string(alias->second);
    serial = word.find("serial") != std::string::npos;
  }
  if (name == "float") {
    const auto digits = read_modifiers(in);
    return type_of(*find_own(!digits.empty() && digits[0] <= 24 ? "float4" : "float8"));
  }
  const auto written = name == "interval" ? std::vector<int>{} : read_modifiers(in);
  if ((name == "time" || name == "timestamp") && in.take("with", "time", "zone")) name += "tz";
  in.take("without", "time", "zone");
  const auto* own = find_own(name);
  if (own == nullptr) {
    in.go_to(begin);
    return std::nullopt;
  }
  auto type = type_of(*own);
  type.not_null = serial;
  if (name == "interval") {
    std::string words;
    const int fields = read_interval_fields(in, words);
    const auto precision = read_modifiers(in);
    if (fields < 0 && precision.empty()) return type;
    const int digits = precision.empty() ? full_precision : std::min(precision[0], 6);
    type.typmod = ((fields < 0 ? all_interval_fields : fields) << 16) | digits;
    type.name = "interval" + words + (precision.empty() ? "" : fmt::format("({})", digits));
    return type;
  }
  // character and bit alone are of length 1
  const bool one = written.empty() && (name == "bit" || (name == "bpchar" && word != "bpchar"));
  modify(type, one ? std::vector<int>{1} : written);
  return type;
}

} // namespace

void give_type(catalog_column& column, const schema_type& type) {
  column.type_oid = type.oid;
  column.typmod = type.typmod;
  column.type_name = type.name;
  column.sql_type = type.sql_type;
  column.equal_by_text = type.equal_by_text;
  column.labels = type.labels;
  column.is_citext = type.is_citext;
}

void schema_types::add(const std::string& schema, const std::string& name) {
  made_[{schema, name}] = {next_oid_, {}, {}};
  next_oid_ += 2; // its arrays have the number behind it
}

void schema_types::add_extension(const std::string& name, const std::string& schema) {
  has_extensions_ = true;
  if (name != "citext") return;
  add(schema, name);
  made_[{schema, name}].is_citext = true;
}

void schema_types::add_enum(const std::string& schema, const std::string& name, std::vector<std::string> labels) {
  add(schema, name);
  made_[{schema, name}].labels = std::make_shared<std::vector<std::string>>(std::move(labels));
}

std::vector<std::string>* schema_types::labels_of(const std::optional<std::string>& schema, const std::string& name,
                                                  const std::vector<std::string>& path) {
  for (const auto& in : schema ? std::vector{*schema} : path)
    if (const auto found = made_.find({in, name}); found != made_.end()) return found->second.labels.get();
  return nullptr;
}

void schema_types::add_domain(const std::string& schema, const std::string& name, schema_type base) {
  add(schema, name);
  base.typmod = -1;
  base.not_null = false;
  if (const auto* own = find_own(base.oid)) base.sql_type = std::string(own->shown);
  made_[{schema, name}].base = std::move(base);
}

std::optional<schema_type> schema_types::find(const std::optional<std::string>& schema, const std::string& name,
                                              const std::vector<std::string>& path) const {
  if (!schema || *schema == "pg_catalog")
    if (const auto* own = find_own(name)) return type_of(*own);
  const auto shown = [&](const std::string& in) { return display_name(in) + "." + display_name(name); };
  for (const auto& in : schema ? std::vector{*schema} : path)
    if (const auto found = made_.find({in, name}); found != made_.end()) {
      if (found->second.base) {
        auto type = *found->second.base;
        type.name = shown(in);
        return type;
      }
      const auto& labels = found->second.labels;
      return schema_type{found->second.oid,      -1, shown(in), {}, false, shown(in), labels != nullptr, labels,
                         found->second.is_citext};
    }
  if (!has_extensions_) return std::nullopt;
  const auto unknown = shown(schema ? *schema : path.empty() ? "public" : path[0]);
  return schema_type{next_oid_ + 1'000'000, -1, unknown, {}, false, unknown, false, {}};
}

std::optional<schema_type> schema_types::read(statement_cursor& in, const std::vector<std::string>& path) const {
  in.take("setof");
  const auto begin = in.place();
  std::optional<schema_type> type;
  const bool qualified = in.sees_name() && in.sees_mark(".", 1);
  if (!qualified) type = read_own(in);
  if (!type) {
    std::optional<std::string> schema;
    if (qualified) {
      schema = in.take_name();
      in.skip();
    }
    type = find(schema, in.take_name(), path);
    if (!type) {
      in.go_to(begin);
      return std::nullopt;
    }
    if (const auto written = read_modifiers(in); !written.empty()) modify(*type, written);
  }
  bool array = in.take("array");
  while (in.sees_mark("[")) {
    in.skip_group();
    array = true;
  }
  // Of a domain the name is its own, the rest its base type's.
  const auto* own = find_own(type->oid);
  const bool is_domain = !type->sql_type.empty() && type->sql_type != type->name;
  if (!is_domain) {
    type->sql_type = type->name;
    if (own != nullptr) type->equal_by_text = is_any_of(own->name, equal_by_text);
  }
  if (!array) return type;
  type->equal_by_text =
      !is_domain &&
      (own != nullptr ? type->equal_by_text || is_any_of(own->name, computed_equal_by_text) : type->equal_by_text);
  // The number of a domain's arrays is nobody's business: weir knows them by name.
  type->oid = is_domain ? next_oid_ + 1'000'001 : own != nullptr ? own->array_oid : type->oid + 1;
  type->name += "[]";
  type->labels.reset();
  type->is_citext = false;
  type->sql_type = type->name;
  return type;
}

std::vector<std::string> schema_types::names() const {
  std::vector<std::string> out;
  for (const auto& t : own_types) out.emplace_back(t.name);
  for (const auto& n : sql_names) out.emplace_back(n.first);
  for (const auto& [name, type] : made_) out.push_back(name.second);
  return out;
}

} // namespace weir::dsl
