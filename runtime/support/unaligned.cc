// SPDX-License-Identifier: Apache-2.0
#include "support/unaligned.h"

#include "support/fault_guard.h"

#include <wasm/fork.h>

#include <cstdint>
#include <cstring>

namespace wasm {

#if defined(__x86_64__)

namespace {

// By hand: to the compiler, an address like this one is an error in the program.
template <class T>
bool replace(void* at, void* old, const void* now) {
    T expected, desired;
    bool done = false;
    std::memcpy(&expected, old, sizeof(T));
    std::memcpy(&desired, now, sizeof(T));
    asm volatile("lock cmpxchg %[desired], (%[at])"
                 : "=@ccz"(done), "+a"(expected)
                 : [desired] "r"(desired), [at] "r"(at)
                 : "memory");
    std::memcpy(old, &expected, sizeof(T));
    return done;
}

}  // namespace

void read_unaligned(void* to, const void* at, size_t bytes) {
    // Of a known size, so that each is one instruction.
    switch (bytes) {
        case 2: std::memcpy(to, at, 2); break;
        case 4: std::memcpy(to, at, 4); break;
        default: std::memcpy(to, at, 8); break;
    }
}

bool replace_unaligned(void* at, void* old, const void* now, size_t bytes) {
    switch (bytes) {
        case 2: return replace<uint16_t>(at, old, now);
        case 4: return replace<uint32_t>(at, old, now);
        default: return replace<uint64_t>(at, old, now);
    }
}

#else

namespace {

ForkLock g_lock{LockRank::Other};

// What cannot be accessed faults here. No byte changes.
void touch(void* at, size_t bytes) {
    auto* const byte = static_cast<uint8_t*>(at);
    __atomic_fetch_or(byte, uint8_t{0}, __ATOMIC_RELAXED);
    __atomic_fetch_or(byte + bytes - 1, uint8_t{0}, __ATOMIC_RELAXED);
}
void touch(const void* at, size_t bytes) {
    const auto* const byte = static_cast<const volatile uint8_t*>(at);
    (void)byte[0];
    (void)byte[bytes - 1];
}

}  // namespace

void read_unaligned(void* to, const void* at, size_t bytes) {
    for (bool done = false; !done;) {
        touch(at, bytes);
        g_lock.lock();
        done = guarded_copy(to, at, bytes);
        g_lock.unlock();
    }
}

bool replace_unaligned(void* at, void* old, const void* now, size_t bytes) {
    for (;;) {
        touch(at, bytes);
        uint8_t found[8] = {};
        g_lock.lock();
        bool done = guarded_copy(found, at, bytes);
        const bool same = done && std::memcmp(found, old, bytes) == 0;
        if (same) done = guarded_copy(at, now, bytes);
        g_lock.unlock();
        if (!done) continue;  // another thread has taken the access away in between
        if (!same) std::memcpy(old, found, bytes);
        return same;
    }
}

#endif

}  // namespace wasm
