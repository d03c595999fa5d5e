#include "data/scene.h"

#include <algorithm>
#include <cmath>

namespace monolite::data {
namespace {

enum Label : uint8_t { road, sidewalk, building, vegetation, terrain, sky, person, car };

struct Color {
  float r = 0, g = 0, b = 0;
};
Color operator*(Color c, float k) { return {c.r * k, c.g * k, c.b * k}; }
Color operator*(Color a, Color b) { return {a.r * b.r, a.g * b.g, a.b * b.b}; }
Color operator+(Color a, Color b) { return {a.r + b.r, a.g + b.g, a.b + b.b}; }
Color mix(Color a, Color b, float t) { return a * (1 - t) + b * t; }

uint32_t hash(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7FEB352Du;
  x ^= x >> 15;
  x *= 0x846CA68Bu;
  return x ^ (x >> 16);
}
float unit(uint32_t x) { return static_cast<float>(hash(x) >> 8) * 0x1p-24f; }
uint32_t key(int x, int y, uint32_t seed) {
  return hash(static_cast<uint32_t>(x) * 0x9E3779B1u + hash(static_cast<uint32_t>(y) * 0x85EBCA77u + seed));
}

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 0x632BE59BD9B4E019u) {}
  float operator()() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    uint64_t z = state_;
    z = (z ^ (z >> 33)) * 0xFF51AFD7ED558CCDu;
    return static_cast<float>((z ^ (z >> 33)) >> 40) * 0x1p-24f;
  }
  float between(float low, float high) { return low + (high - low) * (*this)(); }
  int below(int end) { return std::min(static_cast<int>((*this)() * static_cast<float>(end)), end - 1); }
  bool chance(float p) { return (*this)() < p; }
  Color color(float low, float high) { return {between(low, high), between(low, high), between(low, high)}; }

 private:
  uint64_t state_;
};

int floor_int(float x) { return static_cast<int>(std::floor(x)); }

// Smooth noise in 0..1 over a lattice of unit cells.
float noise(float x, float y, uint32_t seed) {
  x = std::clamp(x, -1e6f, 1e6f);
  y = std::clamp(y, -1e6f, 1e6f);
  const int ix = floor_int(x), iy = floor_int(y);
  float fx = x - static_cast<float>(ix), fy = y - static_cast<float>(iy);
  fx = fx * fx * (3 - 2 * fx);
  fy = fy * fy * (3 - 2 * fy);
  const float a = unit(key(ix, iy, seed)), b = unit(key(ix + 1, iy, seed)), c = unit(key(ix, iy + 1, seed)),
              d = unit(key(ix + 1, iy + 1, seed));
  const float top = a + (b - a) * fx, bottom = c + (d - c) * fx;
  return top + (bottom - top) * fy;
}
float rough(float x, float y, uint32_t seed) {
  return 0.6f * noise(x, y, seed) + 0.4f * noise(x * 2.7f, y * 2.7f, seed + 1);
}

// One house of a row: from here to the next along the street, in metres.
struct House {
  float end = 0, height = 0, floor = 3, bay = 2, setback = 0;
  Color wall, glass, trim;
  uint32_t seed = 0;
};

// A side of the street: what lies how far from its middle.
struct Side {
  float road = 4, sidewalk = 7, verge = 7, front = 9;
  std::vector<House> houses;
  bool has_houses = true;
};

class Painter {
 public:
  Painter(uint64_t seed, int height, int width)
      : random_(seed), noise_(static_cast<uint32_t>(seed ^ (seed >> 32)) * 2654435761u + 17u) {
    s_.height = height;
    s_.width = width;
    const auto pixels = static_cast<size_t>(height) * static_cast<size_t>(width);
    color_.resize(pixels);
    s_.image.resize(pixels * 3);
    s_.labels.resize(pixels);
  }

  Scene paint() {
    choose_camera();
    choose_light();
    for (Side& side : sides_) choose_side(side);
    choose_objects();
    paint_background();
    std::sort(objects_.begin(), objects_.end(), [](const Object& a, const Object& b) { return a.z > b.z; });
    for (const Object& o : objects_) paint_shadow(o);
    for (const Object& o : objects_) paint_object(o);
    develop();
    return std::move(s_);
  }

