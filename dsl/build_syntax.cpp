#include "dsl/build_syntax.hpp"

#include <utility>

#include "dsl/build_query.hpp"
#include "dsl/build_test.hpp"
#include "dsl/build_words.hpp"
#include "dsl/grammar.hpp"
#include "dsl/identifier.hpp"

namespace weir::dsl {
namespace {

namespace g = grammar;

class syntax_builder {
public:
  syntax_builder(word_builder& words, syntax& out) : words_(words), out_(out) {}

  void statement(const tree& node) {
    if (node.is_type<g::pipeline_statement>())
      out_.pipelines.push_back({words_.name_from(*node.children.front())});
    else if (node.is_type<g::cluster_statement>())
      cluster(node);
    else if (node.is_type<g::source_statement>())
      out_.sources.push_back({words_.name_from(*node.children[0]), table(*node.children[1])});
    else if (node.is_type<g::view_statement>())
      view(node);
    else if (node.is_type<g::sink_statement>())
      sink(node);
    else if (node.is_type<g::supervise_statement>())
      supervise(node);
    else if (node.is_type<g::include_statement>())
      include(node);
    else if (node.is_type<g::memory_statement>())
      memory(*node.children.front());
    else if (node.is_type<g::test_statement>())
      out_.tests.push_back(build_test(node, words_));
  }

private:
  table_name table(const tree& node) {
    return {words_.name_from(*node.children[0]), words_.name_from(*node.children[1]),
            words_.name_from(*node.children[2])};
  }

  void include(const tree& node) {
    const tree& file = *node.children.front();
    include_declaration i{name_of(file.string_view()), words_.span_of(file)};
    if (i.file.empty())
      words_.error(code::syntax, i.where, "the name of a file must not be empty");
    else
      out_.includes.push_back(std::move(i));
  }

  void memory(const tree& amount) {
    const auto where = words_.span_from(*amount.children.front(), *amount.children.back());
    if (const auto size = words_.memory_from(amount)) out_.memories.push_back({*size, where});
  }

  void cluster(const tree& node) {
    cluster_declaration c;
    c.cluster = words_.name_from(*node.children.front());
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      const tree& item = *node.children[i];
      if (item.is_type<g::consistency_item>()) {
        consistency(*item.children.front(), c);
      } else if (item.is_type<g::capture_item>()) {
        capture(*item.children.front(), c);
      } else if (item.is_type<g::transaction_item>()) {
        transaction_name(*item.children.front(), c);
      } else if (item.is_type<g::coordinator_item>()) {
        const auto conninfo = words_.conninfo_from(*item.children.front());
        if (c.coordinator)
          words_.error(code::declared_twice, conninfo.where, "a cluster has one coordinator",
                       "several servers of equal rank are: nodes \"…\", \"…\";");
        else
          c.coordinator = conninfo;
      } else {
        node_declaration n;
        if (item.children.size() > 1) n.node = words_.name_from(*item.children.front());
        n.conninfo = words_.conninfo_from(*item.children.back());
        c.nodes.push_back(std::move(n));
      }
    }
    out_.clusters.push_back(std::move(c));
  }

  void consistency(const tree& word, cluster_declaration& c) {
    const consistency_choice read{
        word.is_type<g::node_word>() ? weir::consistency::node : weir::consistency::transaction, words_.span_of(word)};
    if (c.consistency)
      words_.error(code::declared_twice, read.where, "the consistency of this cluster is chosen twice",
                   "all cuts of a pipeline are of one kind");
    else
      c.consistency = read;
  }

  void capture(const tree& word, cluster_declaration& c) {
    const capture_choice read{word.is_type<g::raw_word>() ? capture_mode::raw : capture_mode::logical,
                              words_.span_of(word)};
    if (c.capture)
      words_.error(code::declared_twice, read.where, "the capture of this cluster is chosen twice",
                   "all nodes of a cluster are read in one way");
    else
      c.capture = read;
  }

