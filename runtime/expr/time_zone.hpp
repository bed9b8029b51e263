#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/expr/kernel.hpp"

namespace weir {

/// A zone of the time zone files of this machine, read as PostgreSQL reads those of its own.
///
/// Seconds are since 2000-01-01 00:00 UTC; a clock's are the seconds that UTC would show it at.
class time_zone : public kernel_state {
public:
  static constexpr std::int64_t since_1970 = 946'684'800; ///< seconds from 1970-01-01 to 2000-01-01

  /// Input    a name of the files with a '/', in any case: "europe/berlin". Abbreviations are none: CET is one hour
  ///          ahead throughout the year, and a zone of the files that is not.
  /// Errors   `errc::invalid_value` there is no such zone, with what may have been meant
  static result<std::shared_ptr<const time_zone>> find(std::string_view name);

  /// As the files have it: "Europe/Berlin".
  const std::string& name() const noexcept { return name_; }

  /// Seconds east of UTC.  `place` is where it was found, and where it is looked for first the next time.
  std::int32_t offset_at(std::int64_t seconds, std::size_t& place) const noexcept;
  /// The moment at which the clocks show this. One that they skip is taken by the offset before, one that they show
  /// twice is the second.
  std::int64_t moment_of(std::int64_t clock, std::size_t& place) const noexcept;

  /// Moments, and the offsets at them: around each change, and monthly, from 1900 to 2100. Two files that agree there
  /// are the same.
  std::vector<std::pair<std::int64_t, std::int32_t>> samples() const;
  /// A number for these.
  std::uint64_t rules() const;

private:
  struct change {
    std::int64_t at; ///< from this second on
    std::int32_t offset;
  };
  time_zone(std::string name, std::vector<change> changes);
  /// The second of the years that are listed at which the rules are those of this one.
  std::int64_t within_listed(std::int64_t seconds) const noexcept;
  std::size_t find_place(std::int64_t seconds, std::size_t place) const noexcept;

  std::string name_;
  std::vector<change> changes_; ///< the first is always
};

} // namespace weir