 private:
  enum class Kind { tree, bush, car, person };
  struct Object {
    Kind kind = Kind::tree;
    float x = 0, z = 0;  // metres right of the camera and ahead
    float width = 0, height = 0;
    Color main, second, third;
    bool turned = false;
    float pose = 0;
    uint32_t seed = 0;
  };

  void choose_camera() {
    const auto least = static_cast<float>(std::min(s_.height, s_.width));
    focal_ = least * random_.between(0.8f, 1.15f);
    camera_ = random_.between(1.3f, 2.4f);
    horizon_ = static_cast<float>(s_.height) * random_.between(0.36f, 0.52f);
    vanish_ = static_cast<float>(s_.width) * random_.between(0.25f, 0.75f);
    middle_ = random_.between(-2.5f, 2.5f);
    slope_ = random_.between(-0.035f, 0.035f);
  }

  void choose_light() {
    overcast_ = random_.chance(0.4f);
    haze_ = random_.chance(0.35f) ? random_.between(0.008f, 0.03f) : random_.between(0, 0.006f);
    const float warm = random_.between(-1, 1);
    light_ = Color{1 + 0.14f * warm, 1, 1 - 0.16f * warm} * random_.between(0.65f, 1.15f);
    if (overcast_) {
      const float grey = random_.between(0.55f, 0.9f);
      zenith_ = {grey * 0.95f, grey, grey * 1.04f};
      rim_ = zenith_ * random_.between(0.9f, 1.15f);
    } else if (random_.chance(0.2f)) {
      zenith_ = {random_.between(0.35f, 0.6f), random_.between(0.35f, 0.5f), random_.between(0.5f, 0.7f)};
      rim_ = {0.95f, random_.between(0.6f, 0.8f), random_.between(0.4f, 0.65f)};
    } else {
      zenith_ = {random_.between(0.15f, 0.4f), random_.between(0.35f, 0.6f), random_.between(0.7f, 0.95f)};
      rim_ = mix(zenith_, {0.9f, 0.93f, 0.97f}, random_.between(0.3f, 0.9f));
    }
    clouds_ = random_.between(0, 0.8f);
    sun_left_ = random_.chance(0.5f);
    shade_ = overcast_ ? random_.between(0.85f, 1) : random_.between(0.45f, 0.8f);
    const float grey = random_.between(0.2f, 0.5f);
    asphalt_ = Color{grey, grey, grey} + random_.color(-0.04f, 0.04f);
    pavement_ = random_.chance(0.5f) ? random_.color(0.35f, 0.7f)
                                     : Color{1, 1, 1} * random_.between(0.3f, 0.7f) + random_.color(-0.06f, 0.06f);
    grass_ = {random_.between(0.25f, 0.55f), random_.between(0.35f, 0.6f), random_.between(0.1f, 0.28f)};
    leaves_ = random_.chance(0.2f)
                  ? Color{random_.between(0.45f, 0.7f), random_.between(0.3f, 0.5f), random_.between(0.05f, 0.2f)}
                  : Color{random_.between(0.08f, 0.35f), random_.between(0.25f, 0.5f), random_.between(0.05f, 0.25f)};
    marks_ = random_.chance(0.8f);
    slabs_ = random_.between(0.5f, 1.5f);
  }

  void choose_side(Side& side) {
    side.road = random_.between(2.5f, 4.6f);
    side.sidewalk = side.road + random_.between(2.2f, 4.5f);
    side.verge = side.sidewalk + (random_.chance(0.65f) ? random_.between(1.5f, 6) : 0);
    side.has_houses = random_.chance(0.75f);
    side.front = side.verge + random_.between(0, 0.5f);
    if (!side.has_houses) side.verge = 200;
    float at = random_.between(-6, 2);
    while (at < 120) {
      House h;
      h.end = at += random_.between(6, 18);
      h.height = random_.chance(0.1f) ? 0 : random_.between(3.5f, 18);
      h.floor = random_.between(2.6f, 3.8f);
      h.bay = random_.between(1.4f, 3.2f);
      const float base = random_.between(0.2f, 0.85f);
      h.wall = random_.chance(0.6f)
                   ? Color{base, base * random_.between(0.7f, 1.05f), base * random_.between(0.5f, 1.1f)}
                   : random_.color(0.2f, 0.85f);
      h.glass = random_.chance(0.6f) ? random_.color(0.05f, 0.3f) : mix(zenith_, h.wall, 0.3f);
      h.trim = random_.color(0.3f, 0.9f);
      h.seed = static_cast<uint32_t>(random_.below(1 << 24));
      side.houses.push_back(h);
    }
  }

