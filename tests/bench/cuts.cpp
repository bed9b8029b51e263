// bench_cuts TARGET VIEW CONSISTENCY RATE SECONDS W1 W2: moves money between accounts on two nodes, RATE transfers a
// second, each a distributed transaction: PREPARE TRANSACTION on both nodes, then COMMIT PREPARED on both. Measures how
// long a transfer takes from the return of its last COMMIT PREPARED until VIEW, at TARGET, shows all of it, and looks
// all the time whether the total that VIEW shows is the constant total.
//
// VIEW sums moves and balance of accounts(account_id, client, side, moves, balance) by client and side; W1 has the
// accounts of side w1, W2 those of side w2. CONSISTENCY is the pipeline's: with `transaction` a half transfer is a
// failure, with `node` it is counted. TARGET, W1 and W2 are connection strings. Exit status 0 if every transfer became
// visible, and none by halves where that is promised.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <exception>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/timing.hpp"
#include "tests/support/sql_session.hpp"

namespace {

using clock_type = std::chrono::steady_clock;
using weir::bench::now_us;
using weir::test::sql_session;

constexpr std::size_t clients = 8;
constexpr std::size_t accounts_of_client = 125; ///< on each side

struct arguments {
  std::string target, view;
  bool whole_transfers = true; ///< promised
  double rate = 0, seconds = 0;
  std::array<std::string, 2> nodes;
};

/// The transfers of one client, one after the other, by their number; 0 is "not yet".
struct client_record {
  std::vector<std::atomic<std::int64_t>> committed;
  std::vector<std::int64_t> visible;
  std::size_t seen = 0; ///< transfers 0 … seen - 1 are visible

  explicit client_record(std::size_t transfers) : committed(transfers), visible(transfers) {}
};

/// Each client has accounts of its own, so that no transfer waits for another's locks.
void move_money(const arguments& a, std::size_t client, client_record& record, clock_type::time_point start) {
  std::array<sql_session, 2> node{sql_session(a.nodes[0]), sql_session(a.nodes[1])};
  std::minstd_rand dice(static_cast<unsigned>(client + 1));
  for (std::size_t i = 0; i < record.committed.size(); ++i) {
    const double due = (double(i) + double(client) / clients) * clients / a.rate;
    std::this_thread::sleep_until(start +
                                  std::chrono::duration_cast<clock_type::duration>(std::chrono::duration<double>(due)));
    const auto amount = int(dice() % 100) + 1;
    std::array<std::string, 2> part;
    for (std::size_t n = 0; n < 2; ++n) {
      part[n] = fmt::format("citus_0_{}_{}_{}", ::getpid(), i * clients + client, n);
      node[n].run(fmt::format("begin; update accounts set balance = balance + {}, moves = moves + 1 where account_id = "
                              "{}; prepare transaction '{}'",
                              n == 0 ? -amount : amount, client * accounts_of_client + dice() % accounts_of_client + 1,
                              part[n]));
    }
    const auto first = dice() % 2; // whoever commits first differs, as it does where nodes answer at their own pace
    node[first].run(fmt::format("commit prepared '{}'", part[first]));
    node[1 - first].run(fmt::format("commit prepared '{}'", part[1 - first]));
    record.committed[i].store(now_us(), std::memory_order_release);
  }
}

/// Looks at the view, over and over. At first all is at rest.
class observer {
public:
  observer(const arguments& a, std::deque<client_record>& records)
      : view_(a.view), target_(a.target), records_(records) {
    total_ = read();
    before_ = moves_;
  }

  /// Notes what has become visible; false once everything has.
  bool look() {
    const auto shown = read();
    const auto now = now_us();
    ++looks_;
    if (shown != total_) ++halves_;
    bool pending = false;
    for (std::size_t c = 0; c < clients; ++c) {
      auto& r = records_[c];
      const auto whole = std::min(moves_[c][0] - before_[c][0], moves_[c][1] - before_[c][1]);
      for (; std::int64_t(r.seen) < whole && r.seen < r.visible.size(); ++r.seen) r.visible[r.seen] = now;
      pending = pending || r.seen < r.visible.size();
    }
    return pending;
  }

