// SPDX-License-Identifier: Apache-2.0
#include "wali.h"

#include "guest_fault.h"
#include "host_module.h"
#include "process.h"
#include "signals.h"
#include "threads.h"

#include <wasm/atomics.h>
#include <wasm/bind.h>
#include <wasm/fault.h>

#include <algorithm>

namespace wali {

struct Host::Impl {
    Impl(wasm::Store& s, Options options)
        : store(s), process(std::move(options)), main{process, s.main_thread(), true}, module(s, process) {}

    wasm::Store& store;
    Process process;
    GuestThread main;
    HostModule module;
    uint64_t host_mask = 0;  // what the host thread's signal mask was before
    std::unique_ptr<std::byte[]> signal_stack{new std::byte[ThreadSignals::kHostStackBytes]};
};

bool is_wali_module(const wasm::Module& module) {
    return std::ranges::any_of(module.imports(), [](const auto& i) { return i.module == kModuleName; });
}

Host::Host(wasm::Store& store, Options options) : impl_(std::make_unique<Impl>(store, std::move(options))) {
    std::string why;
    impl_->process.tracer = trace::Tracer::start(impl_->process.options.trace, impl_->process.fds, why);
    if (!why.empty()) impl_->process.log(wasm::LogLevel::Error, "syscall", "no trace: " + why);
    store.main_thread().set_user_data(&impl_->main);
    impl_->process.actions.inherit();
    kernel(SYS_rt_sigprocmask, SIG_BLOCK, nullptr, &impl_->host_mask, kSigsetBytes);
    impl_->main.signals.enter(store.main_thread(), impl_->host_mask, impl_->signal_stack.get());
    store.set_interrupt_hook(&on_interrupt, nullptr);
    wasm::set_trap_handler(&on_guest_trap);
    store.set_call_mismatch(impl_->process.options.strict_calls ? wasm::CallMismatch::Trap
                                                                : wasm::CallMismatch::AdaptIntegers);
    wasm::perform_unaligned_atomics(&store);
}

Host::~Host() {
    impl_->main.signals.leave();
    impl_->process.actions.reset();
    kernel(SYS_rt_sigprocmask, SIG_SETMASK, &impl_->host_mask, nullptr, kSigsetBytes);
    impl_->store.set_interrupt_hook(nullptr, nullptr);
    wasm::set_trap_handler(nullptr);
    wasm::perform_unaligned_atomics(nullptr);
    impl_->store.main_thread().set_user_data(nullptr);
}

void Host::define(wasm::Linker& linker) {
    linker.add_resolver([impl = impl_.get()](const wasm::ImportType& import) { return impl->module.resolve(import); });
}

namespace {

wasm::Error unfit(std::string reason) {
    wasm::Error error;
    error.kind = wasm::ErrorKind::Unlinkable;
    error.message = std::move(reason);
    return error;
}

// The global that linkers make first. Without a name (a stripped module) it is known by a value that can be one.
wasm::Result<std::optional<uint32_t>> find_stack_pointer(wasm::Instance instance, const wasm::Thread& thread) {
    constexpr wasm::GlobalType kType{wasm::kI32, true};
    if (const auto named = instance.global_index("__stack_pointer")) {
        if (instance.global_type(*named) == kType) return named;
        return unfit("the global __stack_pointer is no mutable i32");
    }
    if (instance.global_count() == 0 || !(instance.global_type(0) == kType)) return std::optional<uint32_t>();
    const uint32_t value = thread.global(0).u32();
    const bool can_be = value != 0 && value % 16 == 0 && value <= instance.memory(0).size();
    return can_be ? std::optional(0U) : std::nullopt;
}

// A module whose table 0 holds something else has no function pointers.
wasm::Table find_functions(wasm::Instance instance) {
    const wasm::Table table = instance.table(0);
    return table && wasm::is_function_reference(table.type().element) ? table : wasm::Table();
}

// How many bytes at the beginning of its memory the module leaves unused, so that NULL can be made inaccessible: the
// first four bytes of a custom section.
uint64_t null_bytes(const wasm::Module& module) {
    const auto section = module.custom_section("wali.null_page");
    if (!section || section->size() < sizeof(uint32_t)) return 0;
    uint32_t bytes = 0;
    for (size_t i = 0; i < sizeof bytes; ++i) bytes |= uint32_t{(*section)[i]} << 8 * i;
    return bytes;
}

}  // namespace

wasm::HostOutcome refuse_stranger(wasm::Caller& caller) {
    return caller.trap(wasm::TrapKind::HostLimit, "a call by a module that is not, or not yet, the process's program");
}

wasm::Result<void> Host::attach(wasm::Instance instance) {
    const wasm::Memory memory = instance.memory(0);
    if (!memory) return unfit("a WALI module needs a memory");
    if (memory.type().is64) return unfit("WALI is defined for 32-bit memories");
    if (impl_->main.wasm.home().data() != instance.data())
        return unfit("a process has one instance, the store's first");
    Process& process = impl_->process;
    process.stack_pointer = WASM_TRY(find_stack_pointer(instance, impl_->main.wasm));
    process.first_stack_pointer = impl_->main.stack_pointer();
    process.functions = find_functions(instance);
    process.space.attach(memory, null_bytes(instance.module()));
    process.memory = memory;
    process.instance = instance;
    return {};
}

wasm::Result<wasm::Stop> Host::run(wasm::Instance instance) {
    if (!impl_->process.instance) WASM_TRY(attach(instance));
    const std::optional<wasm::Func> start = instance.func("_start");
    if (!start || start->type() != wasm::FuncType{}) return unfit("no exported function _start of type () -> ()");
    wasm::Stop stop = impl_->store.main_thread().call(*start, nullptr, nullptr);
    if (!stop.trapped() && impl_->process.tracer) impl_->process.tracer->end(stop.exit_status);
    // The end of `_start` is the end of the process, whatever other threads do.
    if (!stop.trapped() && !impl_->process.may_return(true)) end_process(stop.exit_status);
    return stop;
}

}  // namespace wali