  void choose_objects() {
    for (int i = 0; i < 2; ++i) {
      const Side& side = sides_[static_cast<size_t>(i)];
      const float sign = i == 0 ? -1.0f : 1.0f;
      for (int k = random_.below(5); k > 0; --k) add_tree(sign, side);
      for (int k = random_.below(3); k > 0; --k) add_bush(sign, side);
      for (int k = random_.below(5); k > 0; --k) add_person(sign * random_.between(side.road - 0.6f, side.sidewalk));
      float z = random_.between(4, 14);
      for (int k = random_.below(4); k > 0; --k, z += random_.between(5.5f, 9))
        add_car(sign * (side.road - 1.1f), z, false);
    }
    if (random_.chance(0.5f)) add_car(random_.between(-1.8f, 1.8f), random_.between(5, 20), false);
    if (random_.chance(0.25f)) add_car(random_.between(-2.5f, 2.5f), random_.between(6, 14), true);
    if (random_.chance(0.5f)) add_person(random_.between(-2.5f, 2.5f));
  }

  void add_tree(float sign, const Side& side) {
    Object o{.kind = Kind::tree, .z = random_.between(4, 40)};
    o.x = middle_ + sign * random_.between(side.road + 0.5f, std::min(side.verge, side.sidewalk + 6) + 0.5f);
    o.height = random_.between(3.5f, 9);
    o.width = o.height * random_.between(0.45f, 0.9f);
    o.main = mix(leaves_, random_.color(0.1f, 0.5f), 0.2f);
    o.second = Color{0.3f, 0.22f, 0.16f} * random_.between(0.6f, 1.3f);
    o.pose = random_.between(0.3f, 0.5f);
    finish(o);
  }
  void add_bush(float sign, const Side& side) {
    Object o{.kind = Kind::bush, .z = random_.between(4, 25)};
    o.x = middle_ + sign * random_.between(side.sidewalk - 0.3f, side.sidewalk + 2.5f);
    o.height = random_.between(0.7f, 2.2f);
    o.width = o.height * random_.between(1, 2.8f);
    o.main = mix(leaves_, random_.color(0.1f, 0.5f), 0.25f);
    finish(o);
  }
  void add_person(float x) {
    Object o{.kind = Kind::person, .x = middle_ + x, .z = random_.between(2.6f, 8)};
    o.height = random_.between(1.5f, 1.95f);
    o.width = random_.between(0.5f, 0.72f);
    o.main = random_.color(0.05f, 0.95f);
    o.second = random_.chance(0.6f) ? random_.color(0.05f, 0.4f) : random_.color(0.1f, 0.8f);
    o.third = Color{0.85f, 0.62f, 0.48f} * random_.between(0.4f, 1.1f);
    o.pose = random_.between(-1, 1);
    finish(o);
  }
  void add_car(float x, float z, bool turned) {
    Object o{.kind = Kind::car, .x = middle_ + x, .z = z};
    o.turned = turned;
    o.width = turned ? random_.between(3.8f, 4.7f) : random_.between(1.65f, 1.95f);
    o.height = random_.between(1.35f, 1.9f);
    o.main = random_.chance(0.4f) ? Color{1, 1, 1} * random_.between(0.08f, 0.9f) : random_.color(0.08f, 0.9f);
    o.second = random_.color(0.05f, 0.25f);
    o.third = random_.chance(0.5f) ? Color{0.8f, 0.1f, 0.08f} : Color{0.95f, 0.92f, 0.8f};
    o.pose = random_.between(0.1f, 0.25f);
    finish(o);
  }
  void finish(Object& o) {
    o.seed = static_cast<uint32_t>(random_.below(1 << 24));
    objects_.push_back(o);
  }

