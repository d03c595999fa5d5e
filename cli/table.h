#pragma once
// Tables for people: columns as wide as their widest cell.

#include <string>
#include <vector>

namespace monolite::cli {

class Table {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
    size_t most = 60;  // longer cells are cut with an ellipsis
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // The table's lines, with titles and a rule below them.
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace monolite::cli
