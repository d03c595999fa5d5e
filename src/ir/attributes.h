#pragma once
// An operator's options as data: named values. A .tflite's options table is read into it and written from it by field
// name; an op's own struct (ops/<op>.h) is a typed view of it, through the struct's one `visit`.

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace monolite {

using AttributeValue = std::variant<bool, int64_t, double, std::string, std::vector<int64_t>, std::vector<double>>;

class Attributes {
 public:
  Attributes() = default;
  explicit Attributes(std::string table) : table_(std::move(table)) {}

  // The options table's name in the schema ("Conv2DOptions"); empty where a node has none.
  const std::string& table() const { return table_; }
  void set_table(std::string table) { table_ = std::move(table); }

  // Only what was set; whatever is absent has its default.
  const std::vector<std::pair<std::string, AttributeValue>>& values() const { return values_; }
  const AttributeValue* find(std::string_view name) const;
  void set(std::string_view name, AttributeValue value);
  void erase(std::string_view name);

  bool operator==(const Attributes&) const = default;

 private:
  std::string table_;
  std::vector<std::pair<std::string, AttributeValue>> values_;
};

namespace internal {

struct AttributeReader {
  const Attributes& from;
  template <class T>
  void operator()(std::string_view name, T& field) const {
    const AttributeValue* value = from.find(name);
    if (value == nullptr) return;
    if constexpr (std::is_same_v<T, bool>) {
      if (auto* b = std::get_if<bool>(value)) field = *b;
      if (auto* i = std::get_if<int64_t>(value)) field = *i != 0;
    } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
      if (auto* i = std::get_if<int64_t>(value)) field = static_cast<T>(*i);
    } else if constexpr (std::is_floating_point_v<T>) {
      if (auto* d = std::get_if<double>(value)) field = static_cast<T>(*d);
    } else if constexpr (std::is_same_v<T, std::string>) {
      if (auto* s = std::get_if<std::string>(value)) field = *s;
    } else if constexpr (std::is_floating_point_v<typename T::value_type>) {
      if (auto* v = std::get_if<std::vector<double>>(value)) field.assign(v->begin(), v->end());
    } else {
      if (auto* v = std::get_if<std::vector<int64_t>>(value)) {
        field.clear();
        for (const int64_t x : *v) field.push_back(static_cast<typename T::value_type>(x));
      }
    }
  }
};

struct AttributeWriter {
  Attributes& to;
  template <class T>
  void operator()(std::string_view name, const T& field) const {
    if constexpr (std::is_same_v<T, bool>) {
      to.set(name, field);
    } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
      to.set(name, static_cast<int64_t>(field));
    } else if constexpr (std::is_floating_point_v<T>) {
      to.set(name, static_cast<double>(field));
    } else if constexpr (std::is_same_v<T, std::string>) {
      to.set(name, field);
    } else if constexpr (std::is_floating_point_v<typename T::value_type>) {
      to.set(name, std::vector<double>(field.begin(), field.end()));
    } else {
      to.set(name, std::vector<int64_t>(field.begin(), field.end()));
    }
  }
};

}  // namespace internal

// An op's struct, filled from what is set; other fields keep the struct's defaults, which are the schema's.
template <class A>
A attributes_as(const Attributes& attributes) {
  A typed;
  typed.visit(internal::AttributeReader{attributes});
  return typed;
}

// Sets each field of an op's struct; what the struct does not know stays.
template <class A>
void set_attributes(Attributes& attributes, A typed) {
  typed.visit(internal::AttributeWriter{attributes});
}

}  // namespace monolite
