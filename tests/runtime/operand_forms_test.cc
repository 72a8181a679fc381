// SPDX-License-Identifier: Apache-2.0
// An operation gives the same result wherever its operands come from and its result goes to: constants, globals, locals
// in slots or in machine registers. What the result must be is said by the form that the official suite tests: two
// locals, returned at once.
#include "engine.h"
#include "isa/op_facts.h"

#include <cmath>

using namespace wasm;
using namespace wasm::test;

namespace {

enum class Source { Local, Constant, Global };
constexpr Source kSources[] = {Source::Local, Source::Constant, Source::Global};
constexpr uint32_t kResult = 2;  // local; 0 and 1 are the parameters, globals 0 and 1 their copies

struct Form {
    Source a = Source::Local, b = Source::Local;
    bool hot = false;    // in a loop, so that locals are pinned to machine registers
    bool local = false;  // the result goes to a local first
};
std::vector<Form> all_forms() {
    std::vector<Form> forms;
    for (const Source a : kSources) {
        for (const Source b : kSources) {
            for (const unsigned bits : {0U, 1U, 2U, 3U}) forms.push_back({a, b, (bits & 1) != 0, (bits & 2) != 0});
        }
    }
    return forms;
}

Value value_of(ValType type, int n) {
    static constexpr int64_t kInts[] = {0, 1, -1, 7, 31, 1000, INT32_MIN, 0x1'2345'6789};
    static const double kFloats[] = {0, -0.0, 1, -3.5, 1e30, HUGE_VAL, 0.1, 12345};
    if (type == kI32) return Value::i32(static_cast<int32_t>(kInts[n]));
    if (type == kI64) return Value::i64(kInts[n]);
    return type == kF32 ? Value::f32(static_cast<float>(kFloats[n])) : Value::f64(kFloats[n]);
}
void constant(Code& code, const Value& v) {
    if (v.type == kI32)
        code.i32_const(v.as_i32());
    else if (v.type == kI64)
        code.i64_const(v.as_i64());
    else if (v.type == kF32)
        code.f32_const(v.as_f32());
    else
        code.f64_const(v.as_f64());
}
void source(Code& code, Source s, uint32_t index, const Value& value) {
    if (s == Source::Local) code.local_get(index);
    if (s == Source::Constant) constant(code, value);
    if (s == Source::Global) code.global_get(index);
}

// f(a, b): result, where `expression` leaves it on the stack.
Code function(const Form& form, ValType result, const Code& expression) {
    Code code;
    for (const uint32_t i : {0U, 1U}) code.local_get(i).global_set(i);
    if (form.hot) {
        code.block("loop", result);
        for (const uint32_t i : {0U, 1U, kResult, 0U, 1U, kResult}) code.local_get(i).drop();
    }
    code.raw(expression);
    if (form.local) code.local_set(kResult).local_get(kResult);
    if (form.hot) code.end();
    return code.end();
}

bool same(const Value& a, const Value& b) {
    const auto is_nan = [](const Value& v) {
        return (v.type == kF32 && std::isnan(v.as_f32())) || (v.type == kF64 && std::isnan(v.as_f64()));
    };
    return (is_nan(a) && is_nan(b)) || (a.bits == b.bits && a.type == b.type);
}

// All forms of an expression of two values of a type, for some values.
template <class Expression>
void check_forms(ValType type, ValType result, Expression expression) {
    static constexpr int kPairs[][2] = {{3, 1}, {1, 3}, {4, 7}, {7, 2}, {6, 5}, {2, 6}, {0, 5}};
    const std::vector<Form> forms = all_forms();
    ModuleBuilder m;
    for (int i = 0; i < 2; ++i) m.global(type, true, Code().zero(type));
    std::vector<std::string> names;
    for (const auto& pair : kPairs) {
        const Value a = value_of(type, pair[0]), b = value_of(type, pair[1]);
        for (const Form& form : forms) {
            const uint32_t f =
                m.func({type, type}, {result}, function(form, result, expression(form, a, b)), {{1, result}});
            names.push_back("f" + std::to_string(names.size()));
            m.export_func(names.back(), f);
        }
    }
    Engine engine;
    const Instance instance = engine.add(m);
    size_t next = 0;
    for (const auto& pair : kPairs) {
        const std::vector<Value> args{value_of(type, pair[0]), value_of(type, pair[1])};
        std::optional<Value> expected;
        std::string ended;
        for (size_t i = 0; i < forms.size(); ++i) {
            const Stop stop = engine.call(instance, names[next++], args);
            const std::string how = stop.finished() ? "finished" : std::string(to_string(stop.trap.kind));
            if (i == 0) {
                ended = how;
                if (stop.finished()) expected = engine.results[0];
            }
            INFO("values " << pair[0] << ", " << pair[1] << ", form " << i);
            REQUIRE(how == ended);
            if (expected) REQUIRE(same(engine.results[0], *expected));
        }
    }
}

}  // namespace