  // Where a point of the ground `x` right and `z` ahead is seen.
  float column(float x, float z) const { return vanish_ + x * focal_ / z; }
  float row(float y, float z) const { return horizon_ + (camera_ - y) * focal_ / z; }

  Color hazy(Color c, float z) const {
    const float clear = 1 / (1 + haze_ * z + 0.5f * haze_ * haze_ * z * z);
    return mix(rim_, c, clear);
  }

  void put(int x, int y, Color c, float z, Label label) {
    const size_t i = static_cast<size_t>(y) * static_cast<size_t>(s_.width) + static_cast<size_t>(x);
    color_[i] = hazy(c * light_, z);
    s_.labels[i] = label;
  }

  void paint_background() {
    for (int y = 0; y < s_.height; ++y) {
      for (int x = 0; x < s_.width; ++x) paint_ray(x, y);
    }
  }

  void paint_ray(int x, int y) {
    const float dx = (static_cast<float>(x) + 0.5f - vanish_) / focal_;
    const float dy = (static_cast<float>(y) + 0.5f - horizon_) / focal_ - slope_ * dx;
    const Side& side = sides_[dx < 0 ? 0 : 1];
    // The facade's plane runs along the street; the ray meets it at this distance.
    const float offset = dx < 0 ? side.front + middle_ * -1 : side.front + middle_;
    const float across = std::fabs(dx);
    const float facade = across > 1e-4f ? std::max(offset, 0.5f) / across : 1e9f;
    const float ground = dy > 1e-4f ? camera_ / dy : 1e9f;
    if (side.has_houses && facade < ground && facade < 120) {
      const float height = camera_ - dy * facade;
      if (paint_facade(x, y, side, facade, height)) return;
    }
    if (ground < 150) return paint_ground(x, y, dx * ground - middle_, ground);
    paint_sky(x, y, dy);
  }

  bool paint_facade(int x, int y, const Side& side, float z, float height) {
    const House* h = &side.houses.back();
    for (const House& candidate : side.houses) {
      if (z < candidate.end) {
        h = &candidate;
        break;
      }
    }
    if (height > h->height) {
      // Behind a gap, or above the roofs: far woods, sometimes.
      return false;
    }
    const float u = z / h->bay, v = height / h->floor;
    const float fu = u - std::floor(u), fv = v - std::floor(v);
    Color c = h->wall * (0.8f + 0.35f * rough(z * 3, height * 3, h->seed));
    const bool window = fu > 0.25f && fu < 0.75f && fv > 0.3f && fv < 0.8f && h->height - height > 0.5f;
    if (window) {
      const float shine = unit(key(floor_int(u), floor_int(v), h->seed));
      c = mix(h->glass, rim_, shine * 0.5f);
    } else if (fu > 0.2f && fu < 0.8f && fv > 0.25f && fv < 0.85f) {
      c = mix(c, h->trim, 0.6f);
    }
    if (height < h->floor * 0.9f && unit(h->seed) < 0.5f) {  // a shop
      const float sign = height / h->floor;
      if (sign > 0.7f)
        c = h->trim * (0.7f + 0.5f * noise(z * 4, height * 9, h->seed + 5));
      else if (fu > 0.12f)
        c = mix(h->glass, c, 0.25f * rough(z * 2, height * 2, h->seed + 9));
    }
    const bool lit = (&side == &sides_[0]) != sun_left_;
    put(x, y, c * (lit ? 1.0f : shade_), z, building);
    return true;
  }

