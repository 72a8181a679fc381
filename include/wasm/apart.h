// SPDX-License-Identifier: Apache-2.0
// Work that other threads must not get their hands on: in a process of its own, which shares this one's memory but has
// a copy of its descriptors. What is opened there no other thread can use, duplicate or replace.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

namespace wasm {

// Waits as long as `word` holds `value`; false to give up. May return early.
using ApartWait = bool (*)(const std::atomic<int32_t>& word, int32_t value);

// What `work` returns there. nullopt: the host refuses, the process was killed before it was done, or `wait` gave up,
// upon which it is killed. `work` runs while the caller waits, with all signals blocked and the caller's thread-local
// variables; it may use little stack and must not allocate.
std::optional<int64_t> run_apart(int64_t (*work)(void*), void* argument, ApartWait wait = nullptr);

}  // namespace wasm
