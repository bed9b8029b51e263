#include "runtime/plan/layered_layout.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

namespace weir {
namespace {

constexpr double between_layers = 40;
constexpr double between_boxes = 20;
constexpr double between_parts = 30;

/// A box, a label, or the place where an edge passes a layer.
struct vertex {
  double width = 0;
  double height = 0;
  double x = 0;
  double y = 0; ///< of its middle
  std::size_t layer = 0;
  std::vector<std::size_t> before = {}; ///< neighbours in the layer to the left
  std::vector<std::size_t> after = {};
};

/// An edge as the vertices that it passes, from left to right.
struct chain {
  std::vector<std::size_t> vertices;
  std::optional<std::size_t> label = {}; ///< a place in `vertices`
  bool turned = false;                   ///< it leads from right to left
};

/// Lays out boxes that are connected. Boxes have even layers, and labels room between them.
class connected_part {
public:
  connected_part(const layered_drawing& drawing, std::vector<std::size_t> boxes, std::vector<std::size_t> edges)
      : boxes_(std::move(boxes)), edges_(std::move(edges)) {
    for (const auto b : boxes_) vertices_.push_back({drawing.boxes[b].width, drawing.boxes[b].height});
    for (const auto e : edges_) ends_.push_back({place_of(drawing.edges[e].from), place_of(drawing.edges[e].to)});
    chains_.resize(edges_.size());
    for (std::size_t e = 0; e < edges_.size(); ++e) chains_[e].turned = drawing.edges[edges_[e]].backward;
    turn_circles();
    choose_layers();
    for (std::size_t e = 0; e < edges_.size(); ++e) make_chain(e, drawing.edges[edges_[e]].label);
    order_layers();
    place_columns();
    place_rows();
  }

  /// Writes places into the drawing, below `top`; what is further right or below makes the drawing larger.
  void put(layered_drawing& out, double top) const {
    for (std::size_t b = 0; b < boxes_.size(); ++b) put(vertices_[b], out.boxes[boxes_[b]], top, out);
    for (std::size_t e = 0; e < edges_.size(); ++e) {
      auto& edge = out.edges[edges_[e]];
      if (chains_[e].label) put(vertices_[chains_[e].vertices[*chains_[e].label]], edge.label, top, out);
      edge.pieces = way(e);
      for (auto& piece : edge.pieces)
        for (auto& point : piece) {
          point.y += top;
          out.height = std::max(out.height, point.y); // a way may pass below all boxes
        }
    }
  }

private:
  std::size_t place_of(std::size_t box) const {
    return static_cast<std::size_t>(std::lower_bound(boxes_.begin(), boxes_.end(), box) - boxes_.begin());
  }
  std::size_t left(std::size_t e) const { return chains_[e].turned ? ends_[e].second : ends_[e].first; }
  std::size_t right(std::size_t e) const { return chains_[e].turned ? ends_[e].first : ends_[e].second; }

  /// Turns every edge that leads back to a box whose followers are being looked at, until there is no circle.
  void turn_circles() {
    std::vector<int> seen(vertices_.size(), 0); // 1: being looked at, 2: done
    const auto visit = [&](const auto& self, std::size_t at) -> void {
      seen[at] = 1;
      for (std::size_t e = 0; e < ends_.size(); ++e) {
        if (left(e) != at) continue;
        const auto next = right(e);
        if (seen[next] == 1) chains_[e].turned = !chains_[e].turned;
        if (seen[next] == 0) self(self, next);
      }
      seen[at] = 2;
    };
    for (std::size_t v = 0; v < vertices_.size(); ++v)
      if (seen[v] == 0) visit(visit, v);
  }

  /// The longest way that leads to a box decides; what nothing leads to stands right before what it leads to.
  void choose_layers() {
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t e = 0; e < ends_.size(); ++e) {
        auto& to = vertices_[right(e)].layer;
        if (to >= vertices_[left(e)].layer + 2) continue;
        to = vertices_[left(e)].layer + 2;
        moved = true;
      }
    }
    for (std::size_t v = 0; v < boxes_.size(); ++v) {
      std::optional<std::size_t> nearest;
      for (std::size_t e = 0; e < ends_.size(); ++e)
        if (left(e) == v) nearest = std::min(nearest.value_or(vertices_[right(e)].layer), vertices_[right(e)].layer);
      if (nearest && vertices_[v].layer == 0) vertices_[v].layer = *nearest - 2;
    }
  }

