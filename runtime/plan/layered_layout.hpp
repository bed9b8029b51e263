#pragma once

#include <cstddef>
#include <vector>

namespace weir {

struct drawing_point {
  double x = 0;
  double y = 0;
};

/// What takes place in a drawing.
struct drawing_box {
  double width = 0;
  double height = 0;
  drawing_point at = {}; ///< its upper left corner
};

/// A way from one box to another, with a label on it.
struct drawing_edge {
  std::size_t from = 0; ///< into layered_drawing::boxes, as `to`
  std::size_t to = 0;
  bool backward = false; ///< it may lead from right to left
  drawing_box label = {};
  /// The way from `from` to `to`, in pieces: it is left out where the label is. From one point of a piece to the next
  /// the way leaves and arrives horizontally.
  std::vector<std::vector<drawing_point>> pieces = {};
};

struct layered_drawing {
  std::vector<drawing_box> boxes;
  std::vector<drawing_edge> edges;
  double width = 0;
  double height = 0;
};

/// Gives boxes and labels their places, and edges their ways: in layers from left to right, an edge leading from a
/// layer to one further right, unless it is backward or part of a circle. What is connected stands together, one such
/// part below the other. Boxes of a layer become equally wide.
///
/// Input    sizes of boxes and labels; no edge from a box to itself
/// Law      nothing overlaps (boxes, labels), all is within 0, 0 and width, height; the same input gives the same
/// output. Cost     O((boxes + edges)²), for graphs that people look at Source   Sugiyama, Tagawa, Toda: Methods for
/// Visual Understanding of Hierarchical System Structures (1981)
void arrange(layered_drawing& drawing);

} // namespace weir
