// SPDX-License-Identifier: Apache-2.0
// The run-time objects of the specification (§4.2): functions, tables, memories, globals, tags, instances, and the
// store that owns them. Addresses are pointers; an object lives as long as its store.
#pragma once

#include "decode/module_data.h"
#include "instance/exec_context.h"
#include "instance/type_registry.h"
#include "translate/code.h"

#include <wasm/fork.h>
#include <wasm/store.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace wasm {

struct FuncData {
    // Where a call jumps to: translated code, or a stub that translates first. Published with release.
    std::atomic<const uint8_t*> entry{nullptr};
    TypeId type{};
    uint16_t param_slots = 0;
    uint16_t result_slots = 0;
    uint32_t frame_bytes = 0;          // of the larger of the two
    InstanceData* instance = nullptr;  // null for a host function
    uint32_t index = 0;                // in the function index space of its instance
    HostFn host = nullptr;
    void* env = nullptr;
    bool returns_twice = false;
    std::unique_ptr<const Code> code;  // once translated
    std::string name;                  // of a host function
    // The code of `entry` until something better is published: one instruction with this function as operand.
    alignas(8) uint8_t stub[16];

    const FuncType& func_type() const { return type_of(type); }
};

struct TableData {
    StoreData* store = nullptr;
    TableType type;
    std::atomic<uint64_t*> elements{nullptr};  // reference bits; a FuncData* for funcref
    std::atomic<uint64_t> size{0};
    uint64_t max = 0;               // elements it may grow to
    bool holds_exceptions = false;  // then its elements are touched only as execute/exceptions.h says
    ForkLock grow_lock{LockRank::Growth};
    // Old arrays stay: another thread may still read them.
    std::deque<std::unique_ptr<uint64_t[]>> arrays;
    uint64_t capacity = 0;

    std::optional<uint64_t> grow(uint64_t delta, uint64_t fill);  // old size
};

struct GlobalData {
    StoreData* store = nullptr;
    GlobalType type;
    Slot* cell = nullptr;  // inside an instance's block, or `own`
    Slot own[2];
};

struct TagData {
    FuncType type;
    std::vector<uint32_t> exceptions;  // which slots of its values refer to exceptions
};

// A thrown exception (spec §4.2.13). It lives as long as it has owners: see execute/exceptions.h. Its values never
// change, so it refers only to older ones.
struct ExceptionData {
    explicit ExceptionData(StoreData& s, const TagData& t) : store(s), tag(&t) {}
    StoreData& store;
    const TagData* tag;
    std::atomic<uint64_t> owners{1};
    std::vector<uint64_t> values;
};

struct MemoryData;

struct InstanceData {
    StoreData* store = nullptr;
    uint32_t number = 0;  // in its store
    std::shared_ptr<const Module> module;
    std::vector<TypeId> types;     // canonical, by type index
    std::vector<FuncData*> funcs;  // index spaces: imports first
    std::unique_ptr<FuncData[]> own_funcs;
    size_t own_func_count = 0;
    std::vector<TableData*> tables;
    std::vector<MemoryData*> memories;
    std::vector<GlobalData*> globals;
    std::vector<uint32_t> global_slots;    // where each global stands in the globals block
    std::vector<uint8_t> global_indirect;  // an imported mutable global: the block holds the address of its cell
    std::unique_ptr<Slot[]> globals_block;
    uint32_t globals_block_size = 0;
    std::vector<uint32_t> exception_globals;  // which slots of the block refer to exceptions
    std::vector<TagData*> tags;
    std::unique_ptr<std::atomic<bool>[]> dropped_data;
    std::unique_ptr<std::atomic<bool>[]> dropped_elem;
    bool bounds_checks = false;  // memory 0 has no reservation that makes them unnecessary

    ForkLock translation_lock{LockRank::Translation};
    std::map<const uint8_t*, FuncData*> code_map;  // start of code → function; guarded by translation_lock

    const ModuleData& data() const { return module->data(); }
    uint8_t* memory_base() const;
};

// Threads read their own all the time: no cache line has a part of two.
struct alignas(64) ThreadData {
    ExecContext ctx;
    void* stack_mapping = nullptr;
    uint64_t stack_mapping_bytes = 0;
    ~ThreadData();
};

// A host function that does not write all results of its type: the others become zero, or null.
struct PartialHostFunc {
    HostFunc func;
    uint32_t results = 0;  // slots
};

void init_tag(TagData& tag, const FuncType& type);

// Whether a host may put the value where this type is wanted.
bool fits(const Value& value, ValType type);

struct StoreData {
    Store* handle = nullptr;
    StoreOptions options;
    InterruptHook hook = nullptr;
    void* hook_env = nullptr;
    std::atomic<bool> warned_mismatch{false};
    ForkLock lock{LockRank::Store};  // guards the containers below
    std::deque<FuncData> host_funcs;
    std::deque<PartialHostFunc> partial_host_funcs;
    std::deque<TableData> tables;
    std::deque<std::unique_ptr<MemoryData>> memories;
    std::deque<GlobalData> globals;
    std::deque<TagData> tags;
    std::deque<std::unique_ptr<InstanceData>> instances;
    // Guards the elements of tables and the globals that refer to exceptions.
    ForkLock exceptions_lock{LockRank::Exceptions};
    std::atomic<uint64_t> live_exceptions{0};
    std::unique_ptr<Thread> main_thread;
    ~StoreData();

    void log(LogLevel level, std::string_view area, std::string_view message) const {
        if (options.log != nullptr) options.log(level, area, message);
    }
    TableData* new_table(const TableType& type, uint64_t fill);  // null: too large for the store's options
};

}  // namespace wasm