  void transaction_name(const tree& literal, cluster_declaration& c) {
    const transaction_pattern read{word_builder::string_from(literal), words_.span_of(literal)};
    if (c.transaction_name) {
      words_.error(code::declared_twice, read.where, "a cluster has one pattern for the names of transactions",
                   "one expression can match several: '(?:transfer|refund)_([0-9]+)_.*'");
      return;
    }
    if (auto fit = check_transaction_name(read.text); !fit)
      words_.error(code::bad_value, read.where, fit.error().message, fit.error().hint);
    else
      c.transaction_name = read;
  }

  void view(const tree& node) {
    view_declaration v;
    v.view = words_.name_from(*node.children.front());
    v.query = build_query(*node.children[1], words_);
    out_.views.push_back(std::move(v));
  }

  void sink(const tree& node) {
    sink_declaration s;
    s.view = words_.name_from(*node.children[0]);
    s.table = table(*node.children[1]);
    for (std::size_t i = 2; i < node.children.size(); ++i) {
      const tree& part = *node.children[i];
      if (part.is_type<g::distributed_part>())
        s.distributed = distributed(part);
      else if (part.is_type<g::reference_word>())
        s.reference = true;
      else
        s.every = words_.duration_from(part);
    }
    out_.sinks.push_back(std::move(s));
  }

  distribution distributed(const tree& node) {
    distribution d{words_.name_from(*node.children[0]), {}, {}};
    const tree& with = *node.children.back();
    if (!with.is_type<g::table_or_source>()) return d;
    if (with.children.size() == 1)
      d.with_source = words_.name_from(*with.children[0]);
    else
      d.with_table = table(with);
    return d;
  }

  void supervise(const tree& node) {
    supervise_declaration s;
    s.where = words_.span_of(*node.children.front());
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      const tree& item = *node.children[i];
      if (item.is_type<g::retry_item>())
        retry(item, s);
      else if (item.is_type<g::slot_lost_part>())
        s.on_slot_lost =
            item.children.front()->is_type<g::stop_word>() ? weir::on_slot_lost::stop : weir::on_slot_lost::reload;
      else if (item.is_type<g::schema_change_part>())
        s.on_schema_change = item.children.front()->is_type<g::stop_word>() ? weir::on_schema_change::stop
                                                                            : weir::on_schema_change::evolve;
      else if (item.is_type<g::error_part>())
        s.on_error = item.children.front()->is_type<g::stop_word>() ? weir::on_error::stop : weir::on_error::skip;
      else
        s.on_worker_failure =
            item.children.front()->is_type<g::wait_word>() ? failure_policy::wait : failure_policy::isolate;
    }
    out_.supervises.push_back(std::move(s));
  }

  void retry(const tree& item, supervise_declaration& s) {
    s.retry = words_.whole_from(*item.children.front(), 1, 1'000'000);
    if (item.children.size() < 3) return;
    const tree& least = *item.children[1];
    const tree& most = *item.children[2];
    s.backoff_min = words_.duration_from(least);
    s.backoff_max = words_.duration_from(most);
    if (!s.backoff_min || !s.backoff_max) return;
    const auto where = words_.span_from(*least.children.front(), *most.children.back());
    if (s.backoff_min->count() == 0)
      words_.error(code::bad_value, where, "a backoff of 0 is none", "write for example: backoff 200 ms to 30 s");
    else if (*s.backoff_min > *s.backoff_max)
      words_.error(code::bad_value, where, "the backoff ends before it begins", "the shorter duration comes first");
  }

  word_builder& words_;
  syntax& out_;
};

} // namespace

void build_syntax(const tree& root, std::uint32_t file, const std::string& text, syntax& out, diagnostics& found) {
  word_builder words(file, text, found);
  syntax_builder builder(words, out);
  for (const auto& statement : root.children) builder.statement(*statement);
}

} // namespace weir::dsl