  void paint_ground(int x, int y, float across, float z) {
    const Side& side = sides_[across < 0 ? 0 : 1];
    const float d = std::fabs(across);
    const float grain = rough(across * 4, z * 4, noise_);
    const float large = rough(across * 0.5f, z * 0.3f, noise_ + 3);
    if (d < side.road) {
      Color c = asphalt_ * (0.75f + 0.25f * grain + 0.3f * large);
      const float dash = z * 0.25f - std::floor(z * 0.25f);
      const bool mark = marks_ && (d < 0.08f ? dash < 0.5f : d > side.road - 0.35f && d < side.road - 0.22f);
      if (mark) c = mix(c, {0.85f, 0.85f, 0.8f}, 0.75f);
      if (large > 0.72f) c = c * 0.7f;  // patches and damp
      return put(x, y, c * ground_light(across, z), z, road);
    }
    if (d < side.sidewalk) {
      Color c = pavement_ * (0.8f + 0.3f * grain + 0.12f * large);
      const float a = across * slabs_ - std::floor(across * slabs_), b = z * slabs_ - std::floor(z * slabs_);
      if (z < 14 && (a < 0.06f || b < 0.06f)) c = c * 0.75f;
      if (d < side.road + 0.18f) c = c * 1.2f + Color{0.05f, 0.05f, 0.05f};  // the kerb
      return put(x, y, c * ground_light(across, z), z, sidewalk);
    }
    // Behind the sidewalk: grass; far off, a line of woods hides the horizon.
    const Color c = mix(grass_ * (0.6f + 0.6f * grain), Color{0.45f, 0.38f, 0.28f} * (0.7f + 0.5f * grain),
                        large > 0.6f ? 0.55f : 0.1f);
    put(x, y, c * ground_light(across, z), z, terrain);
  }

  // The houses' shadow over the street's sunless side.
  float ground_light(float across, float z) const {
    if (overcast_) return 1;
    const Side& side = sides_[sun_left_ ? 0 : 1];
    if (!side.has_houses) return 1;
    const float d = sun_left_ ? across + side.front : side.front - across;
    for (const House& h : side.houses) {
      if (z < h.end) return d < h.height * 0.45f ? shade_ : 1.0f;
    }
    return 1;
  }

  void paint_sky(int x, int y, float dy) {
    const float up = std::clamp(-dy * 1.6f, 0.0f, 1.0f);
    const float fx = static_cast<float>(x) / focal_, fy = static_cast<float>(y) / focal_;
    if (-dy < 0.02f + 0.11f * noise(fx * 9, 3, noise_ + 21)) {  // woods behind the street
      const Color c = leaves_ * (0.6f + 0.7f * rough(fx * 40, fy * 40, noise_ + 8));
      return put(x, y, c, 60, vegetation);
    }
    Color c = mix(rim_, zenith_, up);
    const float cloud = rough(fx * 4 + 9, fy * 8, noise_ + 11);
    if (cloud > 0.5f)
      c = mix(c, overcast_ ? zenith_ * 0.8f : Color{0.95f, 0.95f, 0.97f}, clouds_ * std::min((cloud - 0.5f) * 4, 1.0f));
    const size_t i = static_cast<size_t>(y) * static_cast<size_t>(s_.width) + static_cast<size_t>(x);
    color_[i] = c;
    s_.labels[i] = sky;
  }

  void paint_shadow(const Object& o) {
    const float half = o.kind == Kind::tree ? o.width * 0.6f : o.width * 0.55f;
    const float deep = o.kind == Kind::car && !o.turned ? 1.6f : half;
    const float dark = overcast_ ? 0.75f : 0.5f;
    for_box(o.x - half, o.x + half, 0, 0, o.z, [&](int x, int) {
      const float z_near = std::max(o.z - deep, 1.0f), z_far = o.z + deep;
      const int top = std::max(floor_int(row(0, z_far)), 0),
                bottom = std::min(floor_int(row(0, z_near)), s_.height - 1);
      for (int y = top; y <= bottom; ++y) {
        const float dz = camera_ * focal_ / std::max(static_cast<float>(y) + 0.5f - horizon_, 0.5f) - o.z;
        const float dx = (static_cast<float>(x) + 0.5f - vanish_) / focal_ * (o.z + dz) - o.x;
        const float r = dx * dx / (half * half) + dz * dz / (deep * deep);
        const size_t i = static_cast<size_t>(y) * static_cast<size_t>(s_.width) + static_cast<size_t>(x);
        if (r < 1 && s_.labels[i] != building && s_.labels[i] != sky)
          color_[i] = color_[i] * (1 - (1 - dark) * std::min(2 * (1 - r), 1.0f));
      }
      return false;
    });
  }