  std::uint64_t looks() const { return looks_; }
  std::uint64_t halves() const { return halves_; }

private:
  /// The total that the view shows; notes the moves.
  std::int64_t read() {
    std::int64_t shown = 0;
    for (const auto& row : target_.rows("select client, side = 'w2', moves, balance from " + view_)) {
      moves_[std::stoul(*row[0])][*row[1] == "t" ? 1 : 0] = std::stoll(*row[2]);
      shown += std::stoll(*row[3]);
    }
    return shown;
  }

  std::string view_;
  sql_session target_;
  std::deque<client_record>& records_;
  std::array<std::array<std::int64_t, 2>, clients> moves_{}; ///< by client, on each side
  std::array<std::array<std::int64_t, 2>, clients> before_{};
  std::int64_t total_ = 0;
  std::uint64_t looks_ = 0;
  std::uint64_t halves_ = 0; ///< looks at another total
};

void report(const arguments& a, const std::deque<client_record>& records, const observer& seen,
            clock_type::time_point start) {
  std::vector<double> ms;
  std::size_t transfers = 0;
  std::int64_t last = 0;
  for (const auto& r : records) {
    transfers += r.visible.size();
    last = std::max(last, r.committed.back().load());
    // The first second warms caches and plans up.
    for (std::size_t i = std::min(r.visible.size() / 2, std::size_t(a.rate / clients)); i < r.visible.size(); ++i)
      ms.push_back(double(std::max<std::int64_t>(0, r.visible[i] - r.committed[i].load())) / 1000);
  }
  const auto begun = std::chrono::duration_cast<std::chrono::microseconds>(start.time_since_epoch()).count();
  fmt::print(
      "consistency {:<12} last commit to visible: {}  ({} transfers at {:.0f}/s)  {} looks, {} at half a transfer\n",
      a.whole_transfers ? "transaction" : "node", weir::bench::quantiles_text(ms), transfers,
      double(transfers) * 1e6 / double(last - begun), seen.looks(), seen.halves());
}

int measure(const arguments& a) {
  std::deque<client_record> records;
  for (std::size_t c = 0; c < clients; ++c)
    records.emplace_back(std::max<std::size_t>(1, std::size_t(a.rate * a.seconds / clients)));
  observer seen(a, records);
  const auto start = clock_type::now() + std::chrono::milliseconds(100);
  std::vector<std::jthread> writers;
  for (std::size_t c = 0; c < clients; ++c)
    writers.emplace_back([&, c] {
      try {
        move_money(a, c, records[c], start);
      } catch (const std::exception& e) {
        fmt::print(stderr, "bench_cuts: a transfer failed: {}\n", e.what());
        std::_Exit(1);
      }
    });
  const auto give_up =
      start + std::chrono::duration_cast<clock_type::duration>(std::chrono::duration<double>(a.seconds * 2 + 30));
  while (seen.look()) {
    if (clock_type::now() > give_up) {
      fmt::print(stderr, "bench_cuts: not every transfer became visible in time\n");
      std::_Exit(1);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(300));
  }
  writers.clear();
  report(a, records, seen, start);
  return a.whole_transfers && seen.halves() > 0 ? 1 : 0;
}

} // namespace

int main(int argc, char* argv[]) {
  if (argc != 8) {
    fmt::print(stderr, "usage: bench_cuts TARGET VIEW transaction|node RATE SECONDS W1 W2\n");
    return 2;
  }
  try {
    return measure({argv[1],
                    argv[2],
                    std::string(argv[3]) == "transaction",
                    std::stod(argv[4]),
                    std::stod(argv[5]),
                    {argv[6], argv[7]}});
  } catch (const std::exception& e) {
    fmt::print(stderr, "bench_cuts: {}\n", e.what());
    return 1;
  }
}
