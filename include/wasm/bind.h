// SPDX-License-Identifier: Apache-2.0
// A host function from a typed C++ function: `bind<&add>()` where `int32_t add(Caller&, int32_t, GuestPtr<Stat>)`.
// The wasm signature and the argument decoding are derived from the C++ type; arguments are read in place.
//
// Parameters: Caller& first (optional), then `Env&` for bind<&fn>(env) (optional), then any HostArg:
// 32/64-bit integers and enums, float, double, GuestAddr, GuestPtr<T>, and GuestRange<T> (two i32: address, count).
// Result: void, a HostArg number, or HostOutcome (then no wasm result: the function has already said all).
// To trap or exit with a wasm result type, return HostResult<T>.
#pragma once

#include <wasm/host.h>

#include <array>
#include <concepts>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace wasm {

// Either the value, or "the Caller knows why we stop".
template <class T>
class HostResult {
  public:
    HostResult(T value) : value_(value) {}
    HostResult(HostOutcome stop) : stopped_(stop == HostOutcome::Stop) {}
    bool stopped() const { return stopped_; }
    T value() const { return value_; }

  private:
    T value_{};
    bool stopped_ = false;
};

// How one C++ parameter type is made from slots. Specialise to add a kind.
template <class T>
struct HostArg;

template <class T>
    requires(std::integral<T> || std::is_enum_v<T>)
struct HostArg<T> {
    static constexpr uint32_t kSlots = 1;
    static void add_types(std::vector<ValType>& out) { out.push_back(sizeof(T) == 8 ? kI64 : kI32); }
    static T read(const Slot* s) { return static_cast<T>(s->bits); }
    static void write(Slot* s, T v) { s->set(v); }
};
template <std::floating_point T>
struct HostArg<T> {
    static constexpr uint32_t kSlots = 1;
    static void add_types(std::vector<ValType>& out) { out.push_back(sizeof(T) == 8 ? kF64 : kF32); }
    static T read(const Slot* s) { return s->as<T>(); }
    static void write(Slot* s, T v) { s->set(v); }
};
template <class T>
struct HostArg<GuestPtr<T>> {
    static constexpr uint32_t kSlots = 1;
    static void add_types(std::vector<ValType>& out) { out.push_back(kI32); }
    static GuestPtr<T> read(const Slot* s) { return {GuestAddr{s->u32()}}; }
};
template <class T>
struct HostArg<GuestRange<T>> {
    static constexpr uint32_t kSlots = 2;
    static void add_types(std::vector<ValType>& out) { out.insert(out.end(), {kI32, kI32}); }
    static GuestRange<T> read(const Slot* s) { return {GuestAddr{s[0].u32()}, s[1].u32()}; }
};

namespace detail {

template <class R>
struct HostReturn {
    static void add_types(std::vector<ValType>& out) { HostArg<R>::add_types(out); }
    static HostOutcome finish(Slot* s, R v) { return HostArg<R>::write(s, v), HostOutcome::Continue; }
};
template <>
struct HostReturn<HostOutcome> {
    static void add_types(std::vector<ValType>&) {}
    static HostOutcome finish(Slot*, HostOutcome o) { return o; }
};
template <class T>
struct HostReturn<HostResult<T>> {
    static void add_types(std::vector<ValType>& out) { HostArg<T>::add_types(out); }
    static HostOutcome finish(Slot* s, HostResult<T> r) {
        if (r.stopped()) return HostOutcome::Stop;
        HostArg<T>::write(s, r.value());
        return HostOutcome::Continue;
    }
};

template <class... A>
struct ArgList {
    static FuncType type() {
        FuncType t;
        (HostArg<A>::add_types(t.params), ...);
        return t;
    }
    template <class F, size_t... I>
    static auto apply(F&& f, [[maybe_unused]] const Slot* s, std::index_sequence<I...>) {
        [[maybe_unused]] constexpr auto kOffsets = offsets();
        return std::forward<F>(f)(HostArg<A>::read(s + kOffsets[I])...);
    }
    static constexpr auto offsets() {
        std::array<uint32_t, sizeof...(A) + 1> at{};
        [[maybe_unused]] uint32_t n = 0, i = 0;
        ((at[i++] = n, n += HostArg<A>::kSlots), ...);
        return at;
    }
};

template <auto Fn, class Env, class R, class... A>
HostOutcome invoke_bound(Caller& caller, Slot* slots, void* env, auto&& call) {
    auto bound = [&](A... a) { return call(caller, env, a...); };
    using List = ArgList<A...>;
    if constexpr (std::is_void_v<R>) {
        List::apply(bound, slots, std::index_sequence_for<A...>{});
        return HostOutcome::Continue;
    } else {
        return HostReturn<R>::finish(slots, List::apply(bound, slots, std::index_sequence_for<A...>{}));
    }
}

template <class R, class... A>
FuncType bound_type() {
    FuncType t = ArgList<A...>::type();
    if constexpr (!std::is_void_v<R>) HostReturn<R>::add_types(t.results);
    return t;
}

template <auto Fn, class Sig>
struct Binder;
template <auto Fn, class R, class... A>
struct Binder<Fn, R (*)(Caller&, A...)> {
    static HostOutcome call(Caller& caller, Slot* slots, void* env) {
        return invoke_bound<Fn, void, R, A...>(caller, slots, env,
                                               [](Caller& c, void*, A... a) { return Fn(c, a...); });
    }
    static FuncType type() { return bound_type<R, A...>(); }
};
template <auto Fn, class R, class... A>
struct Binder<Fn, R (*)(A...)> {
    static HostOutcome call(Caller& caller, Slot* slots, void* env) {
        return invoke_bound<Fn, void, R, A...>(caller, slots, env, [](Caller&, void*, A... a) { return Fn(a...); });
    }
    static FuncType type() { return bound_type<R, A...>(); }
};
template <auto Fn, class Env, class Sig>
struct EnvBinder;
template <auto Fn, class Env, class R, class... A>
struct EnvBinder<Fn, Env, R (*)(Caller&, Env&, A...)> {
    static HostOutcome call(Caller& caller, Slot* slots, void* env) {
        return invoke_bound<Fn, Env, R, A...>(
            caller, slots, env, [](Caller& c, void* e, A... a) { return Fn(c, *static_cast<Env*>(e), a...); });
    }
    static FuncType type() { return bound_type<R, A...>(); }
};

}  // namespace detail

template <auto Fn>
HostFunc bind() {
    using B = detail::Binder<Fn, decltype(Fn)>;
    return HostFunc{B::type(), &B::call, nullptr, false};
}
// `Fn` takes (Caller&, Env&, args…); `env` is not owned and must outlive the instances.
template <auto Fn, class Env>
HostFunc bind(Env& env) {
    using B = detail::EnvBinder<Fn, Env, decltype(Fn)>;
    return HostFunc{B::type(), &B::call, &env, false};
}

}  // namespace wasm
