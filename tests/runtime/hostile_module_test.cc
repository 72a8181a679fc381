// SPDX-License-Identifier: Apache-2.0
// Modules made to hurt: every truncation and many mutations of good ones must end in a clean error or a good module,
// with memory in proportion to the input; and inputs whose naive treatment is quadratic or recursive.
#include "decode/limits.h"
#include "decode/module_data.h"
#include "support/allocation_meter.h"
#include "support/module_builder.h"
#include "support/specimen.h"

#include <wasm/module.h>

#include <catch2/catch.hpp>

using namespace wasm;
using namespace wasm::test;

namespace {

bool starts_with(const std::string& text, std::string_view start) { return text.rfind(start, 0) == 0; }

// Loads, names and describes; whatever comes out must be sound.
void survive(const Buffer& bytes) {
    const AllocationMeter meter;
    const auto module = Module::load(bytes);
    if (module) {
        (void)module.value()->imports();
        (void)module.value()->exports();
        (void)module.value()->func_name(1);
    } else {
        const Error& error = module.error();
        if (!error.offset || *error.offset > bytes.size() || error.message.empty() ||
            error.describe().find('\n') != std::string::npos || error.kind == ErrorKind::Resource) {
            CAPTURE(error.describe());
            CHECK(false);
        }
    }
    // 64 bytes of state for a byte of input; the constant covers a specimen's own size.
    if (meter.peak() > 64 * bytes.size() + (size_t{1} << 16)) CHECK(meter.peak() == 0);
}

Buffer replaced(const Buffer& bytes, size_t at, size_t old_length, std::initializer_list<uint8_t> with) {
    Buffer out(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
    out.insert(out.end(), with);
    out.insert(out.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at + old_length), bytes.end());
    return out;
}

struct SectionPlace {
    size_t size_at;
    size_t content_at;
    size_t end;
};

// Sections of a module whose sizes take one byte or two.
std::vector<SectionPlace> sections_of(const Buffer& bytes) {
    std::vector<SectionPlace> places;
    for (size_t at = 8; at < bytes.size();) {
        SectionPlace place;
        place.size_at = at + 1;
        size_t size = bytes[at + 1] & 0x7F;
        place.content_at = at + 2;
        if (bytes[at + 1] >= 0x80) size |= size_t{bytes[place.content_at++]} << 7;
        place.end = place.content_at + size;
        places.push_back(place);
        at = place.end;
    }
    return places;
}

}  // namespace

TEST_CASE("the specimen is valid") {
    const Buffer bytes = specimen();
    const auto module = Module::load(bytes);
    if (!module) FAIL(module.error().describe());
    CHECK(module.value()->func_name(1) == "named");
}

TEST_CASE("truncated at every byte") {
    const Buffer bytes = specimen();
    std::vector<SectionPlace> places = sections_of(bytes);
    for (size_t n = 0; n < bytes.size(); ++n) {
        const Buffer cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
        survive(cut);
        // Only between sections may a module end.
        const bool at_boundary =
            n == 8 || std::any_of(places.begin(), places.end(), [&](const SectionPlace& p) { return p.end == n; });
        if (!at_boundary) CHECK_FALSE(Module::load(cut));
    }
}

TEST_CASE("every byte replaced, removed, doubled") {
    const Buffer bytes = specimen();
    for (size_t i = 0; i < bytes.size(); ++i) {
        for (const int byte : {0x00, 0x01, 0x0B, 0x40, 0x7F, 0x80, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF}) {
            survive(replaced(bytes, i, 1, {static_cast<uint8_t>(byte)}));
        }
        for (unsigned bit = 0; bit < 8; ++bit) {
            survive(replaced(bytes, i, 1, {static_cast<uint8_t>(bytes[i] ^ (1U << bit))}));
        }
        survive(replaced(bytes, i, 1, {static_cast<uint8_t>(bytes[i] + 1)}));
        survive(replaced(bytes, i, 1, {static_cast<uint8_t>(bytes[i] - 1)}));
        survive(replaced(bytes, i, 1, {}));
        survive(replaced(bytes, i, 1, {bytes[i], bytes[i]}));
    }
}

TEST_CASE("numbers replaced by huge, overlong and unfinished ones") {
    const Buffer bytes = specimen();
    for (size_t i = 8; i < bytes.size(); ++i) {
        survive(replaced(bytes, i, 1, {0xFF, 0xFF, 0xFF, 0xFF, 0x0F}));
        survive(replaced(bytes, i, 1, {0xFF, 0xFF, 0xFF, 0xFF, 0x07}));
        survive(replaced(bytes, i, 1, {0xFF, 0xFF, 0xFF, 0xFF, 0x7F}));
        survive(replaced(bytes, i, 1, {static_cast<uint8_t>(bytes[i] | 0x80), 0x80, 0x80, 0x80, 0x00}));
        survive(replaced(bytes, i, 1, {static_cast<uint8_t>(bytes[i] | 0x80), 0x80, 0x80, 0x80, 0x80, 0x00}));
        survive(replaced(bytes, i, 1, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01}));
    }
}

