#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "runtime/base/xml_text.hpp"
#include "runtime/plan/graph.hpp"
#include "runtime/plan/layered_layout.hpp"
#include "runtime/plan/text_width.hpp"

namespace weir {
namespace {

constexpr double font = 12; ///< as in the style
constexpr double line_height = 16;
constexpr double padding = 10;
constexpr double widest_text = 260;
constexpr std::size_t most_lines = 8;
constexpr double margin = 20;
constexpr double heading_height = 34;
constexpr double arrow = 7;

constexpr const char* style = R"(
    svg.weir text { font: 12px Helvetica, Arial, "DejaVu Sans", sans-serif; fill: #1f2328; }
    svg.weir .name, svg.weir .heading { font-weight: bold; }
    svg.weir .label, svg.weir .runs_in { fill: #59636e; }
    svg.weir .paper { fill: #ffffff; }
    svg.weir .frame { fill: #f6f8fa; stroke: #d1d9e0; }
    svg.weir .box { fill: #ffffff; stroke: #59636e; }
    svg.weir .own_thread { stroke-width: 2.5; }
    svg.weir .way { fill: none; stroke: #59636e; }
    svg.weir .tip { fill: #59636e; }
    svg.weir .backward, svg.weir .missing, svg.weir .not_running .frame { stroke-dasharray: 5 4; }
    svg.weir .not_running .name, svg.weir .not_running .does { fill: #59636e; }
    @media (prefers-color-scheme: dark) {
      svg.weir text { fill: #e6edf3; }
      svg.weir .label, svg.weir .runs_in { fill: #9198a1; }
      svg.weir .paper { fill: #0d1117; }
      svg.weir .frame { fill: #151b23; stroke: #3d444d; }
      svg.weir .box { fill: #0d1117; stroke: #9198a1; }
      svg.weir .way { stroke: #9198a1; }
      svg.weir .tip { fill: #9198a1; }
      svg.weir .not_running .name, svg.weir .not_running .does { fill: #9198a1; }
    }
)";

/// One line of a box, and the class of its text.
struct drawn_line {
  std::string text;
  const char* kind = "";
};

struct drawn_box {
  std::string about; ///< the whole text, for who points at it
  const char* kind = "";
  std::vector<drawn_line> lines = {};
};

double width_of(const drawn_line& line) {
  return font * (std::string_view(line.kind) == "name" ? bold_text_width(line.text) : text_width(line.text));
}

void add_lines(drawn_box& box, const std::string& text, const char* kind) {
  const bool bold = std::string_view(kind) == "name";
  for (auto& line : wrapped(text, widest_text / font / (bold ? 1.25 : 1), most_lines))
    box.lines.push_back({std::move(line), kind});
}

drawn_box box_of(const actor_vertex& actor) {
  drawn_box box{actor.name + ": " + actor.does, actor.own_thread ? "box own_thread" : "box"};
  add_lines(box, actor.name, "name");
  add_lines(box, actor.does, "does");
  return box;
}

drawn_box box_of(const operator_vertex& o) {
  drawn_box box{o.name + ": " + o.does, o.runs ? "box" : "box missing"};
  add_lines(box, o.name, "name");
  add_lines(box, o.does, "does");
  if (!o.runs) add_lines(box, "no operator yet", "runs_in");
  if (!o.runs_in.empty()) add_lines(box, "in " + o.runs_in, "runs_in");
  return box;
}

/// A part of the picture with a heading: boxes, and the ways between them.
class section {
public:
  explicit section(std::string heading, bool runs = true) : heading_(std::move(heading)), runs_(runs) {}

  void add(drawn_box box) {
    drawing_box place;
    for (const auto& line : box.lines) place.width = std::max(place.width, width_of(line));
    place.width += 2 * padding;
    place.height = static_cast<double>(box.lines.size()) * line_height + 2 * padding;
    drawing_.boxes.push_back(place);
    boxes_.push_back(std::move(box));
  }
  void connect(std::size_t from, std::size_t to, const std::string& label = {}, bool backward = false) {
    drawing_edge edge{from, to, backward};
    if (!label.empty()) edge.label = {font * text_width(label) + padding, line_height};
    drawing_.edges.push_back(std::move(edge));
    labels_.push_back(label);
  }
  void arrange() { weir::arrange(drawing_); }
  double width() const { return std::max(drawing_.width, font * bold_text_width(heading_)) + 2 * margin; }
  double height() const { return drawing_.height + heading_height + margin; }

  /// Its frame is `wide`, whatever it needs itself.
  std::string text(double top, double wide) const {
    auto out =
        fmt::format("  <g transform=\"translate({:.1f} {:.1f})\"{}>\n"
                    "    <rect class=\"frame\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"6\"/>\n"
                    "    <text class=\"heading\" x=\"{}\" y=\"22\">{}</text>\n",
                    margin, top, runs_ ? "" : " class=\"not_running\"", wide, height(), margin, xml_text(heading_));
    for (std::size_t e = 0; e < labels_.size(); ++e) out += way_text(drawing_.edges[e], labels_[e]);
    for (std::size_t b = 0; b < boxes_.size(); ++b) out += box_text(drawing_.boxes[b], boxes_[b]);
    return out + "  </g>\n";
  }

private:
  static drawing_point shifted(drawing_point p) { return {p.x + margin, p.y + heading_height}; }

  static std::string box_text(const drawing_box& place, const drawn_box& box) {
    const auto at = shifted(place.at);
    auto out = fmt::format("    <g><title>{}</title><rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
                           "height=\"{:.1f}\" rx=\"3\"/>\n",
                           xml_text(box.about), box.kind, at.x, at.y, place.width, place.height);
    double y = at.y + padding + 12;
    for (const auto& line : box.lines) {
      out += fmt::format("      <text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", line.kind, at.x + padding, y,
                         xml_text(line.text));
      y += line_height;
    }
    return out + "    </g>\n";
  }

  static std::string piece_text(const std::vector<drawing_point>& piece) {
    std::string out;
    drawing_point last;
    for (const auto& point : piece) {
      const auto p = shifted(point);
      if (out.empty())
        out = fmt::format("M{:.1f} {:.1f}", p.x, p.y);
      else if (p.x != last.x)
        out += fmt::format(" C{0:.1f} {1:.1f} {0:.1f} {3:.1f} {2:.1f} {3:.1f}", (last.x + p.x) / 2, last.y, p.x, p.y);
      last = p;
    }
    return out;
  }

  static std::string way_text(const drawing_edge& edge, const std::string& label) {
    std::string path;
    for (const auto& piece : edge.pieces) path += (path.empty() ? "" : " ") + piece_text(piece);
    const auto& last = edge.pieces.back();
    const auto tip = shifted(last.back());
    const double back = last[last.size() - 2].x < last.back().x ? -arrow : arrow;
    auto out = fmt::format("    <path class=\"way{}\" d=\"{}\"/>\n"
                           "    <path class=\"tip\" d=\"M{:.1f} {:.1f} l{:.1f} -3.5 v7 z\"/>\n",
                           edge.backward ? " backward" : "", path, tip.x, tip.y, back);
    if (label.empty()) return out;
    const auto at = shifted(edge.label.at);
    return out + fmt::format("    <text class=\"label\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
                             at.x + edge.label.width / 2, at.y + 12, xml_text(label));
  }

  std::string heading_;
  bool runs_;
  layered_drawing drawing_;
  std::vector<drawn_box> boxes_;
  std::vector<std::string> labels_; ///< of each edge
};

section section_of(const view_operators& view, bool runs) {
  section out("view " + view.view + (runs ? "" : ": not running"), runs);
  for (const auto& o : view.operators) out.add(box_of(o));
  for (std::size_t i = 0; i < view.operators.size(); ++i)
    for (const auto input : view.operators[i].inputs) out.connect(input, i);
  return out;
}

std::vector<section> sections_of(const pipeline_plan& plan) {
  const auto graph = graph_of(plan);
  std::vector<section> out;
  out.emplace_back("pipeline " + plan.name);
  for (const auto& actor : graph.actors) out.back().add(box_of(actor));
  for (const auto& edge : graph.edges) out.back().connect(edge.from, edge.to, edge.carries, edge.backward);
  for (const auto& view : graph.views) out.push_back(section_of(view, true));
  for (const auto& view : graph.unbuilt) out.push_back(section_of(view, false));
  for (auto& s : out) s.arrange();
  return out;
}

} // namespace

std::string to_svg(const pipeline_plan& plan) {
  constexpr std::string_view legend = "bold frame: a thread of its own · dashed line: against the way of a change";
  const auto sections = sections_of(plan);
  double wide = font * text_width(legend), top = margin;
  std::string body;
  for (const auto& s : sections) wide = std::max(wide, s.width());
  for (const auto& s : sections) {
    body += s.text(top, wide);
    top += s.height() + margin;
  }
  body += fmt::format("  <text class=\"label\" x=\"{}\" y=\"{:.1f}\">{}</text>\n", margin, top + 2, legend);
  top += margin;
  const double width = wide + 2 * margin;
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"weir\" role=\"img\" width=\"{0:.1f}\" "
      "height=\"{1:.1f}\" viewBox=\"0 0 {0:.1f} {1:.1f}\">\n  <title>{2}</title>\n"
      "  <style>{3}  </style>\n  <rect class=\"paper\" width=\"{0:.1f}\" height=\"{1:.1f}\"/>\n{4}</svg>\n",
      width, top, xml_text("pipeline " + plan.name), style, body);
}

} // namespace weir
