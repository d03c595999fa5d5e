#pragma once
// Options tables <-> Attributes, by field name, through the schema's reflection: one mechanism for every op.

#include <flatbuffers/flatbuffers.h>

#include <optional>
#include <string>

#include "base/expected.h"
#include "ir/attributes.h"

namespace monolite::tflite {

// Which of the two unions of an Operator a table belongs to, and its number there.
struct OptionsKind {
  bool second = false;  // BuiltinOptions2
  int type = 0;
};

// "Conv2DOptions" -> {first, 1}; nothing where no union has such a table.
std::optional<OptionsKind> options_kind(const std::string& table);

// The fields that `table` (verified before) holds. An unknown `kind` gives Attributes whose table is "unknown options
// N".
Attributes read_options(OptionsKind kind, const flatbuffers::Table& table);

// Writes the table. `attributes.table()` is one that options_kind() knows.
//
// Errors: a field that the schema does not have, or a value of another type.
Expected<flatbuffers::Offset<void>> write_options(const Attributes& attributes,
                                                  flatbuffers::FlatBufferBuilder& builder);

// The name of an enum field's value ("SAME"), for printing; "" where the field is no enum.
std::string option_value_name(const std::string& table, const std::string& field, int64_t value);

}  // namespace monolite::tflite
