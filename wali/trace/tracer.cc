// SPDX-License-Identifier: Apache-2.0
#include "tracer.h"

#include "../dispatch.h"
#include "../host_module.h"
#include "arguments.h"
#include "names.h"
#include "structs.h"
#include "summary.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>

namespace wali {

namespace {

constexpr std::string_view kEverything = "all";

bool in_category(const Row& row, std::string_view category) { return to_string(row.category) == category; }

// Sets what `word` names: a call, a category (also %category), or "all". False: there is no such thing.
bool select(std::string_view word, std::bitset<trace::SharedState::kCounts>& wanted) {
    const auto rows = syscall_rows();
    if (word == kEverything) {
        wanted.set();
        return true;
    }
    const bool category_only = word.starts_with('%');
    if (category_only) word.remove_prefix(1);
    if (const Row* row = category_only ? nullptr : find_syscall(word); row != nullptr) {
        wanted.set(static_cast<size_t>(row - rows.data()));
        return true;
    }
    bool found = false;
    for (size_t i = 0; i < rows.size(); ++i) {
        if (!in_category(rows[i], word)) continue;
        wanted.set(i);
        found = true;
    }
    return found;
}

// The wrong word, if there is one.
std::optional<std::string_view> select_all(std::string_view what, std::bitset<trace::SharedState::kCounts>& wanted) {
    const bool except = what.starts_with('!');
    if (except) what.remove_prefix(1);
    do {
        const std::string_view word = what.substr(0, what.find(','));
        if (!select(word, wanted)) return word;
        what.remove_prefix(std::min(what.size(), word.size() + 1));
    } while (!what.empty());
    if (except) wanted.flip();
    return std::nullopt;
}

}  // namespace

std::optional<std::string> check_trace_filter(std::string_view what) {
    std::bitset<trace::SharedState::kCounts> wanted;
    const auto wrong = select_all(what, wanted);
    if (!wrong) return std::nullopt;
    std::string categories;
#define CATEGORY(id, text) categories += ", " text;
    WALI_CATEGORIES(CATEGORY)
#undef CATEGORY
    return fmt::format("'{}' is neither a system call nor one of {}{}", *wrong, kEverything, categories);
}

namespace trace {

// ---- one call --------------------------------------------------------------------------------------------------

namespace {

uint64_t now_ns() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

// An argument of which nothing is known.
void put_raw(std::string& out, uint64_t value) {
    constexpr uint64_t kSmall = 10;
    out += value < kSmall ? fmt::format("{}", value) : fmt::format("{:#x}", value);
}

// Shows arguments in order: first those that are known before the call, up to the first that is not.
class CallText {
  public:
    CallText(const SyscallImport& import, const wasm::Slot* slots, wasm::Memory memory) : import_(import) {
        const size_t params = std::min<size_t>(import.params, slots_.size());
        std::copy_n(slots, params, slots_.data());
        view_.memory = memory;
        view_.slots = slots_.data();
        view_.wide = import.wide;
        if (!known()) {
            for (uint32_t i = 0; i < params; ++i) put_raw(between(), view_.number(i));
            return;
        }
        const auto arguments = shown_arguments(*import.row);
        uint32_t slot = 0;
        for (size_t i = 0; i < arguments.size(); slot += arguments[i].slots, ++i) {
            if (arguments[i].moment != Moment::After) arguments[i].show(before_[i], view_, slot);
        }
        while (next_ < arguments.size() && arguments[next_].moment == Moment::Before) add_argument(arguments[next_]);
    }
    CallText(const CallText&) = delete;
    CallText& operator=(const CallText&) = delete;

    // What has not been said yet.
    std::string take() { return std::exchange(text_, {}); }
    std::string_view name() const { return known() ? import_.row->name : std::string_view(import_.name); }
    std::string start() { return fmt::format("{}({}", name(), take()); }

    void finish(const SysResult& result) {
        view_.done = true;
        view_.result = result.stopped() ? -EINTR : result.value();
        const auto arguments = known() ? shown_arguments(*import_.row) : std::span<const ShownArgument>();
        while (next_ < arguments.size()) add_argument(arguments[next_]);
        text_ += result.stopped() ? std::string(") = ?") : fmt::format(") = {}", value_text(result));
    }

  private:
    bool known() const { return import_.row != nullptr && import_.row->form != Form::Absent; }
    std::string& between() {
        if (first_) {
            first_ = false;
        } else {
            text_ += ", ";
        }
        return text_;
    }
    void add_argument(const ShownArgument& argument) {
        std::string& shown = before_[next_++];
        if (argument.moment == Moment::After) {
            argument.show(shown, view_, slot_);
        } else if (argument.moment == Moment::Both && !view_.failed()) {
            std::string after;
            argument.show(after, view_, slot_);
            if (!shown.ends_with(after)) shown += " => " + after;
        }
        if (argument.rest != nullptr) argument.rest(shown, view_, slot_);
        slot_ += argument.slots;
        if (!shown.empty()) between() += shown;
    }
    std::string value_text(const SysResult& result) const {
        if (result.failed()) return fmt::format("-1 {}", error_text(static_cast<int>(-result.value())));
        const Row* row = import_.row;
        const bool address = known() && row->category == Category::Memory && result.value() > 0 &&
                             !row->kinds.empty() && row->kinds[0].name == GuestAddress::kName;
        return address ? fmt::format("{:#x}", result.value()) : fmt::format("{}", result.value());
    }

