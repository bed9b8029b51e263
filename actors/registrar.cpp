#include "actors/registrar.hpp"

#include <chrono>
#include <utility>

#include <caf/all.hpp>
#include <fmt/format.h>

namespace weir {
namespace {

using namespace messages;
using namespace std::chrono_literals;
using self_pointer = caf::stateful_actor<registrar_state>*;

constexpr auto lease_expiry = 15s;
constexpr auto renewal = 1s;
constexpr std::size_t unsent_limit = 1000;

/// Everything before the first lease, and the lease itself.
status enroll(registrar_state& s) {
  WEIR_TRY(s.target->connect());
  WEIR_ASSIGN(s.grant, s.target->enroll(lease_expiry));
  return {};
}

/// After the connection was lost: is the lease still ours?
status reconnect(registrar_state& s) {
  WEIR_TRY(s.target->connect());
  return s.target->resume(*s.grant);
}

status send_events(registrar_state& s) {
  while (!s.unsent.empty()) {
    WEIR_TRY(s.target->record(s.unsent.front()));
    s.unsent.erase(s.unsent.begin());
  }
  return {};
}

/// Runs `work` on the connection, made anew if need be. Only a lost lease is the supervisor's business; while the
/// target is away everything else waits.
template <class Work>
void with_target(self_pointer self, const Work& work) {
  auto& s = self->state;
  if (!s.grant) return;
  status outcome = s.target->connected() ? status{} : reconnect(s);
  if (outcome) outcome = work();
  if (outcome) {
    s.told_failure = false;
    return;
  }
  if (outcome.error().code == errc::lease_lost) {
    s.grant.reset();
    self->send(s.to.supervisor, lease_failed{std::move(outcome).error()});
    return;
  }
  s.target->disconnect();
  if (!std::exchange(s.told_failure, true))
    s.to.log.write(log_level::warning, "status_not_written",
                   {{"pipeline", s.to.plan->name}, {"cause", outcome.error().message}});
}

void remember(registrar_state& s, const postgres::event& e) {
  // Bounded: an outage of days must not fill the memory; the log has all of them.
  if (s.unsent.size() < unsent_limit) s.unsent.push_back(e);
}

} // namespace

caf::behavior registrar_actor(self_pointer self, registrar_arguments arguments,
                              std::shared_ptr<pipeline_registry> target) {
  auto& s = self->state;
  s.to = std::move(arguments);
  s.target = std::move(target);
  self->send(self, tick{});
  return {
      [=, &s](const tick& m) {
        if (m.number == 0) {
          if (auto outcome = enroll(s); !outcome) {
            s.grant.reset();
            s.target->disconnect();
            self->send(s.to.supervisor, lease_failed{std::move(outcome).error()});
          } else {
            self->send(s.to.supervisor, lease_granted{*s.grant});
            self->delayed_send(self, renewal, tick{1});
          }
          return;
        }
        with_target(self, [&] { return s.target->renew(*s.grant); });
        if (s.grant) self->delayed_send(self, renewal, tick{1});
      },
      [=, &s](const publish_event& m) {
        remember(s, m.what);
        with_target(self, [&] { return send_events(s); });
      },
      [=, &s](const publish_status& m) {
        with_target(self, [&]() -> status {
          WEIR_TRY(send_events(s));
          return s.target->record(m.nodes, m.cuts);
        });
      },
      [=, &s](const stop&) {
        if (s.target->connected() && s.grant) {
          if (auto outcome = send_events(s); outcome) outcome = s.target->release(*s.grant);
        }
        s.target->disconnect();
        self->quit(caf::exit_reason::normal);
      },
  };
}

} // namespace weir
