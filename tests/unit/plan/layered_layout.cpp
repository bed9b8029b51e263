#include "runtime/plan/layered_layout.hpp"

#include <rapidcheck.h>

#include "tests/support/catch.hpp"
#include "tests/support/property.hpp"

using namespace weir;

namespace {

bool apart(const drawing_box& a, const drawing_box& b) {
  return a.at.x + a.width <= b.at.x || b.at.x + b.width <= a.at.x || a.at.y + a.height <= b.at.y ||
         b.at.y + b.height <= a.at.y;
}

bool inside(const layered_drawing& d, const drawing_box& b) {
  return b.at.x >= 0 && b.at.y >= 0 && b.at.x + b.width <= d.width && b.at.y + b.height <= d.height;
}

std::vector<drawing_box> all_of(const layered_drawing& d) {
  auto all = d.boxes;
  for (const auto& e : d.edges)
    if (e.label.width > 0) all.push_back(e.label);
  return all;
}

/// Some part of the way from `a` to `b` that lies inside of a box; ways rise and fall in between.
bool crosses(drawing_point a, drawing_point b, const drawing_box& box) {
  const double left = std::min(a.x, b.x), right = std::max(a.x, b.x);
  const double above = std::min(a.y, b.y), below = std::max(a.y, b.y);
  return left < box.at.x + box.width && right > box.at.x && above < box.at.y + box.height && below > box.at.y;
}

layered_drawing boxes(std::size_t count) {
  layered_drawing d;
  d.boxes.assign(count, {100, 30});
  return d;
}

} // namespace

TEST_CASE("what leads somewhere stands left of it, and in one line with it") {
  auto d = boxes(3);
  d.edges = {{2, 1}, {1, 0}};
  arrange(d);
  CHECK(d.boxes[2].at.x < d.boxes[1].at.x);
  CHECK(d.boxes[1].at.x < d.boxes[0].at.x);
  CHECK(d.boxes[2].at.y == d.boxes[0].at.y);
  CHECK(d.height == 30);
  REQUIRE(d.edges[0].pieces.size() == 1);
  CHECK(d.edges[0].pieces[0].front().x == d.boxes[2].at.x + 100);
  CHECK(d.edges[0].pieces[0].back().x == d.boxes[1].at.x);
}

TEST_CASE("what leads back does not decide who stands where; its way begins on the left") {
  auto d = boxes(2);
  d.edges = {{0, 1, false, {50, 16}}, {1, 0, true, {70, 16}}};
  arrange(d);
  CHECK(d.boxes[0].at.x < d.boxes[1].at.x);
  REQUIRE(d.edges[1].pieces.size() == 2);
  CHECK(d.edges[1].pieces.front().front().x == d.boxes[1].at.x);
  CHECK(d.edges[1].pieces.back().back().x == d.boxes[0].at.x + 100);
}

TEST_CASE("what is not connected stands below") {
  auto d = boxes(4);
  d.edges = {{0, 2}, {1, 3}};
  arrange(d);
  CHECK(d.boxes[0].at.y == d.boxes[2].at.y);
  CHECK(d.boxes[0].at.x == d.boxes[1].at.x);
  CHECK(d.boxes[0].at.y < d.boxes[1].at.y);
}

TEST_CASE("nothing is a drawing, too") {
  layered_drawing d;
  arrange(d);
  CHECK(d.width == 0);
}

TEST_CASE("whatever the graph: nothing overlaps, no way crosses a box, and the same graph has the same drawing") {
  weir::test::require_property("layered layout", [] {
    layered_drawing d;
    const auto count = *rc::gen::inRange<std::size_t>(2, 12);
    for (std::size_t i = 0; i < count; ++i)
      d.boxes.push_back({*rc::gen::inRange(20, 300) * 1.0, *rc::gen::inRange(20, 120) * 1.0});
    const auto edges = *rc::gen::inRange<std::size_t>(0, 20);
    for (std::size_t i = 0; i < edges; ++i) {
      drawing_edge e{*rc::gen::inRange<std::size_t>(0, count), *rc::gen::inRange<std::size_t>(0, count),
                     *rc::gen::arbitrary<bool>()};
      if (e.from == e.to) continue;
      if (*rc::gen::arbitrary<bool>()) e.label = {*rc::gen::inRange(10, 200) * 1.0, 16};
      d.edges.push_back(e);
    }
    auto again = d;
    arrange(d);
    const auto all = all_of(d);
    for (std::size_t i = 0; i < all.size(); ++i) {
      RC_ASSERT(inside(d, all[i]));
      for (std::size_t j = 0; j < i; ++j) RC_ASSERT(apart(all[i], all[j]));
    }
    for (const auto& e : d.edges)
      for (const auto& piece : e.pieces)
        for (std::size_t i = 1; i < piece.size(); ++i) {
          RC_ASSERT(inside(d, {0, 0, piece[i]}));
          for (const auto& box : all) RC_ASSERT(!crosses(piece[i - 1], piece[i], box));
        }
    arrange(again);
    for (std::size_t i = 0; i < d.boxes.size(); ++i) {
      RC_ASSERT(d.boxes[i].at.x == again.boxes[i].at.x);
      RC_ASSERT(d.boxes[i].at.y == again.boxes[i].at.y);
    }
  });
}