  void make_chain(std::size_t e, const drawing_box& label) {
    auto& c = chains_[e];
    const auto first = vertices_[left(e)].layer, last = vertices_[right(e)].layer;
    c.vertices = {left(e)};
    for (auto layer = first + 1; layer < last; ++layer) {
      vertex passing;
      passing.layer = layer;
      if (label.width > 0 && layer == (first + last) / 2) {
        passing.width = label.width;
        passing.height = label.height;
        c.label = c.vertices.size();
      }
      c.vertices.push_back(vertices_.size());
      vertices_.push_back(passing);
    }
    c.vertices.push_back(right(e));
    for (std::size_t i = 1; i < c.vertices.size(); ++i) {
      vertices_[c.vertices[i - 1]].after.push_back(c.vertices[i]);
      vertices_[c.vertices[i]].before.push_back(c.vertices[i - 1]);
    }
  }

  /// Each layer in the order of the middle of its neighbours, several times to and fro.
  void order_layers() {
    for (std::size_t v = 0; v < vertices_.size(); ++v) {
      if (layers_.size() <= vertices_[v].layer) layers_.resize(vertices_[v].layer + 1);
      layers_[vertices_[v].layer].push_back(v);
    }
    std::vector<double> rank(vertices_.size());
    const auto number = [&](const std::vector<std::size_t>& layer) {
      for (std::size_t i = 0; i < layer.size(); ++i) rank[layer[i]] = static_cast<double>(i);
    };
    for (const auto& layer : layers_) number(layer);
    const auto order = [&](std::vector<std::size_t>& layer, auto neighbours) {
      std::vector<std::pair<double, std::size_t>> keyed;
      for (const auto v : layer) {
        const auto& near = vertices_[v].*neighbours;
        double sum = 0;
        for (const auto n : near) sum += rank[n];
        keyed.emplace_back(near.empty() ? rank[v] : sum / static_cast<double>(near.size()), v);
      }
      std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
      for (std::size_t i = 0; i < layer.size(); ++i) layer[i] = keyed[i].second;
      number(layer);
    };
    for (int sweep = 0; sweep < 4; ++sweep) {
      for (auto& layer : layers_) order(layer, &vertex::before);
      for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) order(*layer, &vertex::after);
    }
  }

  void place_columns() {
    double x = 0;
    for (const auto& layer : layers_) {
      double width = 0;
      for (const auto v : layer) width = std::max(width, vertices_[v].width);
      columns_.push_back({x, width});
      for (const auto v : layer) {
        if (v < boxes_.size()) vertices_[v].width = width;
        vertices_[v].x = x + (width - vertices_[v].width) / 2;
      }
      x += width + between_layers;
    }
  }

  static double room(const vertex& above, const vertex& below) {
    return (above.height + below.height) / 2 + between_boxes;
  }

  /// Each vertex close to the middle of its neighbours, as far as the order of its layer allows: the mean of the places
  /// that are taken from above and from below, both of which leave enough room.
  void place_rows() {
    for (const auto& layer : layers_)
      for (std::size_t i = 1; i < layer.size(); ++i)
        vertices_[layer[i]].y = vertices_[layer[i - 1]].y + room(vertices_[layer[i - 1]], vertices_[layer[i]]);
    for (int sweep = 0; sweep < 8; ++sweep) {
      for (const auto& layer : layers_) settle(layer, &vertex::before);
      for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) settle(*layer, &vertex::after);
    }
    double top = 0;
    for (std::size_t v = 0; v < vertices_.size(); ++v) {
      const auto edge = vertices_[v].y - vertices_[v].height / 2;
      top = v == 0 ? edge : std::min(top, edge);
    }
    for (auto& v : vertices_) v.y -= top;
  }

  void settle(const std::vector<std::size_t>& layer, std::vector<std::size_t> vertex::*neighbours) {
    std::vector<double> wanted;
    for (const auto v : layer) {
      const auto& near = vertices_[v].*neighbours;
      double sum = 0;
      for (const auto n : near) sum += vertices_[n].y;
      wanted.push_back(near.empty() ? vertices_[v].y : sum / static_cast<double>(near.size()));
    }
    auto from_above = wanted, from_below = wanted;
    for (std::size_t i = 1; i < layer.size(); ++i)
      from_above[i] = std::max(wanted[i], from_above[i - 1] + room(vertices_[layer[i - 1]], vertices_[layer[i]]));
    for (std::size_t i = layer.size(); i-- > 1;)
      from_below[i - 1] = std::min(wanted[i - 1], from_below[i] - room(vertices_[layer[i - 1]], vertices_[layer[i]]));
    for (std::size_t i = 0; i < layer.size(); ++i) vertices_[layer[i]].y = (from_above[i] + from_below[i]) / 2;
  }

  /// Where a chain leaves a box on its right, or arrives on its left: all that do so share the height of the box.
  double port(std::size_t e, bool leaving) const {
    const auto box = leaving ? left(e) : right(e);
    const auto near = [&](std::size_t c) {
      const auto& passed = chains_[c].vertices;
      return vertices_[leaving ? passed[1] : passed[passed.size() - 2]].y;
    };
    std::size_t all = 0, above = 0;
    for (std::size_t c = 0; c < chains_.size(); ++c) {
      if ((leaving ? left(c) : right(c)) != box) continue;
      ++all;
      if (near(c) < near(e) || (near(c) == near(e) && c < e)) ++above;
    }
    const auto& v = vertices_[box];
    return v.y - v.height / 2 + v.height * static_cast<double>(above + 1) / static_cast<double>(all + 1);
  }

  /// It crosses the column of a layer on one height: only between columns it rises or falls.
  std::vector<std::vector<drawing_point>> way(std::size_t e) const {
    const auto& c = chains_[e];
    std::vector<std::vector<drawing_point>> pieces(1);
    const auto& first = vertices_[c.vertices.front()];
    pieces.back().push_back({first.x + first.width, port(e, true)});
    for (std::size_t i = 1; i + 1 < c.vertices.size(); ++i) {
      const auto& v = vertices_[c.vertices[i]];
      const auto [x, width] = columns_[v.layer];
      pieces.back().push_back({x, v.y});
      if (c.label == i) {
        pieces.back().push_back({v.x, v.y});
        pieces.push_back({{v.x + v.width, v.y}});
      }
      pieces.back().push_back({x + width, v.y});
    }
    pieces.back().push_back({vertices_[c.vertices.back()].x, port(e, false)});
    if (!c.turned) return pieces;
    std::reverse(pieces.begin(), pieces.end());
    for (auto& piece : pieces) std::reverse(piece.begin(), piece.end());
    return pieces;
  }

  static void put(const vertex& v, drawing_box& box, double top, layered_drawing& out) {
    box.width = v.width;
    box.at = {v.x, top + std::max(0.0, v.y - v.height / 2)}; // which may be less by a rounding
    out.width = std::max(out.width, v.x + v.width);
    out.height = std::max(out.height, box.at.y + v.height);
  }

  std::vector<std::size_t> boxes_; ///< into the drawing, ascending; the first vertices
  std::vector<std::size_t> edges_;
  std::vector<std::pair<std::size_t, std::size_t>> ends_; ///< vertices of each edge, as it is drawn
  std::vector<chain> chains_;
  std::vector<vertex> vertices_;
  std::vector<std::vector<std::size_t>> layers_;   ///< each from above to below
  std::vector<std::pair<double, double>> columns_; ///< left edge and width of each layer
};

/// For each box the first one that it is connected with.
std::vector<std::size_t> parts_of(const layered_drawing& drawing) {
  std::vector<std::size_t> part(drawing.boxes.size());
  std::iota(part.begin(), part.end(), std::size_t{0});
  for (bool joined = true; joined;) {
    joined = false;
    for (const auto& e : drawing.edges) {
      if (part[e.from] == part[e.to]) continue;
      part[e.from] = part[e.to] = std::min(part[e.from], part[e.to]);
      joined = true;
    }
  }
  return part;
}

} // namespace

void arrange(layered_drawing& drawing) {
  drawing.width = drawing.height = 0;
  const auto part = parts_of(drawing);
  for (std::size_t first = 0; first < part.size(); ++first) {
    if (part[first] != first) continue;
    std::vector<std::size_t> boxes, edges;
    for (std::size_t b = 0; b < part.size(); ++b)
      if (part[b] == first) boxes.push_back(b);
    for (std::size_t e = 0; e < drawing.edges.size(); ++e)
      if (part[drawing.edges[e].from] == first) edges.push_back(e);
    const double top = first == 0 ? 0 : drawing.height + between_parts;
    connected_part(drawing, std::move(boxes), std::move(edges)).put(drawing, top);
  }
}

} // namespace weir
