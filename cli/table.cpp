#include "table.h"

#include <algorithm>

namespace monolite::cli {
namespace {

// Characters, not bytes: continuation bytes of UTF-8 do not count.
size_t width(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string cut(const std::string& text, size_t most) {
  if (width(text) <= most) return text;
  std::string shown;
  size_t count = 0;
  for (const char c : text) {
    if ((c & 0xC0) != 0x80 && ++count > most - 1) break;
    shown += c;
  }
  return shown + "…";
}

}  // namespace

std::string Table::text() const {
  std::vector<size_t> widths;
  for (size_t c = 0; c < columns_.size(); ++c) {
    size_t w = width(columns_[c].title);
    for (const auto& row : rows_) w = std::max(w, width(cut(row[c], columns_[c].most)));
    widths.push_back(w);
  }
  std::string all;
  const auto add_row = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (size_t c = 0; c < columns_.size(); ++c) {
      const std::string cell = cut(cells[c], columns_[c].most);
      const std::string space(widths[c] - width(cell), ' ');
      line += columns_[c].align == Align::right ? space + cell : cell + space;
      if (c + 1 < columns_.size()) line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    all += line + "\n";
  };
  std::vector<std::string> titles, rules;
  for (size_t c = 0; c < columns_.size(); ++c) {
    titles.push_back(columns_[c].title);
    rules.emplace_back(widths[c], '-');
  }
  add_row(titles);
  add_row(rules);
  for (const auto& row : rows_) add_row(row);
  return all;
}

}  // namespace monolite::cli
