#include "runtime/state/transaction_hold.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/checksum.hpp"
#include "runtime/base/mutation.hpp"
#include "runtime/rows/codec.hpp"

namespace weir {
namespace {

/// The slice as a batch of its own.
batch slice(const held_item& item) {
  batch out;
  for (const auto& c : item.rows->columns) {
    column copy(c.type);
    copy.reserve(item.last - item.first);
    for (auto row = item.first; row < item.last; ++row) copy.append_from(c, row);
    out.columns.push_back(std::move(copy));
  }
  out.weights.assign(item.rows->weights.begin() + item.first, item.rows->weights.begin() + item.last);
  return out;
}

bool is_whole(const held_item& item) { return item.first == 0 && item.last == item.rows->rows(); }

} // namespace

std::size_t held_item::size_bytes() const noexcept {
  if (!rows || rows->rows() == 0) return sizeof(held_item);
  return sizeof(held_item) + rows->size_bytes() * (last - first) / rows->rows();
}

void transaction_hold::put(key transaction, held_item item) {
  auto& e = entries_[transaction];
  if (item.what == held_item::kind::truncate) {
    const auto of_view = [&](const auto& kept) {
      if (std::visit([](const auto& k) { return k.view; }, kept) != item.view) return false;
      if (const auto* held = std::get_if<held_item>(&kept)) e.bytes -= held->size_bytes();
      return true;
    };
    const auto from = e.items.begin() + static_cast<std::ptrdiff_t>(e.next);
    e.items.erase(std::remove_if(from, e.items.end(), of_view), e.items.end());
  }
  e.bytes += item.size_bytes();
  e.items.emplace_back(std::move(item));
}

std::size_t transaction_hold::memory_bytes(key transaction) const noexcept {
  const auto found = entries_.find(transaction);
  return found == entries_.end() ? 0 : found->second.bytes;
}

result<transaction_hold::spilled_item> transaction_hold::write(const held_item& item) {
  spilled_item out{item.what, item.view, {}, 0, 0, 0, item.command};
  if (!item.rows) return out;
  buffer_.clear();
  encode(is_whole(item) ? *item.rows : slice(item), buffer_);
  auto file = current_.lock();
  if (!file || file->size() >= file_bytes_) {
    WEIR_ASSIGN(file, spill_file::make(directory_));
    current_ = file;
  }
  WEIR_ASSIGN(out.offset, file->append(buffer_));
  out.length = buffer_.size();
  out.checksum = checksum(buffer_);
  out.file = std::move(file);
  spilled_bytes_ += out.length;
  return out;
}

status transaction_hold::spill(key transaction) {
  const auto found = entries_.find(transaction);
  if (found == entries_.end()) return {};
  auto& e = found->second;
  for (auto i = e.next; i < e.items.size(); ++i) {
    const auto* item = std::get_if<held_item>(&e.items[i]);
    if (item == nullptr) continue;
    const auto bytes = item->size_bytes();
    WEIR_ASSIGN(e.items[i], write(*item));
    e.bytes -= bytes;
  }
  return {};
}

void transaction_hold::compact(key transaction) {
  const auto found = entries_.find(transaction);
  if (found == entries_.end()) return;
  auto& e = found->second;
  e.bytes = 0;
  for (auto i = e.next; i < e.items.size(); ++i) {
    auto* item = std::get_if<held_item>(&e.items[i]);
    if (item == nullptr) continue;
    if (item->rows && !is_whole(*item)) {
      item->rows = std::make_shared<const batch>(slice(*item));
      item->last -= item->first;
      item->first = 0;
      item->charge.reset();
    }
    e.bytes += item->size_bytes();
  }
}

result<held_item> transaction_hold::read(const spilled_item& item) {
  held_item out{item.what, item.view, {}, 0, 0, {}, item.command};
  if (!item.file) return out;
  buffer_.resize(item.length);
  WEIR_TRY(item.file->read(item.offset, buffer_));
  const bool believed = checksum(buffer_) == item.checksum || mutated(mutation::torn_scratch_believed);
  if (!believed) return item.file->damaged(item.offset);
  WEIR_ASSIGN(batch rows, decode(buffer_));
  out.last = static_cast<std::uint32_t>(rows.rows());
  out.rows = std::make_shared<const batch>(std::move(rows));
  return out;
}

result<std::optional<held_item>> transaction_hold::take(key transaction) {
  const auto found = entries_.find(transaction);
  if (found == entries_.end()) return std::optional<held_item>{};
  auto& e = found->second;
  if (e.next == e.items.size()) {
    entries_.erase(found);
    return std::optional<held_item>{};
  }
  auto& next = e.items[e.next];
  if (const auto* spilled = std::get_if<spilled_item>(&next)) {
    WEIR_ASSIGN(held_item item, read(*spilled));
    next = held_item{}; // lets go of the file
    ++e.next;
    return std::optional<held_item>{std::move(item)};
  }
  auto item = std::exchange(std::get<held_item>(next), {});
  e.bytes -= item.size_bytes();
  ++e.next;
  return std::optional<held_item>{std::move(item)};
}

} // namespace weir
