// SPDX-License-Identifier: Apache-2.0
// Run-time objects: Store owns them, handles name them, Thread runs them.
#pragma once

#include <wasm/host.h>
#include <wasm/memory.h>
#include <wasm/module.h>
#include <wasm/result.h>
#include <wasm/trap.h>
#include <wasm/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wasm {

struct FuncData;
struct TableData;
struct GlobalData;
struct TagData;
struct InstanceData;
struct StoreData;
struct ThreadData;
class Store;

// Handles are copyable, do not own, and are valid as long as their Store.
class Func {
  public:
    Func() = default;
    explicit Func(FuncData* data) : data_(data) {}
    explicit operator bool() const { return data_ != nullptr; }
    FuncType type() const;
    std::string name() const;         // for messages
    Value ref() const;                // as a funcref value
    static Func from_ref(Value ref);  // null handle when it is null, or no function
    FuncData* data() const { return data_; }

  private:
    FuncData* data_ = nullptr;
};

class Table {
  public:
    Table() = default;
    explicit Table(TableData* data) : data_(data) {}
    explicit operator bool() const { return data_ != nullptr; }
    const TableType& type() const;
    uint64_t size() const;
    // A reference to an exception is valid until that element changes, and cannot be given back: see Value.
    std::optional<Value> get(uint64_t index) const;  // nullopt: out of bounds
    bool set(uint64_t index, Value value) const;     // false: out of bounds, or of another type
    bool grow(uint64_t delta, Value fill) const;     // false: too large, or of another type
    TableData* data() const { return data_; }

  private:
    TableData* data_ = nullptr;
};

class Global {
  public:
    Global() = default;
    explicit Global(GlobalData* data) : data_(data) {}
    explicit operator bool() const { return data_ != nullptr; }
    GlobalType type() const;
    Value get() const;
    bool set(Value value) const;  // false: not mutable, or of another type
    GlobalData* data() const { return data_; }

  private:
    GlobalData* data_ = nullptr;
};

class Tag {
  public:
    Tag() = default;
    explicit Tag(TagData* data) : data_(data) {}
    explicit operator bool() const { return data_ != nullptr; }
    FuncType type() const;
    TagData* data() const { return data_; }

  private:
    TagData* data_ = nullptr;
};

// Anything that can be imported or exported; `kind` says which handle is set.
struct Extern {
    ExternKind kind = ExternKind::Func;
    Func func;
    Table table;
    Memory memory;
    Global global;
    Tag tag;

    Extern() = default;
    Extern(Func f) : kind(ExternKind::Func), func(f) {}
    Extern(Table t) : kind(ExternKind::Table), table(t) {}
    Extern(Memory m) : kind(ExternKind::Memory), memory(m) {}
    Extern(Global g) : kind(ExternKind::Global), global(g) {}
    Extern(Tag t) : kind(ExternKind::Tag), tag(t) {}
};

class Instance {
  public:
    Instance() = default;
    explicit Instance(InstanceData* data) : data_(data) {}
    explicit operator bool() const { return data_ != nullptr; }
    const Module& module() const;
    std::optional<Extern> get_export(std::string_view name) const;
    std::optional<Func> func(std::string_view name) const;
    std::optional<Memory> memory(std::string_view name) const;
    std::optional<Global> global(std::string_view name) const;
    std::optional<Table> table(std::string_view name) const;
    // By index, exported or not: WALI resolves function pointers through table 0.
    Table table(uint32_t index) const;    // null handle if there is none
    Memory memory(uint32_t index) const;  // null handle if there is none
    // Index of the global that the name section or an export calls `name`.
    std::optional<uint32_t> global_index(std::string_view name) const;
    uint32_t global_count() const;
    GlobalType global_type(uint32_t index) const;  // below global_count
    InstanceData* data() const { return data_; }

  private:
    InstanceData* data_ = nullptr;
};

