#include "runtime/state/transaction_hold.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

#include "runtime/rows/codec.hpp"

namespace weir {
namespace {

/// What stands before each item in the file.
struct item_header {
  std::uint64_t view = 0;
  std::uint64_t length = 0;
  held_item::kind what = held_item::kind::rows;
};

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

} // namespace

std::size_t held_item::size_bytes() const noexcept {
  if (!rows || rows->rows() == 0) return sizeof(held_item);
  return sizeof(held_item) + rows->size_bytes() * (last - first) / rows->rows();
}

error transaction_hold::io_error(const char* doing) const {
  return {errc::io_failed, fmt::format("{} in {}: {}", doing, directory_, std::strerror(errno)),
          "free space there, or set TMPDIR to a directory with more"};
}

void transaction_hold::put(key transaction, held_item item) {
  auto& e = entries_[transaction];
  e.bytes += item.size_bytes();
  e.items.push_back(std::move(item));
}

std::size_t transaction_hold::memory_bytes(key transaction) const noexcept {
  const auto found = entries_.find(transaction);
  return found == entries_.end() ? 0 : found->second.bytes;
}

status transaction_hold::open_file(entry& e) {
  std::string path = directory_ + "/weir-spill-XXXXXX";
  const int fd = mkstemp(path.data());
  if (fd < 0) return io_error("cannot make a spill file");
  unlink(path.c_str());
  e.file.reset(fdopen(fd, "w+b"));
  if (e.file) return {};
  const auto failure = io_error("cannot open a spill file");
  ::close(fd);
  return failure;
}

status transaction_hold::write_item(entry& e, const held_item& item) {
  buffer_.clear();
  if (item.what != held_item::kind::truncate) {
    const bool whole = item.first == 0 && item.last == item.rows->rows();
    encode(whole ? *item.rows : slice(item), buffer_);
  }
  const item_header header{item.view, buffer_.size(), item.what};
  const bool written = std::fwrite(&header, sizeof header, 1, e.file.get()) == 1 &&
                       std::fwrite(buffer_.data(), 1, buffer_.size(), e.file.get()) == buffer_.size();
  if (!written) return io_error("cannot write to a spill file");
  spilled_bytes_ += sizeof header + buffer_.size();
  ++e.unread;
  return {};
}

status transaction_hold::spill(key transaction) {
  const auto found = entries_.find(transaction);
  if (found == entries_.end()) return {};
  auto& e = found->second;
  if (!e.file) WEIR_TRY(open_file(e));
  for (const auto& item : e.items) WEIR_TRY(write_item(e, item));
  e.items.clear();
  e.bytes = 0;
  return {};
}

void transaction_hold::compact(key transaction) {
  const auto found = entries_.find(transaction);
  if (found == entries_.end()) return;
  auto& e = found->second;
  e.bytes = 0;
  for (auto& item : e.items) {
    if (item.rows && item.last - item.first < item.rows->rows()) {
      item.rows = std::make_shared<const batch>(slice(item));
      item.last -= item.first;
      item.first = 0;
      item.charge.reset();
    }
    e.bytes += item.size_bytes();
  }
}

void transaction_hold::drop(key transaction) { entries_.erase(transaction); }

result<held_item> transaction_hold::read_item(entry& e) {
  item_header header;
  if (std::fread(&header, sizeof header, 1, e.file.get()) != 1) return io_error("cannot read a spill file");
  buffer_.resize(header.length);
  if (std::fread(buffer_.data(), 1, buffer_.size(), e.file.get()) != buffer_.size())
    return io_error("cannot read a spill file");
  held_item item;
  item.what = header.what;
  item.view = header.view;
  --e.unread;
  if (item.what == held_item::kind::truncate) return item;
  WEIR_ASSIGN(batch rows, decode(buffer_));
  item.last = static_cast<std::uint32_t>(rows.rows());
  item.rows = std::make_shared<const batch>(std::move(rows));
  return item;
}

result<std::optional<held_item>> transaction_hold::take(key transaction) {
  const auto found = entries_.find(transaction);
  if (found == entries_.end()) return std::optional<held_item>{};
  auto& e = found->second;
  if (e.file && !e.reading) {
    if (std::fflush(e.file.get()) != 0) return io_error("cannot write to a spill file");
    std::rewind(e.file.get());
    e.reading = true;
  }
  if (e.unread > 0) {
    WEIR_ASSIGN(held_item item, read_item(e));
    return std::optional<held_item>{std::move(item)};
  }
  if (e.items.empty()) {
    entries_.erase(found);
    return std::optional<held_item>{};
  }
  held_item item = std::move(e.items.front());
  e.items.pop_front();
  return std::optional<held_item>{std::move(item)};
}

} // namespace weir
