#include "dsl/bind.hpp"

#include <algorithm>
#include <map>

#include "dsl/bind_query.hpp"
#include "dsl/bind_sink.hpp"
#include "dsl/bind_tree.hpp"
#include "dsl/bind_view.hpp"
#include "dsl/source_scope.hpp"

namespace weir::dsl {
namespace {

/// The first statement of each name counts, as in outline_of, which reported the others.
template <class Declaration, class NameOf>
const Declaration* first_named(const std::vector<Declaration>& all, const std::string& text, NameOf name_of) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Declaration& d) { return name_of(d).text == text; });
  return found == all.end() ? nullptr : &*found;
}

class binder {
public:
  binder(const syntax& program, const outline& about, const cluster_catalog& catalogs)
      : program_(program), about_(about), catalogs_(catalogs),
        relations_(
            program,
            [this](const std::string& source, std::size_t& place) -> const source_scope* {
              const auto found = scope_of(source);
              if (!found) return nullptr;
              place = *found;
              return &scopes_[place];
            },
            found_),
        trees_(
            program,
            [this](const std::string& source) -> source_scope* {
              const auto found = scope_of(source);
              return found ? &scopes_[*found] : nullptr;
            },
            found_) {}

  bind_outcome run() {
    out_.name = about_.pipeline;
    for (const auto& view : program_.views)
      if (is_written(view)) bind(view);
    for (const auto& view : program_.views)
      if (!is_written(view)) check(view);
    for (auto& scope : scopes_) {
      check_replica_identity(scope, found_);
      out_.sources.push_back(std::move(scope.bound));
    }
    supervise();
    servers();
    found_.insert(found_.end(), found_at_sources_.begin(), found_at_sources_.end());
    sort(found_);
    // A view that is written and read by another is bound for both.
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
    if (!about_.sound || has_errors(found_)) return {std::nullopt, std::move(found_)};
    return {std::move(out_), std::move(found_)};
  }

private:
  const sink_declaration* sink_of(const view_declaration& view) const {
    return first_named(program_.sinks, view.view.text, [](const auto& d) -> const name& { return d.view; });
  }

  /// Without a table of its own a view is part of those that read it.
  bool is_written(const view_declaration& view) const {
    return sink_of(view) != nullptr || !about_.views_read.contains(view.view.text);
  }

  void bind(const view_declaration& view) {
    const auto before = found_.size();
    const auto used = used_columns();
    auto bound = bind_flat(view);
    const bool runs = bound && std::all_of(bound->aggregates.begin(), bound->aggregates.end(), runs_incrementally);
    if (relations_.lacked_operator() || (bound && !runs)) {
      // All that was found is found again.
      found_.resize(before);
      restore(used);
      return bind_tree(view);
    }
    if (!bound) return;
    if (const auto* sink = sink_of(view)) bound->sink = bind_sink(*sink, program_.sources, *bound, found_);
    out_.views.push_back(*std::move(bound));
  }

  std::optional<bound_view> bind_flat(const view_declaration& view) {
    const auto* select = relations_.plain_select(view.query);
    const auto from = relations_.read_by(view.query);
    if (select == nullptr || !from) return std::nullopt;
    auto items = relations_.items_of(*select, *from);
    if (!items) return std::nullopt;
    auto bound = bind_view(view, *select, *std::move(items), *from, scopes_[from->source], found_);
    if (bound) bound->source = from->source;
    return bound;
  }

  void bind_tree(const view_declaration& view) {
    auto planned = trees_.bind(view);
    if (!planned) return;
    if (const auto* sink = sink_of(view)) planned->table = sink->table.schema.text + "." + sink->table.table.text;
    out_.unbuilt.push_back(*std::move(planned));
  }

  void check(const view_declaration& view) {
    const auto before = found_.size();
    relations_.check(view);
    if (!relations_.lacked_operator()) return;
    found_.resize(before);
    bind_tree(view);
  }

  std::vector<std::vector<bool>> used_columns() const {
    std::vector<std::vector<bool>> out;
    for (const auto& scope : scopes_) out.push_back(scope.bound.used);
    return out;
  }

  void restore(const std::vector<std::vector<bool>>& used) {
    for (std::size_t i = 0; i < scopes_.size(); ++i) {
      auto& now = scopes_[i].bound.used;
      if (i < used.size())
        now = used[i];
      else
        now.assign(now.size(), false);
    }
  }

  /// The place in scopes_ of a declared source; looked up on the nodes when it is first read.
  std::optional<std::size_t> scope_of(const std::string& source) {
    if (const auto known = places_.find(source); known != places_.end()) return known->second;
    auto& place = places_[source];
    const auto* declaration =
        first_named(program_.sources, source, [](const auto& d) -> const name& { return d.source; });
    if (declaration == nullptr || !about_.source_cluster) return place;
    // of another cluster than the one that was read: reported by outline_of
    if (declaration->table.cluster.text != about_.clusters[*about_.source_cluster].name) return place;
    auto scope = find_source(*declaration, catalogs_, found_at_sources_);
    if (!scope) return place;
    place = scopes_.size();
    scopes_.push_back(*std::move(scope));
    return place;
  }

  void servers() {
    if (about_.target) out_.target = *about_.target;
    if (!about_.source_cluster) return;
    const auto& read = about_.clusters[*about_.source_cluster];
    out_.nodes = read.nodes;
    if (read.discovered) out_.coordinator = node_spec{"coordinator", *read.coordinator, {}};
    out_.capture = read.discovered ? read.capture.value_or(capture_mode::raw) : capture_mode::tables;
    out_.consistency = read.consistency.value_or(weir::consistency::transaction);
    out_.transaction_name = read.transaction_name.value_or("");
  }

  void supervise() {
    if (program_.supervises.empty()) return;
    const auto& s = program_.supervises.front();
    if (s.retry) out_.supervise.retry = *s.retry;
    if (s.backoff_min) out_.supervise.backoff_min = *s.backoff_min;
    if (s.backoff_max) out_.supervise.backoff_max = *s.backoff_max;
    if (s.on_slot_lost) out_.supervise.on_slot_lost = *s.on_slot_lost;
    if (s.on_error) out_.supervise.on_error = *s.on_error;
    if (s.on_schema_change) out_.supervise.on_schema_change = *s.on_schema_change;
    if (s.on_worker_failure)
      out_.supervise.on_worker_failure = *s.on_worker_failure == failure_policy::wait
                                             ? weir::on_worker_failure::wait
                                             : weir::on_worker_failure::isolate;
  }

  const syntax& program_;
  const outline& about_;
  const cluster_catalog& catalogs_;
  std::map<std::string, std::optional<std::size_t>> places_;
  std::vector<source_scope> scopes_;
  bound_pipeline out_;
  diagnostics found_;
  diagnostics found_at_sources_; ///< said once, whoever looks for them
  relation_binder relations_;
  tree_binder trees_;
};

} // namespace

bind_outcome bind(const syntax& program, const outline& about, const cluster_catalog& catalogs) {
  return binder(program, about, catalogs).run();
}

} // namespace weir::dsl