  // Calls body(x, y) for the columns and rows of an upright box at distance z; one row where it has no height.
  template <class Body>
  void for_box(float x0, float x1, float y0, float y1, float z, const Body& body) {
    const int left = std::max(floor_int(column(x0, z)), 0), right = std::min(floor_int(column(x1, z)), s_.width - 1);
    const int top = std::max(floor_int(row(y1, z)), 0), bottom = std::min(floor_int(row(y0, z)), s_.height - 1);
    for (int x = left; x <= right; ++x) {
      if (y0 == y1) {
        body(x, top);
        continue;
      }
      for (int y = top; y <= bottom; ++y) body(x, y);
    }
  }

  void paint_object(const Object& o) {
    const float margin = o.kind == Kind::tree || o.kind == Kind::bush ? 1.25f : 1;
    for_box(o.x - o.width / 2 * margin, o.x + o.width / 2 * margin, 0, o.height * margin, o.z, [&](int x, int y) {
      // Of the object's own box: -1..1 across, 0..1 up.
      const float u = ((static_cast<float>(x) + 0.5f - vanish_) * o.z / focal_ - o.x) / (o.width / 2);
      const float v = (camera_ - (static_cast<float>(y) + 0.5f - horizon_) * o.z / focal_) / o.height;
      switch (o.kind) {
        case Kind::tree:
          return tree(o, x, y, u, v);
        case Kind::bush:
          return bush(o, x, y, u, v);
        case Kind::car:
          return o.turned ? car_side(o, x, y, u, v) : car_end(o, x, y, u, v);
        case Kind::person:
          return human(o, x, y, u, v);
      }
    });
  }

  float side_light(float u) const {
    return 1 - (1 - shade_) * 0.6f * std::clamp(0.5f + (sun_left_ ? u : -u) * 0.5f, 0.0f, 1.0f);
  }

  void crown(const Object& o, int x, int y, float u, float v, float r) {
    const float ragged = 0.75f + 0.5f * rough(u * 2.5f + 7, v * 5, o.seed);
    if (r > ragged) return;
    const float leaf = rough(u * 9, v * 16, o.seed + 3);
    put(x, y, o.main * ((0.45f + 0.8f * leaf) * side_light(u) * (0.8f + 0.4f * v)), o.z, vegetation);
  }
  void tree(const Object& o, int x, int y, float u, float v) {
    const float middle = 0.5f * (1 + o.pose);
    const float dv = (v - middle) / (1 - middle);
    if (v < middle && std::fabs(u) < 0.07f)
      return put(x, y, o.second * (0.7f + 0.6f * noise(u * 30, v * 20, o.seed)), o.z, vegetation);
    crown(o, x, y, u, v, u * u + dv * dv);
  }
  void bush(const Object& o, int x, int y, float u, float v) { crown(o, x, y, u, v, u * u + v * v * v * v); }

  // From behind or before: body, cabin with its window, lights, plate, wheels.
  void car_end(const Object& o, int x, int y, float u, float v) {
    const float a = std::fabs(u);
    const float cabin = 0.94f - o.pose - std::max(v - 0.55f, 0.0f) * 0.35f;
    if (v > 1 || v < 0 || a > (v > 0.55f ? cabin : 0.98f)) return;
    if (v < 0.16f && a < 0.62f) return;  // free between the wheels
    Color c = o.main * side_light(u) * (0.8f + 0.3f * v);
    if (v < 0.16f)
      c = {0.06f, 0.06f, 0.06f};
    else if (v > 0.6f && v < 0.93f && a < cabin - 0.1f)
      c = mix(o.second, rim_, 0.45f * (v - 0.5f) + 0.2f * noise(u * 2, v * 3, o.seed));
    else if (v > 0.36f && v < 0.5f && a > 0.66f && a < 0.93f)
      c = o.third;
    else if (v > 0.25f && v < 0.36f && a < 0.28f)
      c = {0.8f, 0.8f, 0.75f};
    else if (v < 0.24f)
      c = c * 0.6f;
    put(x, y, c, o.z, car);
  }
  void car_side(const Object& o, int x, int y, float u, float v) {
    const float a = std::fabs(u);
    const float roof = 0.62f - std::max(v - 0.55f, 0.0f) * 0.5f;
    if (v > 1 || v < 0 || a > (v > 0.55f ? roof : 0.99f - (v < 0.2f ? 0.05f : 0.0f))) return;
    const float wheel = (a - 0.62f) * (a - 0.62f) * 5.5f + (v - 0.18f) * (v - 0.18f) * 1.4f;
    if (v < 0.16f && wheel > 0.05f) return;
    Color c = o.main * (0.75f + 0.4f * v);
    if (wheel < 0.05f)
      c = wheel < 0.014f ? Color{0.5f, 0.5f, 0.5f} : Color{0.06f, 0.06f, 0.06f};
    else if (v > 0.6f && v < 0.92f && a < roof - 0.07f && a > 0.03f)
      c = mix(o.second, rim_, 0.25f + 0.3f * noise(u * 3, v * 3, o.seed));
    else if (v < 0.26f)
      c = c * 0.6f;
    put(x, y, c, o.z, car);
  }

