// SPDX-License-Identifier: Apache-2.0
// Rare operations on consecutive slots: bulk memory, tables, atomics, references, throws. Each is a C++ function; a
// fault inside one is reported at its instruction.
#include "execute/call_support.h"
#include "execute/family_table.h"
#include "execute/wait.h"
#include "instance/context.h"
#include "instance/exceptions.h"
#include "instance/instantiate.h"
#include "instance/memory_data.h"
#include "support/unaligned.h"

#include <wasm/atomics.h>

#include <algorithm>
#include <atomic>
#include <cstring>

namespace wasm {

namespace {

std::atomic<const StoreData*> g_performs_unaligned{nullptr};

// What an operation sees: its operands (results go over them) and its immediates.
struct InPlace {
    ExecContext& ctx;
    InstanceData& instance;
    uint64_t* s;
    uint32_t index;
    uint64_t extra;  // second index, or the offset of a memarg
    bool interrupted = false;

    uint32_t u32(size_t i) const { return static_cast<uint32_t>(s[i]); }
    MemoryData& memory() const { return *instance.memories[0]; }
    TableData& table(uint32_t i) const { return *instance.tables[i]; }
    StoreData& store() const { return *instance.store; }
};
// nullopt: done.
using Verdict = std::optional<TrapKind>;
constexpr Verdict kDone = std::nullopt;

namespace in_place {

Verdict memory_grow(InPlace& in) {
    in.s[0] = in.instance.memories[in.index]->grow(in.u32(0)).value_or(0xFFFFFFFFU);
    return kDone;
}
Verdict memory_init(InPlace& in) {
    const auto memory = static_cast<uint32_t>(in.extra);
    if (!wasm::memory_init(in.instance, memory, in.index, in.u32(0), in.u32(1), in.u32(2)))
        return TrapKind::OutOfBoundsMemory;
    return kDone;
}
Verdict data_drop(InPlace& in) {
    in.instance.dropped_data[in.index] = true;
    return kDone;
}
Verdict memory_copy(InPlace& in) {
    const MemoryData& to = *in.instance.memories[in.index];
    const MemoryData& from = *in.instance.memories[static_cast<uint32_t>(in.extra)];
    const uint64_t n = in.u32(2);
    if (in.u32(0) + n > to.size.load(std::memory_order_acquire)) return TrapKind::OutOfBoundsMemory;
    if (in.u32(1) + n > from.size.load(std::memory_order_acquire)) return TrapKind::OutOfBoundsMemory;
    std::memmove(to.base() + in.u32(0), from.base() + in.u32(1), n);
    return kDone;
}
Verdict memory_fill(InPlace& in) {
    const MemoryData& to = *in.instance.memories[in.index];
    const uint64_t n = in.u32(2);
    if (in.u32(0) + n > to.size.load(std::memory_order_acquire)) return TrapKind::OutOfBoundsMemory;
    std::memset(to.base() + in.u32(0), static_cast<int>(in.u32(1) & 0xFF), n);
    return kDone;
}

Verdict table_init(InPlace& in) {
    const auto table = static_cast<uint32_t>(in.extra);
    if (!wasm::table_init(in.instance, table, in.index, in.u32(0), in.u32(1), in.u32(2)))
        return TrapKind::OutOfBoundsTable;
    return kDone;
}
Verdict elem_drop(InPlace& in) {
    in.instance.dropped_elem[in.index] = true;
    return kDone;
}
Verdict table_copy(InPlace& in) {
    TableData& to = in.table(in.index);
    TableData& from = in.table(static_cast<uint32_t>(in.extra));
    const uint64_t n = in.u32(2);
    if (to.holds_exceptions) {
        return copy_elements(in.store(), to, in.u32(0), from, in.u32(1), n) ? kDone : TrapKind::OutOfBoundsTable;
    }
    if (in.u32(0) + n > to.size.load(std::memory_order_acquire)) return TrapKind::OutOfBoundsTable;
    if (in.u32(1) + n > from.size.load(std::memory_order_acquire)) return TrapKind::OutOfBoundsTable;
    std::memmove(to.elements.load() + in.u32(0), from.elements.load() + in.u32(1), n * sizeof(uint64_t));
    return kDone;
}
Verdict table_grow(InPlace& in) {
    TableData& table = in.table(in.index);
    const auto old = table.holds_exceptions ? wasm::grow_table(in.store(), table, in.u32(1), in.s[0])
                                            : table.grow(in.u32(1), in.s[0]);
    in.s[0] = old.value_or(0xFFFFFFFFU);
    return kDone;
}
Verdict table_size(InPlace& in) {
    in.s[0] = in.table(in.index).size.load(std::memory_order_acquire);
    return kDone;
}
Verdict table_fill(InPlace& in) {
    TableData& table = in.table(in.index);
    const uint64_t n = in.u32(2);
    if (table.holds_exceptions) {
        return fill_elements(in.store(), table, in.u32(0), in.s[1], n) ? kDone : TrapKind::OutOfBoundsTable;
    }
    if (in.u32(0) + n > table.size.load(std::memory_order_acquire)) return TrapKind::OutOfBoundsTable;
    std::fill_n(table.elements.load() + in.u32(0), n, in.s[1]);
    return kDone;
}

// ---- references to exceptions, in tables and globals. A global: its slot, and whether that has the cell's address.
// `acc` of the context is what the accumulator holds.
void make_room(const InPlace& in) {
    if (!has_to_let_go(in.ctx)) return;
    const auto a = activation_at(&in.instance, instruction_of(in.ctx.fault_pc), in.ctx.fault_fp);
    if (!a || a->func->code == nullptr) return;
    in.ctx.top = a->fp + uint64_t{a->func->code->frame_slots} * 8;
    let_go(in.ctx);
}
uint64_t* global_cell(const InPlace& in) {
    Slot& slot = in.ctx.globals[in.index];
    return in.extra != 0 ? reinterpret_cast<uint64_t*>(slot.bits) : &slot.bits;
}
Verdict exception_table_get(InPlace& in) {
    make_room(in);
    return read_element(in.ctx, in.table(in.index), in.u32(0), in.s[0]) ? kDone : TrapKind::OutOfBoundsTable;
}
Verdict exception_table_set(InPlace& in) {
    return fill_elements(in.store(), in.table(in.index), in.u32(0), in.s[1], 1) ? kDone : TrapKind::OutOfBoundsTable;
}
Verdict exception_global_get(InPlace& in) {
    make_room(in);
    in.s[0] = read_exception(in.ctx, global_cell(in));
    return kDone;
}
Verdict exception_global_set(InPlace& in) {
    write_exception(in.store(), global_cell(in), in.s[0]);
    return kDone;
}

// ---- atomics (threads proposal): sequentially consistent; an address must be aligned, unless the store has it
// otherwise.
template <class T>
Verdict atomic_address(const InPlace& in, T*& at) {
    const uint64_t address = in.u32(0) + in.extra;
    if (address + sizeof(T) > in.memory().size.load(std::memory_order_acquire)) return TrapKind::OutOfBoundsMemory;
    at = reinterpret_cast<T*>(in.memory().base() + address);
    if (address % sizeof(T) != 0) return TrapKind::UnalignedAtomic;
    return kDone;
}
enum class Access : uint8_t { Load, Change };
// The same at an address that is not aligned: to a copy, which then replaces what it was made of. What the operation
// sees is a copy, too, so that its other way keeps all of that in registers.
template <class T, Access kAccess, class Fn>
[[gnu::noinline]] void perform_unaligned(InPlace in, void* at, Fn fn) {
    T old = 0;
    read_unaligned(&old, at, sizeof(T));
    for (;;) {
        T now = old;
        fn(in, &now);
        if (kAccess == Access::Load || replace_unaligned(at, &old, &now, sizeof(T))) return;
    }
}
template <class T, Access kAccess = Access::Change, class Fn>
Verdict atomically(const InPlace& in, Fn fn) {
    T* at = nullptr;
    if (const Verdict v = atomic_address(in, at)) [[unlikely]] {
        if constexpr (sizeof(T) > 1) {
            const bool perform = g_performs_unaligned.load(std::memory_order_relaxed) == &in.store();
            if (v == TrapKind::UnalignedAtomic && perform) {
                perform_unaligned<T, kAccess>(in, at, fn);
                return kDone;
            }
        }
        return v;
    }
    fn(in, at);
    return kDone;
}
template <class T>
Verdict atomic_load(InPlace& in) {
    return atomically<T, Access::Load>(in,
                                       [](const InPlace& i, T* p) { i.s[0] = __atomic_load_n(p, __ATOMIC_SEQ_CST); });
}
template <class T>
Verdict atomic_store(InPlace& in) {
    return atomically<T>(in,
                         [](const InPlace& i, T* p) { __atomic_store_n(p, static_cast<T>(i.s[1]), __ATOMIC_SEQ_CST); });
}
template <class T>
Verdict atomic_cmpxchg(InPlace& in) {
    return atomically<T>(in, [](const InPlace& i, T* p) {
        auto expected = static_cast<T>(i.s[1]);
        // A value wider than T never matches, and the old value is the result either way.
        if (i.s[1] == expected || sizeof(T) == 4) {
            __atomic_compare_exchange_n(p, &expected, static_cast<T>(i.s[2]), false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST);
        } else {
            expected = __atomic_load_n(p, __ATOMIC_SEQ_CST);
        }
        i.s[0] = expected;
    });
}
#define WASM_ATOMIC_RMW(name, builtin)                                                                          \
    template <class T>                                                                                          \
    Verdict atomic_##name(InPlace& in) {                                                                        \
        return atomically<T>(                                                                                   \
            in, [](const InPlace& i, T* p) { i.s[0] = builtin(p, static_cast<T>(i.s[1]), __ATOMIC_SEQ_CST); }); \
    }
WASM_ATOMIC_RMW(add, __atomic_fetch_add)
WASM_ATOMIC_RMW(sub, __atomic_fetch_sub)
WASM_ATOMIC_RMW(and, __atomic_fetch_and)
WASM_ATOMIC_RMW(or, __atomic_fetch_or)
WASM_ATOMIC_RMW(xor, __atomic_fetch_xor)
WASM_ATOMIC_RMW(xchg, __atomic_exchange_n)
#undef WASM_ATOMIC_RMW
// The names that the `meaning` column uses.
#define WASM_ATOMIC_WIDTHS(name)                 \
    constexpr auto name##_u8 = &name<uint8_t>;   \
    constexpr auto name##_u16 = &name<uint16_t>; \
    constexpr auto name##_u32 = &name<uint32_t>; \
    constexpr auto name##_u64 = &name<uint64_t>;
WASM_ATOMIC_WIDTHS(atomic_load)
WASM_ATOMIC_WIDTHS(atomic_store)
WASM_ATOMIC_WIDTHS(atomic_add)
WASM_ATOMIC_WIDTHS(atomic_sub)
WASM_ATOMIC_WIDTHS(atomic_and)
WASM_ATOMIC_WIDTHS(atomic_or)
WASM_ATOMIC_WIDTHS(atomic_xor)
WASM_ATOMIC_WIDTHS(atomic_xchg)
WASM_ATOMIC_WIDTHS(atomic_cmpxchg)
#undef WASM_ATOMIC_WIDTHS

template <class T>
Verdict wait_on(InPlace& in) {
    T* at = nullptr;
    if (const Verdict v = atomic_address(in, at)) return v;
    if (!in.memory().type.shared) return TrapKind::ExpectedSharedMemory;
    const auto expected = static_cast<T>(in.s[1]);
    auto timeout = static_cast<int64_t>(in.s[2]);
    switch (wait(in.ctx, at, &expected, sizeof(T), timeout)) {
        case WaitEnd::Woken: in.s[0] = 0; return kDone;
        case WaitEnd::NotEqual: in.s[0] = 1; return kDone;
        case WaitEnd::TimedOut: in.s[0] = 2; return kDone;
        case WaitEnd::Fault: return TrapKind::MemoryFault;
        case WaitEnd::Interrupted: break;
    }
    // The instruction begins again after the interrupt, with what is left of its time.
    in.s[2] = static_cast<uint64_t>(timeout);
    in.interrupted = true;
    return kDone;
}
constexpr auto atomic_wait32 = &wait_on<uint32_t>;
constexpr auto atomic_wait64 = &wait_on<uint64_t>;
Verdict atomic_notify(InPlace& in) {
    uint32_t* at = nullptr;
    if (const Verdict v = atomic_address(in, at)) return v;
    in.s[0] = in.memory().type.shared ? notify(at, in.u32(1)) : 0;
    return kDone;
}
Verdict atomic_fence(InPlace&) {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return kDone;
}

}  // namespace in_place

WASM_HANDLER(leave_cold) {
    WASM_HANDLER_BEGIN;
    WASM_LEAVE(r);
}

// Out of line: handlers stay small, and the accumulators are saved only around the call.
template <Verdict (*Fn)(InPlace&)>
[[gnu::noinline]] Handler run_in_place(ExecContext& ctx, const uint8_t* pc, uint8_t* fp) {
    InPlace in{ctx, *ctx.instance,
               reinterpret_cast<uint64_t*>(fp + uint64_t{read_at<uint16_t>(pc + layout::kFirst)} * 8),
               read_at<uint32_t>(pc + layout::kSecond), read_at<uint64_t>(pc + layout::kSecond + 4)};
    ctx.fault_pc = in_library_call(pc);
    ctx.fault_fp = fp;
    const Verdict v = Fn(in);
    ctx.fault_pc = nullptr;
    if (in.interrupted) return &interrupt_cold;
    if (!v) return nullptr;
    record_trap(ctx, *v, pc, fp);
    return &leave_cold;
}
template <Verdict (*Fn)(InPlace&)>
struct InPlaceBody {
    static WASM_INLINE Handler exec(Regs& r) {
        if (const Handler cold = run_in_place<Fn>(*r.ctx, r.pc, r.fp)) [[unlikely]]
            return cold;
        r.pc += layout::kSecond + 12;
        return nullptr;
    }
};

template <Verdict (*Fn)(InPlace&)>
struct ExceptionBody {
    static WASM_INLINE Handler exec(Regs& r) {
        r.ctx->acc.bits = r.acc;
        return InPlaceBody<Fn>::exec(r);
    }
};

#define WASM_IN_PLACE_InPlace(id, meaning) \
    case Op::id: return handler_bits(&Straight<InPlaceBody<in_place::meaning>>::run);
#define WASM_IN_PLACE_Special(id, meaning)
#define WASM_IN_PLACE_Load(id, meaning)
#define WASM_IN_PLACE_Store(id, meaning)
#define WASM_IN_PLACE_IntUnary(id, meaning)
#define WASM_IN_PLACE_IntBinary(id, meaning)
#define WASM_IN_PLACE_IntCompare(id, meaning)
#define WASM_IN_PLACE_IntEqz(id, meaning)
#define WASM_IN_PLACE_FloatUnary(id, meaning)
#define WASM_IN_PLACE_FloatBinary(id, meaning)
#define WASM_IN_PLACE_FloatCompare(id, meaning)
#define WASM_IN_PLACE_IntToFloat(id, meaning)
#define WASM_IN_PLACE_FloatToInt(id, meaning)

// ---- references and tables
struct RefIsNull {
    static WASM_INLINE Handler exec(Regs& r) {
        write_at<uint64_t>(slot(r, layout::kFirst), read_at<uint64_t>(slot(r, layout::kSecond)) == 0 ? 1 : 0);
        r.pc += layout::kSecond + 2;
        return nullptr;
    }
};
struct RefFunc {
    static WASM_INLINE Handler exec(Regs& r) {
        write_at(slot(r, layout::kFirst), read_at<uint64_t>(r.pc + layout::kSecond));
        r.pc += layout::kSecond + 8;
        return nullptr;
    }
};
struct MemorySize {
    static WASM_INLINE Handler exec(Regs& r) {
        const MemoryData& m = *r.ctx->instance->memories[read_at<uint32_t>(r.pc + layout::kSecond)];
        write_at<uint64_t>(slot(r, layout::kFirst), m.size.load(std::memory_order_acquire) >> m.type.page_size_log2);
        r.pc += layout::kSecond + 4;
        return nullptr;
    }
};
struct TableGet {
    static WASM_INLINE Handler exec(Regs& r) {
        const auto* table = read_at<TableData*>(r.pc + layout::kSecond + 2);
        const auto i = read_at<uint32_t>(slot(r, layout::kSecond));
        if (i >= table->size.load(std::memory_order_acquire)) [[unlikely]]
            return &trap_cold<TrapKind::OutOfBoundsTable>;
        write_at(slot(r, layout::kFirst), table->elements.load(std::memory_order_acquire)[i]);
        r.pc += layout::kSecond + 10;
        return nullptr;
    }
};
struct TableSet {
    static WASM_INLINE Handler exec(Regs& r) {
        const auto* table = read_at<TableData*>(r.pc + layout::kSecond + 2);
        const auto i = read_at<uint32_t>(slot(r, layout::kFirst));
        if (i >= table->size.load(std::memory_order_acquire)) [[unlikely]]
            return &trap_cold<TrapKind::OutOfBoundsTable>;
        table->elements.load(std::memory_order_acquire)[i] = read_at<uint64_t>(slot(r, layout::kSecond));
        r.pc += layout::kSecond + 10;
        return nullptr;
    }
};

// ---- throws: the unwinder leaves pc and fp of the handler in the context.
[[gnu::noinline]] bool throw_now(ExecContext& ctx, ExceptionData* exception, const uint8_t* pc, uint8_t* fp) {
    if (exception == nullptr) {
        record_trap(ctx, TrapKind::NullException, pc, fp);
        return false;
    }
    return unwind_exception(ctx, exception, pc, fp);
}
[[gnu::noinline]] ExceptionData* thrown(ExecContext& ctx, const uint8_t* pc, uint8_t* fp) {
    const auto* values = reinterpret_cast<uint64_t*>(fp + uint64_t{read_at<uint16_t>(pc + layout::kFirst)} * 8);
    auto* tag = read_at<TagData*>(pc + layout::kSecond);
    ctx.top = const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(values + slots_of(tag->type.params)));
    return new_exception(ctx, *tag, values);
}
WASM_HANDLER(throw_cold) {
    WASM_HANDLER_BEGIN;
    if (!throw_now(*r.ctx, thrown(*r.ctx, r.pc, r.fp), r.pc, r.fp)) WASM_LEAVE(r);
    r.pc = r.ctx->pc;
    r.fp = r.ctx->fp;
    r.mem = r.ctx->instance->memory_base();
    WASM_NEXT(r);
}
WASM_HANDLER(throw_ref_cold) {
    WASM_HANDLER_BEGIN;
    if (!throw_now(*r.ctx, read_at<ExceptionData*>(slot(r, layout::kFirst)), r.pc, r.fp)) WASM_LEAVE(r);
    r.pc = r.ctx->pc;
    r.fp = r.ctx->fp;
    r.mem = r.ctx->instance->memory_base();
    WASM_NEXT(r);
}

}  // namespace

