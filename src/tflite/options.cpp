#include "tflite/options.h"

#include <flatbuffers/reflection.h>

#include "schema_bfbs_generated.h"

namespace monolite::tflite {
namespace {

const reflection::Schema& schema() {
  static const reflection::Schema& s = *reflection::GetSchema(fb::ModelBinarySchema::data());
  return s;
}

const reflection::Object* find_object(const std::string& table) {
  return schema().objects()->LookupByKey(("monolite.fb." + table).c_str());
}

const reflection::Enum& options_union(bool second) {
  return *schema().enums()->LookupByKey(second ? "monolite.fb.BuiltinOptions2" : "monolite.fb.BuiltinOptions");
}

std::string short_name(const flatbuffers::String& qualified) {
  const std::string name = qualified.str();
  return name.substr(name.rfind('.') + 1);
}

AttributeValue read_vector(const flatbuffers::VectorOfAny& v, reflection::BaseType element) {
  if (element == reflection::Float || element == reflection::Double) {
    std::vector<double> values;
    for (size_t i = 0; i < v.size(); ++i) values.push_back(flatbuffers::GetAnyVectorElemF(&v, element, i));
    return values;
  }
  std::vector<int64_t> values;
  for (size_t i = 0; i < v.size(); ++i) values.push_back(flatbuffers::GetAnyVectorElemI(&v, element, i));
  return values;
}

AttributeValue read_field(const flatbuffers::Table& table, const reflection::Field& field) {
  switch (field.type()->base_type()) {
    case reflection::Bool:
      return flatbuffers::GetAnyFieldI(table, field) != 0;
    case reflection::Float:
    case reflection::Double:
      return flatbuffers::GetAnyFieldF(table, field);
    case reflection::String:
      return flatbuffers::GetFieldS(table, field)->str();
    case reflection::Vector:
      return read_vector(*flatbuffers::GetFieldAnyV(table, field), field.type()->element());
    default:
      return flatbuffers::GetAnyFieldI(table, field);
  }
}

Error bad_field(const Attributes& attributes, const std::string& field, const std::string& found) {
  return input_error(attributes.table() + "." + field, found, "a field of the .tflite schema", {});
}

// Writes a number of the field's width.
void write_number(flatbuffers::FlatBufferBuilder& b, const reflection::Field& f, int64_t i, double d) {
  switch (f.type()->base_type()) {
    case reflection::Bool:
    case reflection::UType:
    case reflection::UByte:
      b.AddElement<uint8_t>(f.offset(), uint8_t(i), uint8_t(f.default_integer()));
      break;
    case reflection::Byte:
      b.AddElement<int8_t>(f.offset(), int8_t(i), int8_t(f.default_integer()));
      break;
    case reflection::Short:
      b.AddElement<int16_t>(f.offset(), int16_t(i), int16_t(f.default_integer()));
      break;
    case reflection::UShort:
      b.AddElement<uint16_t>(f.offset(), uint16_t(i), uint16_t(f.default_integer()));
      break;
    case reflection::Int:
      b.AddElement<int32_t>(f.offset(), int32_t(i), int32_t(f.default_integer()));
      break;
    case reflection::UInt:
      b.AddElement<uint32_t>(f.offset(), uint32_t(i), uint32_t(f.default_integer()));
      break;
    case reflection::Long:
      b.AddElement<int64_t>(f.offset(), i, f.default_integer());
      break;
    case reflection::ULong:
      b.AddElement<uint64_t>(f.offset(), uint64_t(i), uint64_t(f.default_integer()));
      break;
    case reflection::Float:
      b.AddElement<float>(f.offset(), float(d), float(f.default_real()));
      break;
    case reflection::Double:
      b.AddElement<double>(f.offset(), d, f.default_real());
      break;
    default:
      break;
  }
}

template <class T>
flatbuffers::uoffset_t write_elements(flatbuffers::FlatBufferBuilder& b, const std::vector<int64_t>& values) {
  return b.CreateVector(std::vector<T>(values.begin(), values.end())).o;
}

// A string or a vector; 0 for anything else.
flatbuffers::uoffset_t write_referenced(flatbuffers::FlatBufferBuilder& b, const reflection::Field& field,
                                        const AttributeValue& value) {
  if (auto* text = std::get_if<std::string>(&value)) return b.CreateString(*text).o;
  if (auto* reals = std::get_if<std::vector<double>>(&value)) {
    return b.CreateVector(std::vector<float>(reals->begin(), reals->end())).o;
  }
  if (auto* integers = std::get_if<std::vector<int64_t>>(&value)) {
    switch (flatbuffers::GetTypeSize(field.type()->element())) {
      case 1:
        return write_elements<uint8_t>(b, *integers);
      case 2:
        return write_elements<uint16_t>(b, *integers);
      case 4:
        return write_elements<int32_t>(b, *integers);
      default:
        return write_elements<int64_t>(b, *integers);
    }
  }
  return 0;
}

// Does the schema's field take such a value?
bool fits(const reflection::Field& field, const AttributeValue& value) {
  switch (field.type()->base_type()) {
    case reflection::String:
      return std::holds_alternative<std::string>(value);
    case reflection::Vector: {
      const auto element = field.type()->element();
      if (element == reflection::Float) return std::holds_alternative<std::vector<double>>(value);
      return flatbuffers::IsInteger(element) && std::holds_alternative<std::vector<int64_t>>(value);
    }
    case reflection::Float:
    case reflection::Double:
      return std::holds_alternative<double>(value);
    case reflection::Bool:
      return std::holds_alternative<bool>(value) || std::holds_alternative<int64_t>(value);
    default:
      return flatbuffers::IsInteger(field.type()->base_type()) && std::holds_alternative<int64_t>(value);
  }
}

}  // namespace

std::optional<OptionsKind> options_kind(const std::string& table) {
  for (const bool second : {false, true}) {
    for (const auto* value : *options_union(second).values()) {
      if (value->name()->str() == table) return OptionsKind{second, static_cast<int>(value->value())};
    }
  }
  return std::nullopt;
}

Attributes read_options(OptionsKind kind, const flatbuffers::Table& table) {
  const auto* value = options_union(kind.second).values()->LookupByKey(kind.type);
  if (value == nullptr || value->union_type() == nullptr || value->union_type()->base_type() != reflection::Obj) {
    return Attributes("unknown options " + std::to_string(kind.type));
  }
  const auto& object = *schema().objects()->Get(static_cast<flatbuffers::uoffset_t>(value->union_type()->index()));
  Attributes attributes(short_name(*object.name()));
  for (const auto* field : *object.fields()) {
    if (field->deprecated() || !table.CheckField(field->offset())) continue;
    attributes.set(field->name()->str(), read_field(table, *field));
  }
  return attributes;
}

Expected<flatbuffers::Offset<void>> write_options(const Attributes& attributes,
                                                  flatbuffers::FlatBufferBuilder& builder) {
  const auto* object = find_object(attributes.table());
  if (object == nullptr) return Unexpected(input_error(attributes.table(), "no such table", "an options table", {}));
  std::vector<std::pair<const reflection::Field*, flatbuffers::uoffset_t>> referenced;
  for (const auto& [name, value] : attributes.values()) {
    const auto* field = object->fields()->LookupByKey(name.c_str());
    if (field == nullptr) return Unexpected(bad_field(attributes, name, "no such field"));
    if (!fits(*field, value)) return Unexpected(bad_field(attributes, name, "a value of another type"));
    if (const auto offset = write_referenced(builder, *field, value)) referenced.emplace_back(field, offset);
  }
  const auto start = builder.StartTable();
  for (const auto& [name, value] : attributes.values()) {
    const auto& field = *object->fields()->LookupByKey(name.c_str());
    if (auto* b = std::get_if<bool>(&value)) write_number(builder, field, *b, 0);
    if (auto* i = std::get_if<int64_t>(&value)) write_number(builder, field, *i, 0);
    if (auto* d = std::get_if<double>(&value)) write_number(builder, field, 0, *d);
  }
  for (const auto& [field, offset] : referenced) {
    builder.AddOffset(field->offset(), flatbuffers::Offset<void>(offset));
  }
  return flatbuffers::Offset<void>(builder.EndTable(start));
}

std::string option_value_name(const std::string& table, const std::string& field, int64_t value) {
  const auto* object = find_object(table);
  const auto* f = object == nullptr ? nullptr : object->fields()->LookupByKey(field.c_str());
  if (f == nullptr || f->type()->index() < 0 || !flatbuffers::IsInteger(f->type()->base_type())) return {};
  const auto* known = schema().enums()->Get(static_cast<flatbuffers::uoffset_t>(f->type()->index()));
  const auto* v = known->values()->LookupByKey(value);
  return v == nullptr ? std::string() : v->name()->str();
}

}  // namespace monolite::tflite
