#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// What lower() and upper() of a database make of each character, where they take them one by one.
///
/// Locales of libc do, in UTF-8 and for plain bytes; ICU's look at the letters around one, and make two of some.
class letter_cases {
public:
  /// Input    each character that becomes another one, and that one behind it: "AaBbÄä" for lower(), "aAbBäÄ" for
  ///          upper(), in UTF-8
  /// Output   null if a character stands alone, or is none
  static std::shared_ptr<const letter_cases> read(std::string lower, std::string upper);
  /// Those of the locale C.UTF-8 of this machine, which are Unicode's and most locales'; where it has none, ASCII's.
  static std::shared_ptr<const letter_cases> of_unicode();

  /// Appends lower(text), or upper(text). Bytes that are no character stay as they are.
  void append_lower(std::string_view text, std::vector<char>& to) const { lower_.append(text, to); }
  void append_upper(std::string_view text, std::vector<char>& to) const { upper_.append(text, to); }

  /// Are they equal as citext?
  bool same(std::string_view a, std::string_view b) const;

  const std::string& lower_pairs() const noexcept { return lower_.pairs; }
  const std::string& upper_pairs() const noexcept { return upper_.pairs; }
  std::uint64_t digest() const noexcept;

private:
  /// From letters to letters.
  class mapping {
  public:
    static constexpr std::size_t ascii = 128;
    static constexpr std::size_t page_size = 256;
    using page = std::array<std::int32_t, page_size>;

    mapping();
    bool read(std::string of);
    void append(std::string_view text, std::vector<char>& to) const;

    std::string pairs;

  private:
    void add(std::uint32_t from, std::uint32_t to);
    std::uint32_t of(std::uint32_t character) const noexcept {
      const auto added = pages_[page_of_[character / page_size]][character % page_size];
      return static_cast<std::uint32_t>(static_cast<std::int32_t>(character) + added);
    }

    std::array<char, ascii> ascii_{};
    bool ascii_stays_ascii_ = true; ///< not in Turkish, where I becomes ı
    std::array<std::uint16_t, 0x110000 / page_size> page_of_{};
    std::vector<page> pages_; ///< what is added to a character; the first page is that of all to which nothing is
  };

  mapping lower_;
  mapping upper_;
};

} // namespace weir
