// SPDX-License-Identifier: Apache-2.0
#include "sink.h"

#include "../kernel.h"

#include <wasm/sealed_memory.h>
#include <wasm/write_quietly.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/futex.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

namespace wali::trace {

namespace {

// Among processes, any of which may stop or die while it writes: the others go on without it, when it is dead at once,
// else after seconds. Who has waited in vain does not wait so long again: then one that is stopped, or a word that
// nobody has written, does not hold up every call.
class Writing {
  public:
    Writing(std::atomic<uint32_t>& writer, uint32_t self, std::atomic<uint32_t>& patience)
        : writer_(writer), self_(self) {
        uint32_t moments = 0;
        for (;;) {
            uint32_t other = 0;
            if (writer_.compare_exchange_strong(other, self_)) return;
            const Timespec moment{0, 50'000'000};
            if (kernel(SYS_futex, &writer_, FUTEX_WAIT, other, &moment) != -ETIMEDOUT) continue;
            const bool is_dead = kernel(SYS_tkill, other, 0) == -ESRCH;
            const bool in_vain = ++moments > patience.load(std::memory_order_relaxed);
            if (!is_dead && in_vain) patience.store(0, std::memory_order_relaxed);
            if ((is_dead || in_vain) && writer_.compare_exchange_strong(other, self_)) return;
        }
    }
    ~Writing() {
        uint32_t own = self_;
        if (writer_.compare_exchange_strong(own, 0)) kernel(SYS_futex, &writer_, FUTEX_WAKE, 1);
    }
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;

  private:
    std::atomic<uint32_t>& writer_;
    uint32_t self_;
};

}  // namespace

bool Sink::map(int memory) {
    void* at = memory >= 0
                   ? wasm::map_sealed(memory, sizeof(SharedState))
                   : ::mmap(nullptr, sizeof(SharedState), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == nullptr || at == MAP_FAILED) return false;
    shared_ = static_cast<SharedState*>(at);
    return true;
}

bool Sink::start(int out) {
    out_ = fds_.adopt(out);
    if (out_ < 0) return false;
    // Without this file, programs that execve starts have a state of their own.
    const int memory = wasm::make_sealed("trace", sizeof(SharedState));
    if (memory < 0) return map(-1);
    const bool mapped = map(memory);
    memory_ = fds_.adopt(memory);
    return mapped;
}

bool Sink::resume(std::string_view text) {
    std::array<int, 3> numbers{-1, -1, -1};
    for (int& number : numbers) {
        const std::string_view word = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        std::from_chars(word.data(), word.data() + word.size(), number);
    }
    const auto [out, memory, life] = numbers;
    if (out < 0 || kernel(SYS_fcntl, out, F_GETFD) < 0 || !map(memory)) return false;
    out_ = fds_.adopt(out);
    if (memory >= 0) memory_ = fds_.adopt(memory);
    if (life >= 0) life_ = fds_.adopt(life);
    return out_ >= 0;
}

std::string Sink::hand_on() {
    std::string text;
    for (const int handle : {out_, memory_, life_}) {
        const int number = handle < 0 ? -1 : fds_.number(handle);
        if (number >= 0) kernel(SYS_fcntl, number, F_SETFD, 0);
        text += fmt::format("{}{}", text.empty() ? "" : ",", number);
    }
    return text;
}

void Sink::keep_back() {
    for (const int handle : {out_, memory_, life_}) {
        if (handle >= 0) kernel(SYS_fcntl, fds_.number(handle), F_SETFD, FD_CLOEXEC);
    }
}

bool Sink::hold(int life) {
    life_ = fds_.adopt(life);
    return life_ >= 0;
}

void Sink::release_life() {
    if (life_ >= 0) fds_.release(life_);
    life_ = -1;
}

void Sink::emit(Part part, std::string_view name, std::string_view text) {
    const wasm::SignalsHeld held;
    const auto self = static_cast<uint32_t>(kernel(SYS_gettid));
    const Writing writing(shared_->writer, self, patience_);
    if (self != shared_->main.load()) shared_->several.store(1);
    const uint32_t open = shared_->open_line.exchange(part == Part::Begin ? self : 0);
    std::string all;
    const bool continues = part == Part::End && open == self;
    if (open != 0 && !continues) all += " <unfinished ...>\n";
    if (!continues && shared_->several.load() != 0) all += fmt::format("[pid {}] ", self);
    if (part == Part::End && !continues) all += fmt::format("<... {} resumed>", name);
    all += text;
    if (part != Part::Begin) all += '\n';
    // Another thread of the guest may want the very number that we write to.
    const auto stay = fds_.stay();
    static_cast<void>(wasm::write_quietly(out(), all));
}

void Sink::begin(std::string_view text) { emit(Part::Begin, {}, text); }
void Sink::end(std::string_view name, std::string_view text) { emit(Part::End, name, text); }
void Sink::line(std::string_view text) { emit(Part::Whole, {}, text); }

void Sink::count_call(const Row& row) {
    shared_->counts[&row - syscall_rows().data()].calls.fetch_add(1, std::memory_order_relaxed);
}

void Sink::count_end(const Row& row, bool failed, uint64_t nanoseconds) {
    CallCount& count = shared_->counts[&row - syscall_rows().data()];
    count.errors.fetch_add(failed ? 1 : 0, std::memory_order_relaxed);
    count.nanoseconds.fetch_add(nanoseconds, std::memory_order_relaxed);
}

}  // namespace wali::trace