  void human(const Object& o, int x, int y, float u, float v) {
    const float a = std::fabs(u);
    const float head = u * u * (o.width * o.width) * 16 / 0.36f + (v - 0.925f) * (v - 0.925f) * 177;
    if (head < 1) return put(x, y, v > 0.95f ? o.second * 0.6f : o.third * side_light(u * 2), o.z, person);
    if (v > 0.86f || v < 0) return;
    const float fold = 0.75f + 0.5f * rough(u * 3, v * 8, o.seed);
    if (v > 0.46f) {
      const float shoulder = v > 0.8f ? 0.85f - (v - 0.8f) * 6 : 0.72f + 0.4f * (v - 0.46f);
      if (a > shoulder) return;
      const bool hand = a > 0.62f && v < 0.52f;
      return put(x, y, hand ? o.third : o.main * fold * side_light(u), o.z, person);
    }
    const float stride = o.pose * 0.3f * (0.46f - v) / 0.46f, half = 0.2f + 0.2f * v;
    const bool left = std::fabs(u + 0.22f + stride) < half, right = std::fabs(u - 0.22f - stride) < half;
    if (!left && !right) return;
    put(x, y, v < 0.05f ? Color{0.1f, 0.08f, 0.07f} : o.second * fold, o.z, person);
  }

  // The camera: a soft lens, exposure, noise of the sensor.
  void develop() {
    const float gain = 255 * random_.between(0.8f, 1.15f), grain = random_.between(0.004f, 0.035f);
    const float lift = random_.between(0, 0.06f);
    const int h = s_.height, w = s_.width;
    const auto at = [&](int y, int x) {
      return color_[static_cast<size_t>(std::clamp(y, 0, h - 1)) * static_cast<size_t>(w) +
                    static_cast<size_t>(std::clamp(x, 0, w - 1))];
    };
    uint8_t* out = s_.image.data();
    for (int y = 0; y < h; ++y) {
      for (int x = 0; x < w; ++x, out += 3) {
        const Color c = at(y, x) * 0.6f + (at(y - 1, x) + at(y + 1, x) + at(y, x - 1) + at(y, x + 1)) * 0.1f;
        const float values[3] = {c.r, c.g, c.b};
        for (uint32_t k = 0; k < 3; ++k) {
          const uint32_t n = key(x, y, noise_ + 100 + k);
          const float jitter = (unit(n) + unit(n + 1) + unit(n + 2) - 1.5f) * 2 * grain;
          out[k] = static_cast<uint8_t>(std::clamp((values[k] + lift + jitter) * gain, 0.0f, 255.0f));
        }
      }
    }
  }

  Random random_;
  uint32_t noise_;
  Scene s_;
  std::vector<Color> color_;
  float focal_ = 1, camera_ = 1.5f, horizon_ = 0, vanish_ = 0, middle_ = 0, slope_ = 0;
  bool overcast_ = false, sun_left_ = false, marks_ = true;
  float haze_ = 0, clouds_ = 0, shade_ = 1, slabs_ = 1;
  Color light_, zenith_, rim_, asphalt_, pavement_, grass_, leaves_;
  std::array<Side, 2> sides_;
  std::vector<Object> objects_;
};

}  // namespace

Scene scene(uint64_t seed, int height, int width) { return Painter(seed, height, width).paint(); }

}  // namespace monolite::data