// One flow of execution: a value stack, per-thread globals, an interrupt flag. Used by one host thread at a time
// (request_interrupt excepted). A Store has a main thread; others are made by Instance owners for guest threads.
class Thread {
  public:
    // A thread for `instance` whose globals start as copies of `creator`'s (WALI threads: shared memory and
    // tables, own globals). Resource error when its stack cannot be allocated.
    static Result<std::unique_ptr<Thread>> create(Store& store, Instance instance, const Thread& creator);
    ~Thread();
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;

    // Runs `func`. args and results are checked against its type (mismatch asserts: the caller's bug).
    Stop call(const Func& func, std::span<const Value> args, std::vector<Value>& results);
    // The same on raw slots, for callers that know the type.
    Stop call(const Func& func, const Slot* args, Slot* results);

    // Async-signal-safe and thread-safe: the hook runs on this thread at its next safepoint.
    void request_interrupt();
    // Whatever the embedder wants to find again from a Caller (per guest-thread state).
    void set_user_data(void* data) { user_data_ = data; }
    void* user_data() const { return user_data_; }

    // This thread's value of a global of its home instance, by index (e.g. __stack_pointer). The index exists; only a
    // mutable number can be set, by a value of its type: false otherwise.
    Slot global(uint32_t index) const;
    bool set_global(uint32_t index, Value value);

    Store& store() const;
    // The instance whose globals these are; a null handle before there is one.
    Instance home() const;
    ThreadData* data() const { return data_.get(); }
    // The Thread that runs wasm code on the calling host thread, or nullptr.
    static Thread* current();

  private:
    friend class Store;
    explicit Thread(std::unique_ptr<ThreadData> data);
    std::unique_ptr<ThreadData> data_;
    void* user_data_ = nullptr;
};

// Calls through a function pointer of another type (spec: trap).
enum class CallMismatch : uint8_t {
    Trap,
    // Adapt integer arguments and results as native C calling conventions do: extra dropped, missing zero.
    AdaptIntegers,
};

enum class LogLevel : uint8_t { Error, Warn, Info, Debug, Trace };

struct StoreOptions {
    uint64_t stack_bytes = 16 << 20;    // value stack per thread; beyond it "call stack exhausted"
    uint64_t max_memory_bytes = ~0ULL;  // per memory, on top of its declared maximum
    uint64_t max_table_elements = 10'000'000;
    uint32_t max_host_depth = 200;  // nested host → wasm calls per thread
    CallMismatch call_mismatch = CallMismatch::Trap;
    bool explicit_bounds_checks = false;  // as if no address space could be reserved: for tests
    // Receives the engine's rare remarks (one line, no newline). May be null.
    void (*log)(LogLevel level, std::string_view area, std::string_view message) = nullptr;
};

// Owns every run-time object made in it; destroying it ends them all.
class Store {
  public:
    explicit Store(StoreOptions options = {});
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    Thread& main_thread();
    const StoreOptions& options() const;
    void set_call_mismatch(CallMismatch policy);
    void set_interrupt_hook(InterruptHook hook, void* env);  // for all threads; set before running

    // Objects made by the host.
    Func make_func(const HostFunc& func, std::string name);
    Result<Memory> make_memory(const MemoryType& type);
    Result<Table> make_table(const TableType& type, Value fill);
    Global make_global(const GlobalType& type, Value value);  // null handle: `value` is of another type
    Tag make_tag(const FuncType& type);

    // Around fork() by a host function: before_fork takes all locks of the process (wasm/fork.h), after_fork releases
    // them. In the child, `survivor` is the thread that forked; all others are forgotten. True: the calling thread is
    // the only one, and no lock was taken.
    bool before_fork();
    void after_fork_in_parent();
    void after_fork_in_child(Thread& survivor);
    StoreData* data() const { return data_.get(); }

  private:
    std::unique_ptr<StoreData> data_;
};

}  // namespace wasm
