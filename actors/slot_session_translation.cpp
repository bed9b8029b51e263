// Of a slot session: logical capture, where Citus translates, and what that rests on has to be watched.

#include <utility>

#include "actors/slot_session.hpp"

namespace weir {

using namespace messages;
using namespace std::chrono_literals;

namespace {

constexpr auto look_interval = 1s;
constexpr auto hand_over_interval = 50ms; ///< of little chunks
constexpr auto doubt_interval = 10ms;     ///< a look at catalogs that are about to change

error reshaped(const std::string& what) {
  return {errc::source_reshaped, what + ": Citus' translation may have lost changes",
          "nothing is lost for good: the views are read anew"};
}

} // namespace

/// With logical capture what it lacked is read anew as anything else that was missed.
status slot_session::verify_publication() {
  auto verified = node_.verify_publication();
  if (verified || !logical_ || verified.error().code != errc::schema_changed) return verified;
  return error{errc::source_reshaped, std::move(verified.error().message),
               "nothing is lost for good: the views are read anew"};
}

/// A shard that was new while the slot was made may have been met by the decoder before its name was: what there is
/// before the slot has to be there at its snapshot, and nothing else.
result<std::optional<slot_session::pause>> slot_session::look_before_slot(instant now) {
  if (!logical_) return std::optional<pause>{};
  WEIR_ASSIGN(auto look, node_.look_at_translation());
  if (look.in_doubt) return std::optional{pause{pause::reason::link, now + doubt_interval}};
  translation_ = std::move(look.now);
  return std::optional<pause>{};
}

status slot_session::compare_at_snapshot() {
  if (!logical_) return {};
  if (!owned_ || !owned_->translated) return error{errc::internal, "the snapshot does not tell what shards there are"};
  if (*owned_->translated == translation_) return {};
  return error{errc::ownership_unclear, "shards changed while the slot was made", "it is made again"};
}

/// What changed while nobody watched is not trusted: a shard may have moved while the setting that marks its copies was
/// off.
status slot_session::check_unwatched() {
  std::optional<translation> recorded;
  if (to_.resume.ownership) {
    WEIR_ASSIGN(const auto tracker, ownership_tracker::parse(*to_.resume.ownership));
    partitions_ = tracker.committed().partitions;
    recorded = tracker.committed().translated;
  }
  if (!recorded) return reshaped("it is not known which shards there were");
  WEIR_ASSIGN(auto look, node_.look_at_translation());
  if (look.in_doubt)
    return error{errc::ownership_unclear, "shards are just changing", "the node is asked again in a moment"};
  if (*recorded != look.now) return reshaped("shards moved or changed while the stream was not read");
  translation_ = std::move(look.now);
  return {};
}

/// What happened to the tables says more than what it did to their shards. One that is gone may be back at once: until
/// that is decided nothing is handed over.
status slot_session::translation_fails(error why) {
  untranslated_ = std::move(why);
  WEIR_TRY(shapes_.look(node_));
  return still_untranslated();
}

status slot_session::still_untranslated() const {
  if (shapes_.something_missing()) return {};
  return *untranslated_;
}

status slot_session::compare_translation(const translation& now, std::vector<slot_report>& out) {
  const auto other_shards = [this] {
    return translation_fails(reshaped("a source has other shards than before, or was truncated"));
  };
  const auto change = compare(translation_, now);
  if (change == translation_change::none) return {};
  if (change == translation_change::reshaped) return other_shards();
  WEIR_ASSIGN(auto owned, node_.owned_now());
  if (!owned || !owned->translated) return error{errc::internal, "the node has no shards any more"};
  if (compare(translation_, *owned->translated) == translation_change::reshaped) return other_shards();
  translation_ = *owned->translated;
  out.emplace_back(shards_moved{to_.node, to_.incarnation, std::make_shared<const ownership>(*std::move(owned))});
  return {};
}

status slot_session::translation_if_due(instant now, std::vector<slot_report>& out) {
  if (!logical_ || now < next_translation_ || position_.asked) return {};
  next_translation_ = now + look_interval;
  if (untranslated_) return still_untranslated();
  auto fit = node_.check_translation();
  if (!fit) return fit.error().code == errc::unsupported ? translation_fails(std::move(fit).error()) : fit;
  WEIR_ASSIGN(const auto look, node_.look_at_translation());
  if (look.in_doubt) return {};
  return compare_translation(look.now, out);
}

/// What was read may be handed over if the catalogs, asked after it was read, are as they were: then the decoder knew
/// all shards. A shard that others write to already is in a prepared transaction here, and that is waited for.
result<std::optional<slot_session::pause>> slot_session::wait_for_translation(instant now,
                                                                              std::vector<slot_report>& out) {
  if (untranslated_) return std::optional{pause{pause::reason::link, next_due()}};
  const bool little = buffer_.size() < chunk_bytes;
  if (position_.asked || (little && now < next_hand_over_))
    return std::optional{pause{pause::reason::link, position_.asked ? next_due() : next_hand_over_}};
  WEIR_ASSIGN(const auto look, node_.look_at_translation());
  if (look.in_doubt) return std::optional{pause{pause::reason::link, now + doubt_interval}};
  WEIR_TRY(compare_translation(look.now, out));
  if (untranslated_) return std::optional{pause{pause::reason::link, next_due()}};
  next_hand_over_ = now + hand_over_interval;
  return std::optional<pause>{};
}

} // namespace weir
