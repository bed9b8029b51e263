#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "tests/sim/world/mutations.hpp"
#include "tests/sim/world/world.hpp"

using namespace weir;

namespace {

struct request {
  std::uint64_t seed = 0;
  std::uint64_t seeds = 1;
  std::uint64_t steps = 20'000;
  std::string faults;
  std::string mutation;
  std::uint64_t nodes = 0;
  bool echo = false;
  bool list = false;
};

int list_options() {
  const sim::chances usual;
  for (const bool fault : {true, false}) {
    fmt::print("{}\n", fault ? "Faults:" : "What clients do:");
    for (const auto& o : sim::chances::all())
      if (o.fault == fault) fmt::print("  {:22} in {}: {}\n", o.name, o.occasions, o.what);
  }
  return 0;
}

std::string replay(const request& r, std::uint64_t seed) {
  auto command = fmt::format("tools/sim --seed {} --steps {}", seed, r.steps);
  if (!r.faults.empty()) command += " --faults " + r.faults;
  if (r.nodes != 0) command += fmt::format(" --nodes {}", r.nodes);
  if (!r.mutation.empty()) command += " --mutation " + r.mutation;
  return command;
}

void tell_failure(const request& r, std::uint64_t seed, const sim::world& w) {
  fmt::print("seed {}, step {}: {}\n\nthe last events (step, virtual time):\n", seed, w.env.step, w.env.violation);
  for (const auto& line : w.env.events.last()) fmt::print("{}\n", line);
  fmt::print("\n{}\nreplay: {}\n", w.description(), replay(r, seed));
}

int run(const request& r) {
  sim::world_options options;
  if (auto set = options.often.set(r.faults); !set) {
    fmt::print(stderr, "{}: {}\n", set.error().message, set.error().hint);
    return 2;
  }
  if (!sim::choose_mutation(r.mutation)) {
    fmt::print(stderr, "no mutation \"{}\" in this build; there are:{}\n", r.mutation, sim::mutation_names());
    return 2;
  }
  if (r.nodes != 0) options.nodes = r.nodes;
  options.echo = r.echo;
  std::uint64_t steps = 0;
  std::uint64_t cuts = 0;
  const auto started = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < r.seeds; ++i) {
    sim::world w(r.seed + i, options);
    const auto violation = w.run(r.steps);
    steps += w.env.step;
    cuts += w.cuts();
    if (violation.empty()) continue;
    tell_failure(r, r.seed + i, w);
    fmt::print("{} worlds, {} steps until then\n", i + 1, steps);
    return 1;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  fmt::print("{} worlds from seed {} on, {} steps, {} cuts in {:.1f} s: nothing found\n", r.seeds, r.seed, steps, cuts,
             took.count());
  return 0;
}

constexpr const char* usage = R"(Runs simulated clusters, and the real actors of a pipeline over them, for long.

  --seed N         of the first world (0)
  --seeds N        how many worlds, each with the next seed (1)
  --steps N        with writes and faults, before all calms down (20000)
  --faults LIST    NAME=PER MILLE,… (none; --list names them)
  --nodes N        of the cluster; 0: one to three, by the seed (0)
  --mutation NAME  a deliberate bug, in a build that has them
  --echo           print everything that happens
  --list           list the faults
)";

bool to_number(const char* text, std::uint64_t& out) {
  const auto* end = text + std::strlen(text);
  const auto read = std::from_chars(text, end, out);
  return read.ec == std::errc{} && read.ptr == end;
}

/// False if the arguments make no sense.
bool parse(int argc, char** argv, request& r) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const bool flag = name == "--echo" || name == "--list";
    r.echo = r.echo || name == "--echo";
    r.list = r.list || name == "--list";
    if (flag) continue;
    if (++i == argc) return false;
    const bool taken = name == "--seed"    ? to_number(argv[i], r.seed)
                       : name == "--seeds" ? to_number(argv[i], r.seeds)
                       : name == "--steps" ? to_number(argv[i], r.steps)
                       : name == "--nodes" ? to_number(argv[i], r.nodes)
                                           : false;
    if (taken) continue;
    if (name == "--faults")
      r.faults = argv[i];
    else if (name == "--mutation")
      r.mutation = argv[i];
    else
      return false;
  }
  return true;
}

} // namespace

int main(int argc, char** argv) {
  request r;
  if (!parse(argc, argv, r)) {
    fmt::print(stderr, "{}", usage);
    return 2;
  }
  return r.list ? list_options() : run(r);
}