    const SyscallImport& import_;
    std::array<wasm::Slot, 8> slots_{};
    CallView view_;
    std::string text_;
    std::array<std::string, 6> before_;  // of each argument, as far as it was known
    size_t next_ = 0;                    // argument, and its first slot
    uint32_t slot_ = 0;
    bool first_ = true;
};

Return return_of(const SyscallImport& import) {
    return import.row == nullptr ? Return::Soon : trace::return_of(*import.row);
}

SysResult answer(Tracer& tracer, wasm::Caller& caller, wasm::Slot* slots, SyscallImport& import) {
    if (!tracer.counts() || import.row == nullptr) return import.answer(caller, slots, import);
    tracer.sink().count_call(*import.row);
    const long pid = kernel(SYS_getpid);
    const uint64_t begun = now_ns();
    const SysResult result = import.answer(caller, slots, import);
    if (kernel(SYS_getpid) != pid) return result;  // the child of a fork has made no call
    tracer.sink().count_end(*import.row, !result.stopped() && result.failed(), now_ns() - begun);
    return result;
}

SysResult print_around(Tracer& tracer, wasm::Caller& caller, wasm::Slot* slots, SyscallImport& import) {
    const Return returns = return_of(import);
    CallText text(import, slots, caller.memory());
    Sink& sink = tracer.sink();
    if (returns == Return::Late) sink.begin(text.start());
    if (returns == Return::Other) sink.line(text.start() + " <unfinished ...>");
    if (returns == Return::Never) sink.line(text.start() + ") = ?");
    const long pid = kernel(SYS_getpid);
    const SysResult result = answer(tracer, caller, slots, import);
    if (returns == Return::Never || kernel(SYS_getpid) != pid) return result;
    const std::string start = returns == Return::Soon ? text.start() : std::string();
    text.finish(result);
    returns == Return::Soon ? sink.line(start + text.take()) : sink.end(text.name(), text.take());
    return result;
}

}  // namespace

wasm::HostOutcome enter_traced(wasm::Caller& caller, wasm::Slot* slots, void* env) {
    auto& import = *static_cast<SyscallImport*>(env);
    Tracer& tracer = *import.process->tracer;
    const SysResult result =
        tracer.prints() ? print_around(tracer, caller, slots, import) : answer(tracer, caller, slots, import);
    if (result.stopped()) return wasm::HostOutcome::Stop;
    if (import.has_result) slots[0].set(result.value());
    return wasm::HostOutcome::Continue;
}

wasm::HostOutcome enter_traced_auxiliary(wasm::Caller& caller, wasm::Slot* slots, void* env) {
    const auto& traced = *static_cast<const TracedAuxiliary*>(env);
    const wasm::HostFunc& func = traced.import.func;
    std::string text = fmt::format("{}(", traced.import.name);
    for (size_t i = 0; i < func.type.params.size(); ++i) {
        text += i == 0 ? "" : ", ";
        put_raw(text, slots[i].u32());
    }
    Sink& sink = traced.process.tracer->sink();
    const bool returns = !func.type.results.empty();
    if (!returns) sink.line(text + ") = ?");
    const wasm::HostOutcome outcome = func.fn(caller, slots, func.env);
    if (!returns) return outcome;
    const int32_t value = slots[0].i32();
    const std::string shown = outcome == wasm::HostOutcome::Stop ? std::string("?")
                              : value < 0                        ? fmt::format("-1 {}", error_text(-value))
                                                                 : fmt::format("{}", value);
    sink.line(fmt::format("{}) = {}", text, shown));
    return outcome;
}

// ---- the tracer ------------------------------------------------------------------------------------------------

bool Tracer::connect() {
    if (!options_.resumed.empty()) {
        if (!sink_.resume(options_.resumed)) return false;
        const Row* execve = find_syscall("execve");
        if (prints() && wants(execve)) sink_.end(execve->name, ") = 0");
        return true;
    }
    if (options_.out < 0 || !sink_.start(options_.out)) return false;
    sink_.shared().main.store(static_cast<uint32_t>(kernel(SYS_getpid)));
    if (!counts()) return true;
    const int life = start_reporter(sink_.shared(), sink_.out());
    return life >= 0 && sink_.hold(life);
}

std::unique_ptr<Tracer> Tracer::start(const TraceOptions& options, FdGuard& fds, std::string& why) {
    if (!options.lines && !options.summary) return nullptr;
    std::unique_ptr<Tracer> tracer(new Tracer(options, fds));
    const std::string_view what = options.what.empty() ? kEverything : std::string_view(options.what);
    if (const auto wrong = select_all(what, tracer->wanted_)) {
        why = fmt::format("--strace: '{}' is not known", *wrong);
        return nullptr;
    }
    tracer->everything_ = tracer->wanted_.all();
    if (tracer->connect()) return tracer;
    why = "the host refuses what tracing needs: descriptors, memory or a process";
    return nullptr;
}

void Tracer::signal(const NotedSignal& noted) {
    if (!prints()) return;
    GuestSiginfo info;
    std::memcpy(static_cast<void*>(&info), &noted.info, sizeof info);
    std::string text;
    put(text, {}, info);
    sink_.line(fmt::format("--- {} {} ---", signal_name(noted.signal), text));
}

void Tracer::end(int status) {
    if (prints()) sink_.line(fmt::format("+++ exited with {} +++", status & 0xFF));
    if (!counts() || sink_.shared().main.load() != static_cast<uint32_t>(kernel(SYS_getpid))) return;
    sink_.release_life();
    await_report(sink_.shared());
}

}  // namespace trace

}  // namespace wali
