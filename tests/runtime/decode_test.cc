// SPDX-License-Identifier: Apache-2.0
// The decoder on good modules and on every kind of malformed one: reader, sections, code iterator, names.
#include "decode/code_iterator.h"
#include "decode/name_section.h"
#include "decode/reader.h"
#include "decode/utf8.h"
#include "support/module_builder.h"

#include <wasm/text.h>

#include <catch2/catch.hpp>
#include <thread>

using namespace wasm;
using namespace wasm::test;

namespace {

Reader reader_of(const Buffer& bytes) {
    const uint8_t* end = bytes.data() + bytes.size();
    return Reader(bytes.data(), 0, bytes.data(), end, end);
}

std::string decode_error(const Buffer& bytes, ModuleOptions options = {}) {
    const auto result = decode_module(bytes, std::move(options), nullptr);
    if (result) return "";
    CHECK(result.error().offset.value() <= bytes.size());
    return result.error().message;
}

bool starts_with(const std::string& text, std::string_view start) { return text.rfind(start, 0) == 0; }

Buffer with_section(SectionId id, const Code& content) {
    Buffer out = ModuleBuilder::header();
    ModuleBuilder::append_section(out, id, content.bytes());
    return out;
}

struct LebCase {
    Buffer bytes;
    std::optional<int64_t> value;  // else `error`
    const char* error = "";
};

}  // namespace

