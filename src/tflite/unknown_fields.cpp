#include "tflite/unknown_fields.h"

#include <flatbuffers/reflection.h>

#include <algorithm>
#include <set>

#include "schema_bfbs_generated.h"

namespace monolite::tflite {
namespace {

using flatbuffers::Table;
using flatbuffers::voffset_t;

// A vtable begins with two sizes; entry n of a table stands behind them.
constexpr voffset_t kFirstField = 4;

class Walk {
 public:
  Walk() : schema_(*reflection::GetSchema(fb::ModelBinarySchema::data())) {}

  void table(const reflection::Object& object, const Table& t) {
    find_unknown(object, t);
    for (const auto* field : *object.fields()) {
      const auto& type = *field->type();
      if (field->deprecated() || !t.CheckField(field->offset())) continue;
      if (type.base_type() == reflection::Obj) {
        inner(*at(type.index()), *t.GetPointer<const Table*>(field->offset()));
      } else if (type.base_type() == reflection::Vector && type.element() == reflection::Obj) {
        vector(*at(type.index()),
               *t.GetPointer<const flatbuffers::Vector<flatbuffers::Offset<Table>>*>(field->offset()));
      } else if (type.base_type() == reflection::Union) {
        of_union(object, *field, t);
      }
    }
  }

  std::vector<std::string> found() const { return {found_.begin(), found_.end()}; }

 private:
  const reflection::Object* at(int index) const {
    return schema_.objects()->Get(static_cast<flatbuffers::uoffset_t>(index));
  }

  static std::string short_name(const std::string& name) { return name.substr(name.rfind('.') + 1); }

  void find_unknown(const reflection::Object& object, const Table& t) {
    voffset_t known = kFirstField - sizeof(voffset_t);
    for (const auto* field : *object.fields()) known = std::max<voffset_t>(known, field->offset());
    const auto end = flatbuffers::ReadScalar<voffset_t>(t.GetVTable());
    for (int offset = known + static_cast<int>(sizeof(voffset_t)); offset < end; offset += sizeof(voffset_t)) {
      if (!t.CheckField(static_cast<voffset_t>(offset))) continue;
      const int number = (offset - kFirstField) / static_cast<int>(sizeof(voffset_t));
      found_.insert(short_name(object.name()->str()) + ", field " + std::to_string(number));
    }
  }

  void inner(const reflection::Object& object, const Table& t) {
    if (!object.is_struct()) table(object, t);
  }

  void vector(const reflection::Object& object, const flatbuffers::Vector<flatbuffers::Offset<Table>>& all) {
    if (object.is_struct()) return;
    for (flatbuffers::uoffset_t i = 0; i < all.size(); ++i) table(object, *all.Get(i));
  }

  void of_union(const reflection::Object& owner, const reflection::Field& field, const Table& t) {
    // A union's kind is the field in front of it.
    const auto kind = t.GetField<uint8_t>(static_cast<voffset_t>(field.offset() - sizeof(voffset_t)), 0);
    const auto* values = schema_.enums()->Get(static_cast<flatbuffers::uoffset_t>(field.type()->index()))->values();
    const auto* value = values->LookupByKey(static_cast<int64_t>(kind));
    if (value == nullptr) {
      found_.insert(short_name(owner.name()->str()) + ", options of kind " + std::to_string(kind));
    } else if (value->union_type() != nullptr && value->union_type()->base_type() == reflection::Obj) {
      inner(*at(value->union_type()->index()), *t.GetPointer<const Table*>(field.offset()));
    }
  }

  const reflection::Schema& schema_;
  std::set<std::string> found_;
};

}  // namespace

std::vector<std::string> unknown_fields(const Buffer& file) {
  Walk walk;
  const auto& schema = *reflection::GetSchema(fb::ModelBinarySchema::data());
  walk.table(*schema.root_table(), *flatbuffers::GetRoot<Table>(file.data()));
  return walk.found();
}

}  // namespace monolite::tflite
