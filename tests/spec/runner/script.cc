// SPDX-License-Identifier: Apache-2.0
#include "script.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>

namespace spec {
namespace {

constexpr std::string_view kMagic = "WSPT";
constexpr size_t kHeaderBytes = 4 + 32;  // magic, cache key

// Sticky: after reading past the end everything is zero and ok() is false.
class Reader {
  public:
    explicit Reader(std::span<const uint8_t> bytes) : rest_(bytes) {}
    bool ok() const { return ok_; }
    bool at_end() const { return rest_.empty(); }

    template <class T>
    T number() {
        T value{};
        const auto raw = take(sizeof value);
        if (ok_) std::memcpy(&value, raw.data(), sizeof value);
        return value;
    }
    std::span<const uint8_t> take(size_t count) {
        if (count > rest_.size()) ok_ = false;
        if (!ok_) return {};
        const auto taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }
    std::span<const uint8_t> bytes() { return take(number<uint32_t>()); }
    std::string_view str() {
        const auto raw = bytes();
        return {reinterpret_cast<const char*>(raw.data()), raw.size()};
    }

  private:
    std::span<const uint8_t> rest_;
    bool ok_ = true;
};

ScriptValue read_value(Reader& in) {
    ScriptValue v;
    v.kind = static_cast<ValueKind>(in.number<uint8_t>());
    v.type = in.number<uint8_t>();
    v.lane_bytes = in.number<uint8_t>();
    v.canonical = in.number<uint8_t>();
    v.arithmetic = in.number<uint8_t>();
    in.number<uint8_t>();  // reserved
    v.bits = in.number<uint64_t>();
    v.high_bits = in.number<uint64_t>();
    return v;
}

std::vector<ScriptValue> read_values(Reader& in) {
    std::vector<ScriptValue> values(in.number<uint8_t>());
    std::generate(values.begin(), values.end(), [&] { return read_value(in); });
    return values;
}

Action read_action(Reader& in) {
    Action a;
    a.is_get = in.number<uint8_t>() != 0;
    a.module = in.str();
    a.field = in.str();
    a.args = read_values(in);
    return a;
}

Command read_command(Reader& in) {
    Command c;
    c.op = static_cast<Op>(in.number<uint8_t>());
    c.line = in.number<uint32_t>();
    switch (c.op) {
        case Op::Module:
        case Op::Definition:
            c.name = in.str();
            c.binary = in.bytes();
            break;
        case Op::Instance:
        case Op::Register:
            c.name = in.str();
            c.target = in.str();
            break;
        case Op::Action:
        case Op::AssertException: c.action = read_action(in); break;
        case Op::AssertReturn:
            c.action = read_action(in);
            c.expected.resize(in.number<uint8_t>());
            std::generate(c.expected.begin(), c.expected.end(), [&] { return read_values(in); });
            break;
        case Op::AssertTrap:
        case Op::AssertExhaustion:
            c.action = read_action(in);
            c.text = in.str();
            break;
        case Op::AssertTrapModule:
        case Op::AssertInvalid:
        case Op::AssertMalformed:
        case Op::AssertUnlinkable:
            c.binary = in.bytes();
            c.text = in.str();
            break;
        case Op::TextOnly:
        case Op::Unconverted: c.text = in.str(); break;
    }
    return c;
}

bool read_file(const std::string& path, std::vector<uint8_t>& out) {
    const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (!file) return false;
    uint8_t block[1 << 16];
    while (const size_t n = std::fread(block, 1, sizeof block, file.get())) out.insert(out.end(), block, block + n);
    return std::ferror(file.get()) == 0;
}

}  // namespace

bool is_assertion(Op op) { return op >= Op::AssertReturn && op <= Op::TextOnly; }

std::optional<Script> load_script(const std::string& path) {
    Script script;
    if (!read_file(path, script.bytes) || script.bytes.size() < kHeaderBytes) return std::nullopt;
    if (std::memcmp(script.bytes.data(), kMagic.data(), kMagic.size()) != 0) return std::nullopt;
    Reader in(std::span<const uint8_t>(script.bytes).subspan(kHeaderBytes));
    for (uint32_t left = in.number<uint32_t>(); left > 0 && in.ok(); --left)
        script.commands.push_back(read_command(in));
    if (!in.ok() || !in.at_end()) return std::nullopt;
    return script;
}

}  // namespace spec