TEST_CASE("unsigned LEB128 of 32 bits") {
    const LebCase cases[] = {
        {{0x00}, 0},
        {{0x7F}, 127},
        {{0x80, 0x01}, 128},
        {{0x82, 0x80, 0x80, 0x80, 0x00}, 2},
        {{0xFF, 0xFF, 0xFF, 0xFF, 0x0F}, 0xFFFFFFFF},
        {{0xFF, 0xFF, 0xFF, 0xFF, 0x1F}, {}, "integer too large"},
        {{0x80, 0x80, 0x80, 0x80, 0x40}, {}, "integer too large"},
        {{0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, {}, "integer representation too long"},
        {{0x80, 0x80}, {}, "unexpected end"},
        {{}, {}, "unexpected end"},
    };
    for (const LebCase& c : cases) {
        Reader r = reader_of(c.bytes);
        const uint32_t value = r.u32();
        CHECK(r.failed() == !c.value);
        if (c.value) CHECK(value == *c.value);
        if (!c.value) CHECK(starts_with(r.error().message, c.error));
        CHECK(r.at_end());
    }
}

TEST_CASE("signed LEB128") {
    const LebCase cases32[] = {
        {{0x7F}, -1},
        {{0x3F}, 63},
        {{0xC0, 0x00}, 64},
        {{0xFF, 0xFF, 0xFF, 0xFF, 0x7F}, -1},
        {{0x80, 0x80, 0x80, 0x80, 0x78}, INT32_MIN},
        {{0xFF, 0xFF, 0xFF, 0xFF, 0x07}, INT32_MAX},
        {{0x80, 0x80, 0x80, 0x80, 0x70}, {}, "integer too large"},
        {{0xFF, 0xFF, 0xFF, 0xFF, 0x0F}, {}, "integer too large"},
        {{0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, {}, "integer representation too long"},
    };
    for (const LebCase& c : cases32) {
        Reader r = reader_of(c.bytes);
        const int32_t value = r.s32();
        CHECK(r.failed() == !c.value);
        if (c.value) CHECK(value == *c.value);
        if (!c.value) CHECK(r.error().message == c.error);
    }
    const Buffer min64{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7F};
    Reader r = reader_of(min64);
    CHECK(r.s64() == INT64_MIN);
    CHECK_FALSE(r.failed());
    const Buffer wide{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7E};
    Reader w = reader_of(wide);
    (void)w.s64();
    CHECK(w.failed());
}

TEST_CASE("what the builder writes is what the reader reads") {
    for (const int64_t value : {int64_t{0}, int64_t{-1}, int64_t{63}, int64_t{64}, int64_t{-64}, int64_t{-65},
                                int64_t{INT32_MAX}, int64_t{INT32_MIN}, INT64_MAX, INT64_MIN}) {
        const Code code = Code().s64(value);
        Reader r = reader_of(code.bytes());
        CHECK(r.s64() == value);
        CHECK(r.at_end());
        CHECK_FALSE(r.failed());
    }
}

TEST_CASE("the first fault sticks") {
    const Buffer bytes{1, 2, 3};
    Reader r = reader_of(bytes);
    r.fail("first", r.pos() + 1);
    r.fail("second", r.pos());
    CHECK(r.u8() == 0);
    CHECK(r.u32() == 0);
    CHECK(r.bytes(1).empty());
    CHECK(r.error().message == "first");
    CHECK(r.error().offset == 1);
}

TEST_CASE("UTF-8") {
    const Buffer good[] = {{},
                           {'a'},
                           {0xC2, 0x80},
                           {0xEF, 0xBB, 0xBF},
                           {0xED, 0x9F, 0xBF},
                           {0xF4, 0x8F, 0xBF, 0xBF},
                           {'1', '2', '3', '4', '5', '6', '7', 0xC3, 0xA4}};
    for (const Buffer& bytes : good) CHECK(is_utf8(bytes));
    const Buffer bad[] = {{0x80},
                          {0xC0, 0x80},
                          {0xC1, 0xBF},
                          {0xC2},
                          {0xE0, 0x9F, 0xBF},
                          {0xED, 0xA0, 0x80},
                          {0xF0, 0x8F, 0xBF, 0xBF},
                          {0xF4, 0x90, 0x80, 0x80},
                          {0xF5, 0x80, 0x80, 0x80},
                          {0xFF},
                          {0xC2, 0x41},
                          {0xE1, 0x80}};
    for (const Buffer& bytes : bad) CHECK_FALSE(is_utf8(bytes));
}

TEST_CASE("text of others is shown as what it is, on one line") {
    CHECK(printable("a\nb\x1b[0m\xff\xc2\x9b") == "a\\x0ab\\x1b[0m\\xff\\xc2\\x9b");
    CHECK(printable("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80") == "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80");
    CHECK(printable("a\u202Eb") == "a\\xe2\\x80\\xaeb");  // from right to left
    CHECK(printable("\u200B\u2066\uFEFF\u2028").find("\u200B") == std::string::npos);
    CHECK(printable("\U000E0041") == "\\xf3\\xa0\\x81\\x81");  // a tag
    CHECK(printable(printable("a\u202Eb")) == printable("a\u202Eb"));
    CHECK(printable_name(std::string(2'000'000, 'x')) == std::string(kLongestName, 'x') + "… (2000000 bytes)");
    CHECK(printable_name(std::string(kLongestName, 'x')) == std::string(kLongestName, 'x'));
    CHECK(printable(std::string(100'000, '\n')).size() < kLongestMessage + 100);
}

TEST_CASE("header") {
    CHECK(starts_with(decode_error({}), "unexpected end"));
    CHECK(starts_with(decode_error({0, 'a', 's'}), "unexpected end"));
    CHECK(starts_with(decode_error({0, 'a', 's', 'm', 1}), "unexpected end"));
    CHECK(starts_with(decode_error({0x7F, 'E', 'L', 'F', 1, 0, 0, 0}), "magic header not detected"));
    CHECK(starts_with(decode_error({0, 'a', 's', 'm', 2, 0, 0, 0}), "unknown binary version"));
    CHECK(starts_with(decode_error({0, 'a', 's', 'm', 0x0D, 0, 1, 0}), "unknown binary version: this is a component"));
    CHECK(decode_error(ModuleBuilder::header()).empty());
}

TEST_CASE("sections out of order, repeated, unknown, of the wrong size") {
    Buffer twice = with_section(SectionId::Type, Code().u32(0));
    ModuleBuilder::append_section(twice, SectionId::Type, Code().u32(0).bytes());
    CHECK(starts_with(decode_error(twice), "unexpected content after last section"));
    Buffer order = with_section(SectionId::Global, Code().u32(0));
    ModuleBuilder::append_section(order, SectionId::Tag, Code().u32(0).bytes());
    CHECK(starts_with(decode_error(order), "unexpected content after last section"));
    Buffer tag_first = with_section(SectionId::Tag, Code().u32(0));
    ModuleBuilder::append_section(tag_first, SectionId::Global, Code().u32(0).bytes());
    CHECK(decode_error(tag_first).empty());
    CHECK(starts_with(decode_error(with_section(SectionId{14}, Code().u32(0))), "malformed section id"));
    CHECK(starts_with(decode_error(with_section(SectionId::Type, Code().u32(0).u8(0))), "section size mismatch"));
    CHECK(starts_with(decode_error(with_section(SectionId::Type, Code())), "unexpected end"));
    CHECK(starts_with(decode_error(with_section(SectionId::Custom, Code())), "unexpected end"));
}

TEST_CASE("section sizes that do not fit into the module") {
    for (const uint32_t size : {1U, 2U, 100U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
        Buffer bytes = ModuleBuilder::header();
        const Code section = Code().u8(1).u32(size);
        bytes.insert(bytes.end(), section.bytes().begin(), section.bytes().end());
        const std::string error = decode_error(bytes);
        CHECK((starts_with(error, "unexpected end") || starts_with(error, "length out of bounds")));
    }
}

namespace {

struct Malformed {
    SectionId section;
    Code content;
    const char* error;
};

}  // namespace

TEST_CASE("malformed entries") {
    const Malformed cases[] = {
        {SectionId::Type, Code().u32(1).u8(0x61).u32(0).u32(0), "malformed definition type"},
        {SectionId::Type, Code().u32(1).u8(0xE0).u8(0x7F).u32(0).u32(0), "integer representation too long"},
        {SectionId::Type, Code().u32(1).u8(0x5F).u32(0), "unsupported feature: garbage collection"},
        {SectionId::Type, Code().u32(1).u8(0x60).u32(1).u8(0x7B).u32(0), "unsupported feature: SIMD"},
        {SectionId::Type, Code().u32(1).u8(0x60).u32(1).u8(0x40).u32(0), "malformed value type"},
        {SectionId::Import, Code().u32(1).name("a").name("b").u8(5).u32(0), "malformed import kind"},
        {SectionId::Import, Code().u32(1).name("\xFF").name("b").u8(0).u32(0), "malformed UTF-8 encoding"},
        {SectionId::Import, Code().u32(1).name("a").name("b").u8(3).u8(0x7F).u8(2), "malformed mutability"},
        {SectionId::Table, Code().u32(1).u8(0x7F).u8(0).u32(0), "malformed reference type"},
        {SectionId::Table, Code().u32(1).u8(0x70).u8(2).u32(0), "malformed limits flags"},
        {SectionId::Table, Code().u32(1).u8(0x70).u8(4).u32(0), "unsupported feature: memory64"},
        {SectionId::Table, Code().u32(1).u8(0x64).u8(0x70).u8(0).u32(0),
         "unsupported feature: typed function references"},
        {SectionId::Table, Code().u32(1).u8(0x63).u8(0x05).u8(0).u32(0),
         "unsupported feature: typed function references"},
        {SectionId::Table, Code().u32(1).u8(0x63).u8(0x6B).u8(0).u32(0), "unsupported feature: garbage collection"},
        {SectionId::Memory, Code().u32(1).u8(16).u32(0), "malformed limits flags"},
        {SectionId::Memory, Code().u32(1).u8(4).u32(0), "unsupported feature: memory64"},
        {SectionId::Memory, Code().u32(1).u8(8).u32(0).u32(0), "malformed limits flags: unsupported feature: custom"},
        {SectionId::Tag, Code().u32(1).u8(1).u32(0), "malformed tag attribute"},
        {SectionId::Global, Code().u32(1).u8(0x7F).u8(2).i32_const(0).end(), "malformed mutability"},
        {SectionId::Global, Code().u32(1).u8(0x7F).u8(0).i32_const(0), "unexpected end of section or function"},
        {SectionId::Global, Code().u32(1).u8(0x7F).u8(0).u8(0xFF).end(), "illegal opcode ff"},
        {SectionId::Export, Code().u32(1).name("a").u8(5).u32(0), "malformed export kind"},
        {SectionId::Element, Code().u32(1).u32(8).u32(0), "malformed elements segment kind"},
        {SectionId::Element, Code().u32(1).u32(1).u8(1).u32(0), "malformed element kind"},
        {SectionId::Element, Code().u32(1).u32(5).u8(0x7F).u32(0), "malformed reference type"},
        {SectionId::Data, Code().u32(1).u32(3).u32(0), "malformed data segment kind"},
        {SectionId::Code, Code().u32(1).u32(2).u8(0).end(), "function and code section have inconsistent lengths"},
        {SectionId::DataCount, Code().u32(1), "data count and data section have inconsistent lengths"},
    };
    for (const Malformed& c : cases) {
        const std::string error = decode_error(with_section(c.section, c.content));
        INFO("expected '" << c.error << "', got '" << error << "'");
        CHECK(starts_with(error, c.error));
    }
}

TEST_CASE("the long form of reference types is accepted where it means the short one") {
    for (const uint8_t heap : {uint8_t{0x70}, uint8_t{0x6F}, uint8_t{0x69}}) {
        const Buffer bytes = with_section(SectionId::Table, Code().u32(1).u8(0x63).u8(heap).u8(0).u32(0));
        const auto m = decode_module(bytes, {}, nullptr);
        REQUIRE(m);
        CHECK(m.value()->tables[0].type.element == ValType::ref(static_cast<HeapType>(heap), true));
    }
}

TEST_CASE("features that are switched off") {
    ModuleOptions options;
    options.features.set(Feature::Threads, false);
    options.features.set(Feature::Exceptions, false);
    CHECK(starts_with(decode_error(with_section(SectionId::Memory, Code().u32(1).u8(3).u32(0).u32(1)), options),
                      "malformed limits flags"));
    CHECK(starts_with(decode_error(with_section(SectionId::Table, Code().u32(1).u8(0x69).u8(0).u32(0)), options),
                      "malformed reference type"));
}

TEST_CASE("a module comes out as it was written") {
    ModuleBuilder b;
    b.import_func("env", "f", {kI32}, {});
    b.import_global("env", "g", kI64, true);
    b.memory(1, 2);
    b.table(kFuncRef, 3);
    b.global(kF64, false, Code().f64_const(1.5));
    const uint32_t tag = b.tag({kI32});
    const uint32_t f = b.func({kI32, kI32}, {kI32}, Code().local_get(0).end(), {{3, kF32}, {2, kI64}});
    b.export_func("main", f);
    b.export_item("e", ExternKind::Tag, tag);
    b.elem(1, {f, 0});
    b.data(16, "hello");
    b.passive_data("xyz");
    b.custom("note", Code().u8(7));
    const Buffer bytes = b.build();
    const auto result = decode_module(bytes, {}, nullptr);
    REQUIRE(result);
    const ModuleData& m = *result.value();
    CHECK(m.imports.size() == 2);
    CHECK(m.imports[0].name == "f");
    CHECK(m.functions.size() == 2);
    CHECK(m.functions[0].is_import);
    CHECK(m.imported_globals == 1);
    CHECK(m.globals[1].type.type == kF64);
    CHECK(m.memories[0].type.limits.max == 2);
    CHECK(m.func_type(f).params == TypeList{kI32, kI32});
    CHECK(m.exports[0].name == "main");
    CHECK(m.exports[0].index == f);
    CHECK(m.elements[0].functions == std::vector<uint32_t>{f, 0});
    CHECK(m.datas[0].bytes.size() == 5);
    CHECK(m.datas[1].mode == SegmentMode::Passive);
    CHECK(m.data_count == 2);
    REQUIRE(m.customs.size() == 1);
    CHECK(m.customs[0].name == "note");
    CHECK(m.customs[0].content[0] == 7);
    std::vector<LocalGroup> locals;
    const auto it = CodeIterator::for_body(m, m.body(f), locals);
    REQUIRE(it);
    REQUIRE(locals.size() == 2);
    CHECK(locals[0].count == 3);
    CHECK(locals[1].type == kI64);
    CHECK(bytes[m.body(f).offset] == 2);  // number of local groups
}

TEST_CASE("every row of the opcode table is decoded, and not when cut short") {
    const ModuleData empty;
    for (size_t i = 0; i < kOpCount; ++i) {
        const Op op = static_cast<Op>(i);
        INFO(info(op).text);
        const Code code = Code().op_with_immediate(op);
        CodeIterator it(empty, code.bytes(), 1000);
        Instr instr;
        const Result<void> read = it.next(instr);
        REQUIRE(read);
        CHECK(instr.op == op);
        CHECK(instr.offset == 1000);
        CHECK(it.at_end());
        CHECK(it.offset() == 1000 + code.size());
        for (size_t n = 0; n < code.size(); ++n) {
            CodeIterator cut(empty, Bytes(code.bytes()).first(n), 1000);
            const Result<void> failed = cut.next(instr);
            REQUIRE_FALSE(failed);
            CHECK(starts_with(failed.error().message, "unexpected end"));
            CHECK(failed.error().offset == 1000 + n);
        }
    }
}

TEST_CASE("opcodes that are in no row") {
    const ModuleData empty;
    size_t unknown = 0;
    const auto check = [&](const Code& code, bool known) {
        if (known) return;
        ++unknown;
        CodeIterator it(empty, code.bytes(), 0);
        Instr instr;
        const Result<void> read = it.next(instr);
        REQUIRE_FALSE(read);
        const std::string& message = read.error().message;
        CHECK((starts_with(message, "illegal opcode") || starts_with(message, "unsupported feature: ")));
    };
    for (unsigned code = 0; code < 256; ++code) {
        const auto byte = static_cast<uint8_t>(code);
        if (code < 0xFB || code == 0xFF) check(Code().u8(byte), kDecodePlain[code] >= 0);
        check(Code().u8(0xFC).u32(code), kDecodeFC[code] >= 0);
        check(Code().u8(0xFE).u32(code), kDecodeFE[code] >= 0);
        check(Code().u8(0xFB).u32(code), false);
        check(Code().u8(0xFD).u32(code), false);
    }
    check(Code().u8(0xFC).u32(256), false);
    check(Code().u8(0xFC).u32(0xFFFFFFFF), false);
    CHECK(unknown > 256);
    Instr instr;
    const Code simd = Code().u8(0xFD).u32(0x0C);
    CHECK(CodeIterator(empty, simd.bytes(), 0).next(instr).error().message ==
          "unsupported feature: SIMD (opcode 0xfd 0x0c)");
}

TEST_CASE("immediates") {
    const ModuleData empty;
    Instr instr;
    const auto read = [&](const Code& code) {
        CodeIterator it(empty, code.bytes(), 0);
        REQUIRE(it.next(instr));
        REQUIRE(it.at_end());
    };
    read(Code().op("call_indirect").u32(7).padded_u32(3, 5));
    CHECK(instr.index == 7);
    CHECK(instr.index2 == 3);
    read(Code().op("br_table").u32(2).u32(4).u32(5).u32(6));
    CHECK(instr.labels == std::vector<uint32_t>{4, 5, 6});
    read(Code().op("i32.load").u32(2).u64(0x1'0000'0000));
    CHECK(instr.memory_offset == 0x1'0000'0000);
    read(Code().op("i32.load").u32(0x42).u32(9).u32(5));
    CHECK(instr.memory == 9);
    CHECK(instr.align == 2);
    read(Code().i32_const(-5));
    CHECK(instr.bits == static_cast<uint64_t>(-5));
    read(Code().f32_const(1.0F));
    CHECK(instr.bits == 0x3F800000);
    read(Code().op("memory.init", {3, 1}));
    CHECK(instr.index == 3);
    CHECK(instr.index2 == 1);
    read(Code().op(Op::SelectTyped).u32(2).type(kI32).type(kExternRef));
    CHECK(instr.types == TypeList{kI32, kExternRef});
    read(Code().op("try_table").u8(0x40).u32(2).u8(1).u32(8).u32(9).u8(2).u32(3));
    REQUIRE(instr.catches.size() == 2);
    CHECK(instr.catches[0].tag == 8);
    CHECK(instr.catches[0].label == 9);
    CHECK(instr.catches[1].kind == CatchClause::Kind::CatchAll);
    CHECK(instr.catches[1].label == 3);
    read(Code().op("block").s64(5));
    CHECK(instr.block.kind == BlockType::Kind::TypeIndex);
    CHECK(instr.block.type_index == 5);
    read(Code().op("loop").type(kExnRef));
    CHECK(instr.block.value == kExnRef);
}

namespace {

Code name_subsection(uint8_t id, const Code& content) {
    return Code().u8(id).u32(static_cast<uint32_t>(content.size())).raw(content);
}

std::unique_ptr<ModuleData> with_names(const Buffer& bytes) {
    auto m = decode_module(bytes, {}, nullptr);
    REQUIRE(m);
    return std::move(m).value();
}

}  // namespace

TEST_CASE("names of functions") {
    ModuleBuilder b;
    b.import_func("env", "imported", {}, {});
    b.func({}, {}, Code().end());
    b.func({}, {}, Code().end());
    b.func({}, {}, Code().end());
    b.export_func("exported", 2);
    b.custom("name", name_subsection(0, Code().name("mod"))
                         .raw(name_subsection(
                             1, Code().u32(3).u32(1).name("named").u32(77).name("beyond").u32(3).name("\xFF"))));
    const Buffer bytes = b.build();
    const auto m = with_names(bytes);
    CHECK(m->names().module == "mod");
    CHECK(function_name(*m, 0) == "env.imported");
    CHECK(function_name(*m, 1) == "named");
    CHECK(function_name(*m, 2) == "exported");
    CHECK(function_name(*m, 3).empty());
    CHECK(m->names().functions.size() == 1);
    const Error error = in_function(Error{}, *m, 1);
    CHECK(error.func_name == "named");
    CHECK(error.section == "code");
}

TEST_CASE("a malformed name section costs names only") {
    const Code good = name_subsection(1, Code().u32(1).u32(0).name("kept"));
    const Code bad[] = {
        Code().u8(1),
        Code().u8(1).u32(0xFFFFFFFF),
        name_subsection(1, Code().u32(0xFFFFFFFF)),
        name_subsection(1, Code().u32(1).u32(0).u32(0xFFFFFFFF).u8('x')),
        Code().raw({0x80, 0x80, 0x80, 0x80, 0x80, 0x80}),
    };
    for (const Code& tail : bad) {
        ModuleBuilder b;
        b.func({}, {}, Code().end());
        b.custom("name", Code().raw(good).raw(tail));
        const Buffer bytes = b.build();
        CHECK(function_name(*with_names(bytes), 0) == "kept");
    }
}

TEST_CASE("names may be asked for from several threads") {
    ModuleBuilder b;
    Code map = Code().u32(1000);
    for (uint32_t i = 0; i < 1000; ++i) {
        b.func({}, {}, Code().end());
        map.u32(i).name("f" + std::to_string(i));
    }
    b.custom("name", name_subsection(1, map));
    const Buffer bytes = b.build();
    const auto m = with_names(bytes);
    std::vector<std::string> found(4);
    std::vector<std::thread> threads;
    for (std::string& name : found) threads.emplace_back([&] { name = function_name(*m, 999); });
    for (std::thread& thread : threads) thread.join();
    for (const std::string& name : found) CHECK(name == "f999");
}
