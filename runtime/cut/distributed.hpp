#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/cut/sampling.hpp"
#include "runtime/cut/transaction_name.hpp"

namespace weir::cut {

/// A transaction's number inside one run of the program, whichever node it came from. 0 is none.
using transaction_id = strong_id<struct transaction_id_tag, std::uint64_t>;

/// Monotonic time, given by the caller: the machines have no clock.
using instant = std::chrono::microseconds;

/// What a distributed transaction did on one node, as far as it is in no cut.
struct distributed_part {
  node_index node;
  transaction_id id;
  std::string gid; ///< empty: the initiator's own, which was not prepared
  lsn prepared_at;
  bool committed = false;
  std::uint64_t place = 0; ///< in its node's commit order, once committed
};

/// A transaction that several local ones make, on one node or on many.
struct distributed_transaction {
  std::string name;
  std::optional<std::uint32_t> initiator;
  std::vector<distributed_part> parts;
  std::vector<std::string> expected; ///< names of its prepared parts, where the initiator's stream tells them
  /// Every PREPARE precedes every commit: once this round, begun after the first commit was seen, is complete, all
  /// parts have come.
  round_pointer seal;
  bool joined_since_seal = false;
  instant since{}; ///< when its first commit was seen

  /// Is it known that there are no other parts?
  bool sealed() const;
};

/// The distributed transactions of which some part is in no cut yet.
///
/// Cost     O(parts of the transaction) an operation
class distributed_transactions {
public:
  distributed_transactions(name_rule rule, sampling& rounds) : rule_(std::move(rule)), rounds_(rounds) {}

  /// A part was prepared, or was sent again (then `part.id` replaces what it was). Null if its name is no part's name.
  distributed_transaction* prepared(distributed_part part);
  /// The initiator's own part has committed, and named the others. Null if they have no common name.
  distributed_transaction* initiated(distributed_part part, std::vector<std::string> participants, instant now);
  /// The same, of a part that changed nothing: it only tells who the others are.
  void announced(const std::vector<std::string>& participants);
  void committed(distributed_transaction& whole, transaction_id part, std::uint64_t place, instant now);
  /// The part was rolled back, or is in a cut. The transaction is gone with its last part.
  void gone(distributed_transaction& whole, transaction_id part);

  using by_name = std::unordered_map<std::string, std::unique_ptr<distributed_transaction>>;
  const by_name& all() const { return all_; }

private:
  void seen_committed(distributed_transaction& whole, instant now);

  name_rule rule_;
  sampling& rounds_;
  by_name all_;
};

} // namespace weir::cut