TEST_CASE("operations of two operands") {
    for (size_t i = 0; i < kOpCount; ++i) {
        const Op op = static_cast<Op>(i);
        const Family family = info(op).family;
        if (family != Family::IntBinary && family != Family::IntCompare && family != Family::FloatBinary &&
            family != Family::FloatCompare)
            continue;
        INFO(info(op).text);
        check_forms(facts(op).params[0], facts(op).result, [&](const Form& form, const Value& a, const Value& b) {
            Code code;
            source(code, form.a, 0, a);
            source(code, form.b, 1, b);
            return code.op(op);
        });
    }
}

TEST_CASE("select") {
    for (const ValType type : {kI32, kI64, kF32, kF64}) {
        for (const Source condition : kSources) {
            if (condition == Source::Global && type != kI32) continue;
            INFO("condition " << static_cast<int>(condition));
            check_forms(type, type, [&](const Form& form, const Value& a, const Value& b) {
                Code code;
                source(code, form.a, 0, a);
                source(code, form.b, 1, b);
                if (condition == Source::Constant || type != kI32)
                    constant(code, Value::i32(static_cast<int32_t>(a.bits & 1)));
                else
                    source(code, condition, 0, a);
                return code.op("select");
            });
        }
    }
}

TEST_CASE("a shift by a constant, combined") {
    for (const std::string type : {"i32", "i64"}) {
        for (const char* shift : {".shl", ".shr_u", ".rotl"}) {
            for (const char* combine : {".add", ".or", ".xor", ".sub", ".and"}) {
                for (const bool shift_first : {true, false}) {
                    INFO(type << shift << combine << shift_first);
                    const ValType t = type == "i32" ? kI32 : kI64;
                    check_forms(t, t, [&](const Form& form, const Value& a, const Value& b) {
                        Code code;
                        if (!shift_first) source(code, form.b, 1, b);
                        source(code, form.a, 0, a);
                        constant(code, value_of(t, 3));
                        code.op(type + shift);
                        if (shift_first) source(code, form.b, 1, b);
                        return code.op(type + combine);
                    });
                }
            }
        }
    }
}

TEST_CASE("a product, and a sum with it") {
    for (const std::string type : {"f32", "f64"}) {
        for (const char* combine : {".add", ".sub"}) {
            for (const unsigned bits : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U}) {
                const bool product_first = (bits & 1) != 0, square = (bits & 2) != 0, negated = (bits & 4) != 0;
                INFO(type << combine << bits);
                const ValType t = type == "f32" ? kF32 : kF64;
                check_forms(t, t, [&](const Form& form, const Value& a, const Value& b) {
                    Code code;
                    const auto product = [&] {
                        source(code, form.a, 0, a);
                        if (negated) code.op(type + ".neg");
                        source(code, square ? form.a : form.b, square ? 0 : 1, square ? a : b);
                        code.op(type + ".mul");
                    };
                    if (product_first) product();
                    source(code, form.b, 1, b);
                    if (!product_first) product();
                    return code.op(type + combine);
                });
            }
        }
    }
}

// The official suite has no difference with a product.
TEST_CASE("a product and a sum round one after the other") {
    const double xs[] = {0.1, 1.0 + 0x1p-52, -3.3, 1e16 + 2, 1e-300};
    for (const bool product_first : {true, false}) {
        for (const bool add : {true, false}) {
            const auto module = [&](ValType t, const std::string& type) {
                Code code;
                if (!product_first) code.local_get(2);
                code.local_get(0).local_get(1).op(type + ".mul");
                if (product_first) code.local_get(2);
                ModuleBuilder m;
                m.export_func("f", m.func({t, t, t}, {t}, code.op(type + (add ? ".add" : ".sub")).end()));
                return m;
            };
            const auto check = [&]<class T>(T, Engine& engine, const Instance& instance, auto value, auto result) {
                for (const double x : xs) {
                    for (const double y : xs) {
                        volatile const T product = static_cast<T>(x) * static_cast<T>(y);
                        const T z = -product + static_cast<T>(x) / 1000000, p = product;
                        const T sum = product_first ? (add ? p + z : p - z) : (add ? z + p : z - p);
                        REQUIRE(engine.call(instance, "f", {value(T(x)), value(T(y)), value(z)}).finished());
                        REQUIRE(result(engine.results[0]) == sum);
                    }
                }
            };
            Engine engine;
            check(float{}, engine, engine.add(module(kF32, "f32")), &Value::f32,
                  [](const Value& v) { return v.as_f32(); });
            check(double{}, engine, engine.add(module(kF64, "f64")), &Value::f64,
                  [](const Value& v) { return v.as_f64(); });
        }
    }
}