TEST_CASE("section sizes and counts off by one") {
    const Buffer bytes = specimen();
    for (const SectionPlace& place : sections_of(bytes)) {
        for (const size_t at : {place.size_at, place.content_at}) {
            for (const int delta : {-1, 1}) {
                const Buffer changed = replaced(bytes, at, 1, {static_cast<uint8_t>(bytes[at] + delta)});
                survive(changed);
                // The name section is advice; its own bytes may be anything. Its name may not be cut.
                const bool is_start = bytes[place.size_at - 1] == static_cast<uint8_t>(SectionId::Start);
                const bool is_custom = bytes[place.size_at - 1] == static_cast<uint8_t>(SectionId::Custom);
                if (!is_start && !is_custom) CHECK_FALSE(Module::load(changed));
            }
        }
    }
}

TEST_CASE("counts beyond the file do not reserve memory") {
    for (const SectionId id :
         {SectionId::Type, SectionId::Import, SectionId::Function, SectionId::Table, SectionId::Memory,
          SectionId::Global, SectionId::Export, SectionId::Element, SectionId::Code, SectionId::Data, SectionId::Tag}) {
        for (const uint32_t count : {100U, 100000U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
            Buffer out = ModuleBuilder::header();
            ModuleBuilder::append_section(out, id, Code().u32(count).bytes());
            const AllocationMeter meter;
            const auto module = Module::load(out);
            REQUIRE_FALSE(module);
            CHECK(meter.peak() < 16384);
        }
    }
}

namespace {

// Peak memory and outcome of loading one function.
struct Loaded {
    std::string error;
    ErrorKind kind = ErrorKind::Malformed;
    size_t size = 0;
    size_t peak = 0;
};

Loaded load_function(const Code& body,
                     const TypeList& results = {},
                     const std::vector<LocalRun>& locals = {},
                     const TypeList& params = {}) {
    ModuleBuilder b;
    b.func(params, results, body, locals);
    const Buffer bytes = b.build();
    Loaded loaded;
    loaded.size = bytes.size();
    const AllocationMeter meter;
    const auto module = Module::load(bytes);
    loaded.peak = meter.peak();
    if (!module) {
        loaded.error = module.error().message;
        loaded.kind = module.error().kind;
    }
    return loaded;
}

constexpr uint32_t kMillion = 1'000'000;

}  // namespace

TEST_CASE("a million nested blocks") {
    for (const char* kind : {"block", "loop", "if", "try"}) {
        Code body;
        for (uint32_t i = 0; i < kMillion; ++i) {
            if (std::string_view(kind) == "if") body.i32_const(0);
            body.block(kind);
        }
        for (uint32_t i = 0; i <= kMillion; ++i) body.end();
        const Loaded loaded = load_function(body);
        CHECK(loaded.error == "");
        CHECK(loaded.peak < 64 * loaded.size);
    }
    Code body;
    for (uint32_t i = 0; i < kMillion; ++i) body.op("try_table").u8(0x40).u32(1).u8(2).u32(i);
    for (uint32_t i = 0; i <= kMillion; ++i) body.end();
    CHECK(load_function(body).error == "");
}

TEST_CASE("a constant expression of a million nested blocks, and one of a million operations") {
    Code nested;
    for (uint32_t i = 0; i < kMillion; ++i) nested.block();
    for (uint32_t i = 0; i < kMillion; ++i) nested.end();
    ModuleBuilder b;
    b.global(kI32, false, nested);
    CHECK(starts_with(Module::load(b.build()).error().message, "constant expression required"));
    Code sum = Code().i32_const(0);
    for (uint32_t i = 0; i < kMillion; ++i) sum.i32_const(1).op("i32.add");
    ModuleBuilder c;
    c.global(kI32, false, sum);
    CHECK(Module::load(c.build()));
}

TEST_CASE("a million targets of one br_table") {
    Code body = Code().i32_const(0).op("br_table").u32(kMillion);
    for (uint32_t i = 0; i <= kMillion; ++i) body.u32(0);
    const Loaded loaded = load_function(body.end());
    CHECK(loaded.error == "");
    CHECK(loaded.peak < 16 * loaded.size);
    const Loaded cut = load_function(Code().i32_const(0).op("br_table").u32(0x0FFFFFFF).u32(0).end());
    CHECK(starts_with(cut.error, "length out of bounds"));
}

TEST_CASE("br_table to labels of a thousand results") {
    ModuleBuilder b;
    const TypeList many(kMaxResults, kI32);
    const uint32_t type = b.type({}, many);
    Code body;
    constexpr uint32_t kDepth = 300;
    for (uint32_t i = 0; i < kDepth; ++i) body.block("block", type);
    body.op("unreachable").i32_const(0).op("br_table").u32(kMillion);
    for (uint32_t i = 0; i <= kMillion; ++i) body.u32(i % kDepth);
    for (uint32_t i = 0; i < kDepth; ++i) body.end();
    b.func({}, many, body.end());
    CHECK(Module::load(b.build()));
}

TEST_CASE("locals") {
    CHECK(load_function(Code().local_get(8999).drop().end(), {}, {{9000, kI32}}).error == "");
    // Runs of one each, all types in turn; the last is found as well as the first.
    std::vector<LocalRun> runs;
    const TypeList kinds{kI32, kI64, kF32, kF64};
    for (uint32_t i = 0; i < kMaxLocals; ++i) runs.push_back({1, kinds[i % 4]});
    for (const uint32_t i : {0U, 1U, 511U, 512U, 513U, 40002U, kMaxLocals - 1}) {
        CHECK(load_function(Code().local_get(i).end(), {kinds[i % 4]}, runs).error == "");
        CHECK(starts_with(load_function(Code().local_get(i).end(), {kinds[(i + 1) % 4]}, runs).error, "type mismatch"));
    }
    CHECK(starts_with(load_function(Code().local_get(kMaxLocals).drop().end(), {}, runs).error, "unknown local"));
    const Loaded one_more = load_function(Code().end(), {}, {{kMaxLocals, kI32}}, {kI32});
    CHECK(starts_with(one_more.error, "too many locals: 50001"));
    CHECK(one_more.kind == ErrorKind::Limit);
    CHECK(load_function(Code().end(), {}, {{0x7FFFFFFF, kI32}}).kind == ErrorKind::Limit);
    const Loaded overflow = load_function(Code().end(), {}, {{0xFFFFFFFF, kI32}, {1, kI32}});
    CHECK(overflow.error == "too many locals");
    CHECK(overflow.kind == ErrorKind::Malformed);
}

TEST_CASE("fifty thousand locals in each of many small functions are not expanded") {
    ModuleBuilder b;
    for (uint32_t i = 0; i < 20'000; ++i) b.func({}, {}, Code().end(), {{kMaxLocals, kF64}});
    const Buffer bytes = b.build();
    const AllocationMeter meter;
    CHECK(Module::load(bytes));
    CHECK(meter.peak() < 64 * bytes.size());
}

TEST_CASE("parameters and results") {
    for (const size_t n : {size_t{kMaxParams}, size_t{kMaxParams} + 1}) {
        ModuleBuilder b;
        b.type(TypeList(n, kI32), {});
        b.type({}, TypeList(n, kI32));
        const auto module = Module::load(b.build());
        CHECK(module.has_value() == (n == kMaxParams));
        if (!module) CHECK(module.error().kind == ErrorKind::Limit);
    }
}

TEST_CASE("calls with a thousand results do not fill the memory") {
    ModuleBuilder b;
    const uint32_t f = b.import_func("", "", {}, TypeList(kMaxResults, kI32));
    Code body;
    for (uint32_t i = 0; i < 100'000; ++i) body.call(f);
    b.func({}, {}, body.op("unreachable").end());
    const Buffer bytes = b.build();
    const AllocationMeter meter;
    const auto module = Module::load(bytes);
    REQUIRE_FALSE(module);
    CHECK(module.error().kind == ErrorKind::Limit);
    CHECK(starts_with(module.error().message, "too many operands"));
    CHECK(meter.peak() < 4 * kMaxOperands * sizeof(ValType));
}

TEST_CASE("a long run of drops in unreachable code") {
    Code body = Code().op("unreachable");
    for (uint32_t i = 0; i < 10 * kMillion; ++i) body.drop();
    const Loaded loaded = load_function(body.end());
    CHECK(loaded.error == "");
    CHECK(loaded.peak < 65536);
}

TEST_CASE("export names with long common beginnings") {
    ModuleBuilder b;
    b.memory(1);
    const std::string common(2000, 'x');
    for (uint32_t i = 0; i < 5000; ++i) b.export_item(common + std::to_string(i), ExternKind::Memory, 0);
    CHECK(Module::load(b.build()));
    b.export_item(common + "4321", ExternKind::Memory, 0);
    CHECK(starts_with(Module::load(b.build()).error().message, "duplicate export name"));
}

TEST_CASE("random bytes behind a header") {
    uint64_t state = 0x9E3779B97F4A7C15;
    const auto next = [&state] {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return state;
    };
    for (int round = 0; round < 5000; ++round) {
        Buffer bytes = ModuleBuilder::header();
        Buffer content(next() % 60);
        for (uint8_t& byte : content) byte = static_cast<uint8_t>(next() >> 24);
        ModuleBuilder::append_section(bytes, SectionId{static_cast<uint8_t>(next() % 14)}, content);
        survive(bytes);
    }
}
