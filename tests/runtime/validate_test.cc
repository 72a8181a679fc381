// SPDX-License-Identifier: Apache-2.0
// Validation: every row of the opcode table with right and wrong operands, then the rules of their own.
#include "isa/op_facts.h"
#include "support/module_builder.h"

#include <wasm/module.h>

#include <catch2/catch.hpp>

using namespace wasm;
using namespace wasm::test;

namespace {

// A module with one of everything, so that index 0 means something to every instruction.
ModuleBuilder furnished() {
    ModuleBuilder b;
    b.memory(1, 2, true);
    b.table(kFuncRef, 1);
    b.global(kI32, true, Code().i32_const(0));
    b.tag({});
    b.func({}, {}, Code().end());
    b.elem(0, {0});
    b.passive_data("x");
    return b;
}

std::string load_error(const ModuleBuilder& b, ModuleOptions options = {}) {
    const Buffer bytes = b.build();
    const auto module = Module::load(bytes, std::move(options));
    if (module) return "";
    CHECK(module.error().offset.value() <= bytes.size());
    CHECK_FALSE(module.error().section.empty());
    return module.error().message;
}

std::string body_error(const Code& body,
                       const TypeList& results = {},
                       const TypeList& params = {},
                       const std::vector<LocalRun>& locals = {}) {
    ModuleBuilder b = furnished();
    b.func(params, results, body, locals);
    return load_error(b);
}

bool starts_with(const std::string& text, std::string_view start) { return text.rfind(start, 0) == 0; }

TypeList params_of(Op op) { return {facts(op).params, facts(op).params + facts(op).param_count}; }

Code with_operands(const TypeList& types, Op op) {
    Code code;
    for (const ValType type : types) code.zero(type);
    return code.op_with_immediate(op);
}

template <class F>
void for_each_fixed_op(F&& body) {
    for (size_t i = 0; i < kOpCount; ++i) {
        if (kOps[i].special) continue;
        INFO(kOps[i].text);
        body(static_cast<Op>(i));
    }
}

Code drop_results(Op op) { return facts(op).result_count != 0 ? Code().drop() : Code(); }

}  // namespace

TEST_CASE("every row with a fixed signature accepts it") {
    size_t rows = 0;
    for_each_fixed_op([&](Op op) {
        ++rows;
        CHECK(body_error(with_operands(params_of(op), op).raw(drop_results(op)).end()) == "");
        // The result has the type of the row: it may be returned as such.
        if (facts(op).result_count == 0) return;
        CHECK(body_error(with_operands(params_of(op), op).end(), {facts(op).result}) == "");
        const ValType other = facts(op).result == kI32 ? kF32 : kI32;
        CHECK(starts_with(body_error(with_operands(params_of(op), op).end(), {other}), "type mismatch"));
    });
    CHECK(rows > 200);
}

TEST_CASE("every row with a fixed signature refuses another operand in each place") {
    for_each_fixed_op([&](Op op) {
        const TypeList params = params_of(op);
        for (size_t i = 0; i < params.size(); ++i) {
            for (const ValType wrong : {kI32, kI64, kF32, kF64, kFuncRef}) {
                if (wrong == params[i]) continue;
                TypeList types = params;
                types[i] = wrong;
                CHECK(starts_with(body_error(with_operands(types, op).raw(drop_results(op)).end()), "type mismatch"));
            }
        }
    });
}

TEST_CASE("every row with a fixed signature refuses a missing operand") {
    for_each_fixed_op([&](Op op) {
        TypeList params = params_of(op);
        if (params.empty()) return;
        params.erase(params.begin());
        CHECK(starts_with(body_error(with_operands(params, op).raw(drop_results(op)).end()), "type mismatch"));
        // Operands of the enclosing block are not the inner block's.
        CHECK(starts_with(body_error(Code()
                                         .zero(params_of(op)[0])
                                         .block()
                                         .raw(with_operands(params, op))
                                         .raw(drop_results(op))
                                         .end()
                                         .drop()
                                         .end()),
                          "type mismatch"));
        // Unreachable code supplies what is missing, but not what is wrong.
        CHECK(body_error(Code().op("unreachable").raw(with_operands(params, op)).raw(drop_results(op)).end()) == "");
        const ValType wrong = params_of(op).back() == kI32 ? kI64 : kI32;
        CHECK(starts_with(
            body_error(Code().op("unreachable").zero(wrong).op_with_immediate(op).raw(drop_results(op)).end()),
            "type mismatch"));
    });
}