TEST_CASE("branches on the bits of a mask") {
    for (const std::string type : {"i32", "i64"}) {
        for (const char* compare : {"eqz", "eq", "ne", ""}) {
            if (type == "i64" && *compare == '\0') continue;
            INFO(type << " " << compare);
            const ValType t = type == "i32" ? kI32 : kI64;
            check_forms(t, kI32, [&](const Form& form, const Value& a, const Value& b) {
                Code code;
                code.block("block", kI32).i32_const(1);
                source(code, form.a, 0, a);
                source(code, form.b, 1, b);
                code.op(type + ".and");
                if (compare == std::string("eqz"))
                    code.op(type + ".eqz");
                else if (*compare != '\0')
                    code.zero(t).op(type + "." + compare);
                return code.br_if(0).drop().i32_const(2).end();
            });
        }
    }
}

// The test at the head of a loop is repeated at its end.
TEST_CASE("a loop that ends at a bit") {
    Engine engine;
    ModuleBuilder m;
    Code body;  // while ((x & 8) == 0) x += step, ++n
    body.block().block("loop").local_get(0).i32_const(8).op("i32.and").br_if(1);
    body.local_get(0).local_get(1).op("i32.add").local_set(0).local_get(2).i32_const(1).op("i32.add").local_set(2);
    body.br(0).end().end().local_get(2).end();
    m.export_func("f", m.func({kI32, kI32}, {kI32}, body, {{1, kI32}}));
    const Instance instance = engine.add(m);
    for (int32_t x = 0; x < 40; ++x) {
        for (int32_t step = 1; step < 8; ++step) {
            int32_t n = 0;
            for (int32_t y = x; (y & 8) == 0; y += step) ++n;
            CHECK(engine.call_i32(instance, "f", {Value::i32(x), Value::i32(step)}) == n);
        }
    }
}

// The steps of both counters are part of the branch. With many locals, some are in slots, whatever is pinned.
TEST_CASE("a loop of two counters") {
    enum Limit : uint8_t { Constant, Parameter, OtherCounter };
    for (const uint32_t locals : {0U, 1U, 2U, 3U, 4U}) {
        for (const Limit limit : {Constant, Parameter, OtherCounter}) {
            for (const bool other_is_busy : {false, true}) {
                INFO(locals << " " << int{limit} << other_is_busy);
                const uint32_t i = 1, other = 2;
                Code body;  // do {} while (other += 3, (i += 1000) != limit)
                body.block("loop");
                for (uint32_t k = 0; k < locals; ++k) {
                    for (int n = 0; n < 8; ++n) body.local_get(3 + k).drop();
                }
                for (int n = 0; n < 8; ++n) body.local_get(other_is_busy ? other : i).drop();
                body.local_get(other).i32_const(3).op("i32.add").local_set(other);
                body.local_get(i).i32_const(1000).op("i32.add").local_set(i).local_get(i);
                if (limit == Constant) body.i32_const(3997);
                if (limit == Parameter) body.local_get(0);
                if (limit == OtherCounter) body.local_get(other);
                body.op("i32.ne").br_if(0).end();
                body.local_get(i).i32_const(100).op("i32.mul").local_get(other).op("i32.add").end();
                ModuleBuilder m;
                Code start;  // after three rounds both are 3997
                start.i32_const(997).local_set(i).i32_const(3988).local_set(other);
                m.export_func("f", m.func({kI32}, {kI32}, start.raw(body), {{2 + locals, kI32}}));
                Engine engine;
                const Instance instance = engine.add(m);
                CHECK(engine.call_i32(instance, "f", {Value::i32(3997)}) == 3997 * 100 + 3997);
            }
        }
    }
}
