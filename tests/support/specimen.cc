// SPDX-License-Identifier: Apache-2.0
#include "support/specimen.h"

namespace wasm::test {

Buffer specimen() {
    ModuleBuilder b;
    b.import_func("env", "f", {kI32}, {kI64});
    b.import_global("env", "g", kI32, false);
    b.memory(1, 2, true);
    b.table(kFuncRef, 2, 4);
    b.global(kI32, true, Code().i32_const(-7).global_get(0).op("i32.add"));
    b.tag({kI32});
    const uint32_t pair = b.type({kI32, kI32}, {kI32, kI32});
    Code body;
    body.local_get(0).local_get(1).block("block", pair).i32_const(1).br_if(0).end().op("i32.add").local_set(2);
    body.block().block().local_get(2).op("br_table", {2, 0, 1, 0}).end().end();
    body.block("try").i32_const(1).op("throw", {0}).op("catch", {0}).drop().op("catch_all").op("rethrow", {0}).end();
    body.block().op("try_table").u8(0x40).u32(1).u8(2).u32(0).end().end();
    body.i32_const(8).op("i64.load", {3, 16}).drop().i32_const(0).i32_const(0).i32_const(0).op("memory.init", {0, 0});
    body.zero(kFuncRef).op("ref.is_null").drop().op("ref.func", {1}).drop().i64_const(INT64_MIN).drop();
    body.f32_const(1)
        .drop()
        .f64_const(2)
        .drop()
        .i32_const(3)
        .i32_const(0)
        .op("call_indirect", {0, 0})
        .drop()
        .local_get(2)
        .end();
    const uint32_t f = b.func({kI32, kI32}, {kI32}, body, {{1, kI32}, {3, kF64}});
    b.export_func("main", f);
    const uint32_t begin = b.func({}, {}, Code().op("atomic.fence").u8(0).end());
    b.start(begin);
    b.elem(0, {f, begin});
    b.entry(SectionId::Element, Code().u32(5).type(kFuncRef).u32(1).op("ref.func", {1}).end());
    b.data(4, "hello");
    b.custom("name", Code().u8(1).u32(8).u32(1).u32(1).name("named"));
    return b.build();
}

}  // namespace wasm::test