TEST_CASE("alignment") {
    for_each_fixed_op([&](Op op) {
        if (facts(op).imm != Imm::MemArg) return;
        Code operands;
        for (const ValType type : params_of(op)) operands.zero(type);
        const uint32_t natural = facts(op).align;
        const auto with_align = [&](uint32_t align) {
            return body_error(Code().raw(operands).op(op).u32(align).u32(0).raw(drop_results(op)).end());
        };
        CHECK(with_align(natural) == "");
        CHECK(starts_with(with_align(natural + 1), "alignment must not be larger than natural"));
        CHECK(starts_with(with_align(63), "alignment must not be larger than natural"));
        if (natural == 0) return;
        const bool atomic = facts(op).feature == OpFeature::Threads;
        CHECK(starts_with(with_align(natural - 1), atomic ? "alignment must be natural" : ""));
        CHECK(with_align(natural - 1).empty() == !atomic);
    });
    CHECK(starts_with(body_error(Code().i32_const(0).op("i32.load").u32(2).u64(0x1'0000'0000).drop().end()),
                      "offset out of range"));
    CHECK(body_error(Code().i32_const(0).op("i32.load").u32(2).u64(0xFFFF'FFFF).drop().end()) == "");
}

TEST_CASE("immediates that name nothing") {
    struct Case {
        Code code;
        const char* error;
    };
    const Case cases[] = {
        {Code().local_get(0), "unknown local 0"},
        {Code().global_get(1), "unknown global 1"},
        {Code().call(2), "unknown function 2"},
        {Code().br(1), "unknown label 1"},
        {Code().br(0xFFFFFFFF), "unknown label"},
        {Code().i32_const(0).op("br_table").u32(1).u32(1).u32(0), "unknown label 1"},
        {Code().op("ref.func", {2}), "unknown function 2"},
        {Code().i32_const(0).op("call_indirect", {9, 0}), "unknown type 9"},
        {Code().i32_const(0).op("call_indirect", {0, 1}), "unknown table 1"},
        {Code().block("block", 9), "unknown type 9"},
        {Code().i32_const(0).op("table.get", {1}), "unknown table 1"},
        {Code().op("table.size", {1}), "unknown table 1"},
        {Code().op("elem.drop", {1}), "unknown elem segment 1"},
        {Code().op("data.drop", {1}), "unknown data segment 1"},
        {Code().op("memory.size", {1}), "unknown memory 1"},
        {Code().i32_const(0).op("i32.load", {0x40, 1, 0}), "unknown memory 1"},
        {Code().i32_const(0).i32_const(0).i32_const(0).op("memory.copy", {0, 1}), "unknown memory 1"},
        {Code().i32_const(0).i32_const(0).i32_const(0).op("memory.init", {0, 1}), "unknown memory 1"},
        {Code().i32_const(0).i32_const(0).i32_const(0).op("table.init", {1, 0}), "unknown elem segment 1"},
        {Code().i32_const(0).i32_const(0).i32_const(0).op("table.copy", {0, 1}), "unknown table 1"},
        {Code().op("throw", {1}), "unknown tag 1"},
        {Code().op("rethrow", {0}), "invalid rethrow label"},
        {Code().op("try_table").u8(0x40).u32(1).u8(0).u32(1).u32(0), "unknown tag 1"},
        {Code().op("try_table").u8(0x40).u32(1).u8(2).u32(1), "unknown label 1"},
    };
    for (const Case& c : cases) {
        const std::string error = body_error(Code().raw(c.code).end());
        INFO("expected '" << c.error << "', got '" << error << "'");
        CHECK(starts_with(error, c.error));
    }
}

namespace {

struct Rule {
    const char* what;
    Code body;  // without the last `end`
    const char* error;
    TypeList results;
};

void check_rules(const std::vector<Rule>& rules) {
    for (const Rule& rule : rules) {
        const std::string error = body_error(Code().raw(rule.body).end(), rule.results);
        INFO(rule.what << ": expected '" << rule.error << "', got '" << error << "'");
        CHECK(starts_with(error, rule.error));
        CHECK(error.empty() == (rule.error[0] == 0));
    }
}

}  // namespace

TEST_CASE("blocks and branches") {
    check_rules({
        {"empty function", Code(), "", {}},
        {"result missing", Code(), "type mismatch: instruction requires [i32] but stack has []", {kI32}},
        {"operand left over", Code().i32_const(0), "type mismatch: block requires [] but stack has [i32]", {}},
        {"result of a block", Code().block("block", kI32).i32_const(1).end(), "", {kI32}},
        {"br takes the result", Code().block("block", kI32).i32_const(1).br(0).end(), "", {kI32}},
        {"br without it", Code().block("block", kI32).br(0).end(), "type mismatch", {kI32}},
        {"br to a loop takes nothing", Code().block("loop", kI32).br(0).end(), "", {kI32}},
        {"br drops more", Code().block("block", kI32).i32_const(1).i32_const(2).br(0).end(), "", {kI32}},
        {"br_if keeps it", Code().block("block", kI32).i32_const(1).i32_const(1).br_if(0).end(), "", {kI32}},
        {"br_if wants a condition", Code().block("block", kI32).i32_const(1).br_if(0).end(), "type mismatch", {kI32}},
        {"if wants a condition", Code().block("if").end(), "type mismatch", {}},
        {"if with else", Code().i32_const(1).block("if", kI32).i32_const(1).op("else").i32_const(2).end(), "", {kI32}},
        {"if without else but with a result",
         Code().i32_const(1).block("if", kI32).i32_const(1).end(),
         "type mismatch",
         {kI32}},
        {"that, unreachable", Code().i32_const(1).block("if", kI32).op("unreachable").end(), "type mismatch", {kI32}},
        {"else twice", Code().i32_const(1).block("if").op("else").op("else").end(), "END opcode expected", {}},
        {"else alone", Code().op("else"), "END opcode expected", {}},
        {"return", Code().i32_const(1).op("return"), "", {kI32}},
        {"return without", Code().op("return"), "type mismatch", {kI32}},
        {"one end too many", Code().end(), "section size mismatch", {}},
        // The data section (id 11, as `end`) follows.
        {"one end too few", Code().block(), "section size mismatch: the function ends before", {}},
    });
}

TEST_CASE("br_table") {
    check_rules({
        {"br_table", Code().block().block().i32_const(0).op("br_table", {2, 0, 1, 0}).end().end(), "", {}},
        {"br_table, other arity",
         Code()
             .block("block", kI32)
             .block()
             .i32_const(0)
             .i32_const(0)
             .op("br_table", {1, 0, 1})
             .end()
             .i32_const(0)
             .end(),
         "type mismatch",
         {kI32}},
        {"br_table, other type",
         Code()
             .block("block", kI32)
             .block("block", kF32)
             .i32_const(0)
             .i32_const(0)
             .op("br_table", {1, 0, 1})
             .end()
             .op("i32.trunc_f32_s")
             .end(),
         "type mismatch",
         {kI32}},
        {"br_table, other type, unreachable",
         Code()
             .block("block", kI32)
             .block("block", kF32)
             .op("unreachable")
             .op("br_table", {1, 0, 1})
             .end()
             .op("i32.trunc_f32_s")
             .end(),
         "",
         {kI32}},
    });
}

TEST_CASE("parametric, variables, references, tables") {
    check_rules({
        {"drop of nothing", Code().drop(), "type mismatch", {}},
        {"drop", Code().f64_const(0).drop(), "", {}},
        {"select", Code().i64_const(1).i64_const(2).i32_const(0).op("select"), "", {kI64}},
        {"select of two types", Code().i64_const(1).i32_const(2).i32_const(0).op("select").drop(), "type mismatch", {}},
        {"select of references",
         Code().zero(kFuncRef).zero(kFuncRef).i32_const(0).op("select").drop(),
         "type mismatch",
         {}},
        {"typed select",
         Code().zero(kFuncRef).zero(kFuncRef).i32_const(0).op(Op::SelectTyped).u32(1).type(kFuncRef),
         "",
         {kFuncRef}},
        {"typed select of two", Code().op(Op::SelectTyped).u32(2).type(kI32).type(kI32), "invalid result arity", {}},
        {"typed select of none", Code().op(Op::SelectTyped).u32(0), "invalid result arity", {}},
        {"global.set", Code().i32_const(0).global_set(0), "", {}},
        {"global.set of another type", Code().i64_const(0).global_set(0), "type mismatch", {}},
        {"ref.is_null", Code().zero(kExternRef).op("ref.is_null"), "", {kI32}},
        {"ref.is_null of a number", Code().i32_const(0).op("ref.is_null").drop(), "type mismatch", {}},
        {"ref.func", Code().op("ref.func", {0}), "", {kFuncRef}},
        {"ref.func of an undeclared function", Code().op("ref.func", {1}).drop(), "undeclared function reference", {}},
        {"table.get", Code().i32_const(0).op("table.get", {0}), "", {kFuncRef}},
        {"table.set", Code().i32_const(0).zero(kFuncRef).op("table.set", {0}), "", {}},
        {"table.set of externref", Code().i32_const(0).zero(kExternRef).op("table.set", {0}), "type mismatch", {}},
        {"table.grow", Code().zero(kFuncRef).i32_const(0).op("table.grow", {0}), "", {kI32}},
        {"table.fill", Code().i32_const(0).zero(kFuncRef).i32_const(0).op("table.fill", {0}), "", {}},
        {"call_indirect", Code().i32_const(0).op("call_indirect", {0, 0}), "", {}},
        {"call_indirect without index", Code().op("call_indirect", {0, 0}), "type mismatch", {}},
        {"return_call", Code().op("return_call", {0}), "", {}},
        {"return_call with other results", Code().op("return_call", {0}), "type mismatch", {kI32}},
        {"return_call_indirect", Code().i32_const(0).op("return_call_indirect", {0, 0}), "", {}},
    });
}

TEST_CASE("exceptions") {
    const auto try_table = [](std::initializer_list<uint8_t> clauses) {
        return Code().op("try_table").u8(0x40).raw(clauses).end();
    };
    check_rules({
        {"throw", Code().op("throw", {0}), "", {kI32}},
        {"throw_ref", Code().zero(kExnRef).op("throw_ref"), "", {kI32}},
        {"throw_ref of funcref", Code().zero(kFuncRef).op("throw_ref"), "type mismatch", {}},
        {"try_table, catch to the function", try_table({1, 0, 0, 0}), "", {}},
        {"its label is not its own",
         Code().block("block", kExnRef).raw(try_table({1, 1, 0, 0})).op("unreachable").end().drop(),
         "",
         {}},
        {"catch_ref needs exnref", try_table({1, 1, 0, 0}), "type mismatch", {}},
        {"catch_all_ref",
         Code().block("block", kExnRef).raw(try_table({1, 3, 0})).op("unreachable").end(),
         "",
         {kExnRef}},
        {"catch_all to a label with a result",
         Code().block("block", kI32).raw(try_table({1, 2, 0})).i32_const(0).end(),
         "type mismatch",
         {kI32}},
        {"try, catch, catch_all",
         Code().block("try").op("catch", {0}).op("rethrow", {0}).op("catch_all").op("rethrow", {0}).end(),
         "",
         {}},
        {"catch after catch_all",
         Code().block("try").op("catch_all").op("catch", {0}).end(),
         "END opcode expected",
         {}},
        {"two catch_all", Code().block("try").op("catch_all").op("catch_all").end(), "END opcode expected", {}},
        {"catch in a block", Code().block().op("catch", {0}).end(), "END opcode expected", {}},
        {"rethrow inside try",
         Code().block("try").op("rethrow", {0}).op("catch_all").end(),
         "invalid rethrow label",
         {}},
        {"rethrow from a block in catch",
         Code().block("try").op("catch_all").block().op("rethrow", {1}).end().end(),
         "",
         {}},
        {"delegate", Code().block("try").op("delegate", {0}), "", {}},
        {"delegate out of the function", Code().block("try").op("delegate", {1}), "unknown label", {}},
        {"delegate after catch", Code().block("try").op("catch_all").op("delegate", {0}), "END opcode expected", {}},
        {"delegate gives the result", Code().block("try", kI32).i32_const(0).op("delegate", {0}), "", {kI32}},
    });
}

TEST_CASE("block types with parameters") {
    ModuleBuilder b;
    const uint32_t type = b.type({kI32, kI64}, {kI64, kI32});
    b.func({}, {kI64, kI32},
           Code().i32_const(1).i64_const(2).block("block", type).drop().drop().i64_const(3).i32_const(4).end().end());
    b.func({}, {kI64, kI32}, Code().i32_const(1).i64_const(2).block("loop", type).br(0).end().end());
    CHECK(load_error(b) == "");
    ModuleBuilder wrong;
    const uint32_t same = wrong.type({kI32, kI64}, {kI64, kI32});
    wrong.func({}, {}, Code().i64_const(2).block("loop", same).br(0).end().drop().drop().end());
    CHECK(load_error(wrong) == "type mismatch: instruction requires [i32 i64] but stack has [i64] for loop");
}

TEST_CASE("module rules") {
    struct Case {
        const char* error;
        void (*build)(ModuleBuilder&);
    };
    const Case cases[] = {
        {"", [](ModuleBuilder& b) { b.memory(65536, 65536); }},
        {"memory size must be at most 65536 pages (4GiB)", [](ModuleBuilder& b) { b.memory(65537); }},
        {"memory size must be at most 65536 pages (4GiB)", [](ModuleBuilder& b) { b.memory(0, 65537); }},
        {"size minimum must not be greater than maximum", [](ModuleBuilder& b) { b.memory(2, 1); }},
        {"size minimum must not be greater than maximum", [](ModuleBuilder& b) { b.table(kFuncRef, 2, 1); }},
        {"multiple memories", [](ModuleBuilder& b) { b.memory(1), b.memory(1); }},
        {"shared memory must have maximum", [](ModuleBuilder& b) { b.memory(1, {}, true); }},
        {"", [](ModuleBuilder& b) { b.table(kFuncRef, 0xFFFFFFFF); }},
        {"unknown type 0", [](ModuleBuilder& b) { b.entry(SectionId::Import, Code().name("").name("").u8(0).u32(0)); }},
        {"unknown type 7", [](ModuleBuilder& b) { b.entry(SectionId::Tag, Code().u8(0).u32(7)); }},
        {"non-empty tag result type",
         [](ModuleBuilder& b) { b.entry(SectionId::Tag, Code().u8(0).u32(b.type({}, {kI32}))); }},
        {"duplicate export name 'a'",
         [](ModuleBuilder& b) {
             b.memory(1);
             b.export_item("a", ExternKind::Memory, 0);
             b.export_item("b", ExternKind::Memory, 0);
             b.export_item("a", ExternKind::Memory, 0);
         }},
        {"unknown function 0", [](ModuleBuilder& b) { b.export_func("a", 0); }},
        {"unknown table 0", [](ModuleBuilder& b) { b.export_item("a", ExternKind::Table, 0); }},
        {"unknown memory 0", [](ModuleBuilder& b) { b.export_item("a", ExternKind::Memory, 0); }},
        {"unknown global 0", [](ModuleBuilder& b) { b.export_item("a", ExternKind::Global, 0); }},
        {"unknown tag 0", [](ModuleBuilder& b) { b.export_item("a", ExternKind::Tag, 0); }},
        {"unknown function 5", [](ModuleBuilder& b) { b.start(5); }},
        {"start function", [](ModuleBuilder& b) { b.start(b.func({kI32}, {}, Code().end())); }},
        {"unknown table 0", [](ModuleBuilder& b) { b.elem(0, {}); }},
        {"unknown function 3", [](ModuleBuilder& b) { b.passive_elem({3}); }},
        {"type mismatch", [](ModuleBuilder& b) { b.table(kExternRef, 1), b.elem(0, {}); }},
        {"unknown memory 0", [](ModuleBuilder& b) { b.data(0, ""); }},
        {"", [](ModuleBuilder& b) { b.passive_data(""); }},
    };
    for (const Case& c : cases) {
        ModuleBuilder b;
        c.build(b);
        const std::string error = load_error(b);
        INFO("expected '" << c.error << "', got '" << error << "'");
        CHECK(starts_with(error, c.error));
        CHECK(error.empty() == (c.error[0] == 0));
    }
}

TEST_CASE("constant expressions") {
    struct Case {
        const char* error;
        Code init;  // of an i32 global behind an immutable i32 import and a mutable one
    };
    const Case cases[] = {
        {"", Code().i32_const(1)},
        {"", Code().global_get(0)},
        {"", Code().i32_const(1).i32_const(2).op("i32.mul").global_get(0).op("i32.add").i32_const(3).op("i32.sub")},
        {"constant expression required", Code().global_get(1)},
        {"unknown global 2", Code().global_get(2)},
        {"unknown global 9", Code().global_get(9)},
        {"type mismatch", Code().i64_const(1)},
        {"type mismatch", Code()},
        {"type mismatch", Code().i32_const(1).i32_const(2)},
        {"type mismatch", Code().op("ref.func", {0})},
        {"unknown function 9", Code().op("ref.func", {9})},
        {"constant expression required", Code().i32_const(1).op("i32.ctz")},
        {"constant expression required", Code().op("nop").i32_const(1)},
        {"constant expression required", Code().op("unreachable")},
        {"constant expression required", Code().block("block", kI32).i32_const(1).end()},
        {"constant expression required", Code().call(0)},
    };
    for (const Case& c : cases) {
        ModuleBuilder b;
        b.import_global("", "", kI32, false);
        b.import_global("", "", kI32, true);
        b.func({}, {}, Code().end());
        b.global(kI32, false, c.init);
        const std::string error = load_error(b);
        INFO("expected '" << c.error << "', got '" << error << "'");
        CHECK(starts_with(error, c.error));
        CHECK(error.empty() == (c.error[0] == 0));
    }
    ModuleOptions options;
    options.features.set(Feature::ExtendedConst, false);
    ModuleBuilder b;
    b.global(kI32, false, Code().i32_const(1).i32_const(2).op("i32.add"));
    CHECK(load_error(b) == "");
    CHECK(starts_with(load_error(b, options), "constant expression required"));
}

TEST_CASE("what declares a function") {
    const Code use = Code().op("ref.func", {0}).drop().end();
    const auto error_with = [&](void (*declare)(ModuleBuilder&)) {
        ModuleBuilder b;
        b.func({}, {}, use);
        declare(b);
        return load_error(b);
    };
    CHECK(starts_with(error_with([](ModuleBuilder&) {}), "undeclared function reference"));
    CHECK(starts_with(error_with([](ModuleBuilder& b) { b.start(0); }), "undeclared function reference"));
    CHECK(error_with([](ModuleBuilder& b) { b.declare({0}); }) == "");
    CHECK(error_with([](ModuleBuilder& b) { b.passive_elem({0}); }) == "");
    CHECK(error_with([](ModuleBuilder& b) { b.export_func("f", 0); }) == "");
    CHECK(error_with([](ModuleBuilder& b) { b.global(kFuncRef, false, Code().op("ref.func", {0})); }) == "");
}

TEST_CASE("an instruction of a feature that is switched off") {
    ModuleOptions options;
    options.features.set(Feature::Threads, false);
    options.features.set(Feature::TailCall, false);
    options.features.set(Feature::LegacyExceptions, false);
    for (const Code& body : {Code().op("atomic.fence").u8(0).end(), Code().op("return_call", {0}).end(),
                             Code().block("try").op("catch_all").end().end()}) {
        ModuleBuilder b;
        b.func({}, {}, body);
        CHECK(load_error(b) == "");
        CHECK(starts_with(load_error(b, options), "illegal opcode"));
    }
}

TEST_CASE("an error in a body names the function, and one line says all") {
    ModuleBuilder b;
    b.func({}, {}, Code().end());
    b.export_func("bad\nname", b.func({}, {kI32}, Code().f64_const(1).end()));
    const Buffer bytes = b.build();
    const auto module = Module::load(bytes);
    REQUIRE_FALSE(module);
    const Error& error = module.error();
    CHECK(error.kind == ErrorKind::Invalid);
    CHECK(error.func_index == 1);
    CHECK(bytes[error.offset.value()] == 0x0B);
    CHECK(error.describe() == "type mismatch: instruction requires [i32] but stack has [f64] for end (offset 0x" + [&] {
        char text[16];
        std::snprintf(text, sizeof text, "%x", static_cast<unsigned>(*error.offset));
        return std::string(text);
    }() + ", code section, function 1 'bad\\x0aname')");
    ModuleOptions lazy;
    lazy.validate_bodies = false;
    CHECK(Module::load(bytes, lazy));
}