void perform_unaligned_atomics(const Store* store) {
    g_performs_unaligned.store(store == nullptr ? nullptr : store->data());
}

HandlerBits in_place_handler(Op op) {
    switch (op) {
#define OP(id, text, prefix, code, imm, sig, feature, family, meaning, align) WASM_IN_PLACE_##family(id, meaning)
#include "isa/wasm_ops.def"
#undef OP
        default: return 0;
    }
}

HandlerBits in_place_code_op(CodeOp op);
HandlerBits in_place_code_op(CodeOp op) {
    switch (op) {
        case CodeOp::RefIsNull: return handler_bits(&Straight<RefIsNull>::run);
        case CodeOp::RefFunc: return handler_bits(&Straight<RefFunc>::run);
        case CodeOp::MemorySize: return handler_bits(&Straight<MemorySize>::run);
        case CodeOp::TableGet: return handler_bits(&Straight<TableGet>::run);
        case CodeOp::TableSet: return handler_bits(&Straight<TableSet>::run);
        case CodeOp::ExceptionTableGet:
            return handler_bits(&Straight<ExceptionBody<in_place::exception_table_get>>::run);
        case CodeOp::ExceptionTableSet:
            return handler_bits(&Straight<ExceptionBody<in_place::exception_table_set>>::run);
        case CodeOp::ExceptionGlobalGet:
            return handler_bits(&Straight<ExceptionBody<in_place::exception_global_get>>::run);
        case CodeOp::ExceptionGlobalSet:
            return handler_bits(&Straight<ExceptionBody<in_place::exception_global_set>>::run);
        case CodeOp::Throw: return handler_bits(&throw_cold);
        default: return handler_bits(&throw_ref_cold);
    }
}

}  // namespace wasm
