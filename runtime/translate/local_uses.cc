// SPDX-License-Identifier: Apache-2.0
#include "translate/local_uses.h"

#include <algorithm>
#include <utility>

namespace wasm {

namespace {

// Uses at loop depth d weigh 8^d, up to a bound that keeps one deep loop from hiding all others.
constexpr double kLoopFactor = 8;
constexpr double kMaxWeight = 4096;

class Scan {
  public:
    Scan(const TranslateEnv& env, LocalUses& uses, size_t params)
        : env_(env), uses_(uses), states_(uses.locals.size()), params_(params) {
        for (size_t i = 0; i < params; ++i) states_[i].arm = 0;  // written before the function begins
        arms_.push_back({0, 1});
    }

    void on(const Instr& in) {
        const uint32_t address = std::exchange(pushed_, kNone);
        if (address != kNone && is_variable_load(in)) uses_.locals[address].base_weight += arms_.back().weight;
        switch (in.op) {
            case Op::Block:
            case Op::If:
            case Op::Try:
            case Op::TryTable: open(arms_.back().weight, in); break;
            case Op::Loop: open(std::min(arms_.back().weight * kLoopFactor, kMaxWeight), in); break;
            case Op::Else:
            case Op::Catch:
            case Op::CatchAll:
                close_arm();
                arms_.back().id = next_arm_++;
                open_arms_.push_back(true);
                break;
            case Op::End:
            case Op::Delegate:
                close_arm();
                arms_.pop_back();
                break;
            case Op::Br:
            case Op::BrTable:
            case Op::Return:
            case Op::Unreachable:
            case Op::Throw:
            case Op::Rethrow:
            case Op::ThrowRef:
            case Op::ReturnCall:
            case Op::ReturnCallIndirect: ++label_; break;
            case Op::LocalGet: get(in.index); break;
            case Op::LocalSet:
            case Op::LocalTee: set(in.index); break;
            case Op::Call:
                if (in.index >= env_.module().functions.size()) break;
                if (env_.func(in.index).returns_twice) uses_.calls_returning_twice = true;
                if (env_.func(in.index).kind != FuncLink::Kind::Host) uses_.calls += arms_.back().weight;
                break;
            case Op::CallIndirect: uses_.calls += arms_.back().weight; break;
            default: break;
        }
    }
    bool done() const { return arms_.empty(); }

    void finish() {
        for (size_t i = 0; i < states_.size(); ++i) {
            LocalUse& use = uses_.locals[i];
            use.is_carrier = i >= params_ && use.sets == 1 && states_[i].near_reads_only;
        }
    }

  private:
    static constexpr uint32_t kNeverSet = ~0U;
    static constexpr uint32_t kNone = ~0U;
    struct State {
        uint32_t arm = kNeverSet;  // the arm in which the first write stands; reads elsewhere may miss it
        uint32_t label = 0;        // where the last write stands
        bool near_reads_only = true;
    };
    struct Arm {
        uint32_t id;
        double weight;
    };

    void open(double weight, const Instr& in) {
        ++label_;
        if (in.op == Op::Try || in.op == Op::TryTable) uses_.has_try = true;
        arms_.push_back({next_arm_++, weight});
        open_arms_.push_back(true);
    }
    void close_arm() {
        ++label_;
        open_arms_[arms_.back().id] = false;
    }
    void get(uint32_t local) {
        if (local >= states_.size()) return;
        LocalUse& use = uses_.locals[local];
        const State& state = states_[local];
        ++use.gets;
        use.weight += arms_.back().weight;
        pushed_ = local;
        if (state.label != label_) states_[local].near_reads_only = false;
        if (state.arm == kNeverSet || !open_arms_[state.arm]) use.needs_zero = true;
    }
    void set(uint32_t local) {
        if (local >= states_.size()) return;
        LocalUse& use = uses_.locals[local];
        State& state = states_[local];
        ++use.sets;
        use.weight += arms_.back().weight;
        use.set_weight += arms_.back().weight;
        state.label = label_;
        if (state.arm == kNeverSet) state.arm = arms_.back().id;
    }

    const TranslateEnv& env_;
    LocalUses& uses_;
    std::vector<State> states_;
    size_t params_;
    std::vector<Arm> arms_;              // open blocks; the innermost arm of each
    std::vector<bool> open_arms_{true};  // by id
    uint32_t next_arm_ = 1;
    uint32_t pushed_ = kNone;  // the local that the instruction before has pushed
    uint32_t label_ = 1;       // counts the places where control may come from elsewhere
};

}  // namespace

bool is_variable_load(const Instr& in) {
    const OpInfo& op = info(in.op);
    return op.family == Family::Load && op.is_full_width() && in.memory_offset <= kMaxVariableOffset;
}
bool is_variable_store(const Instr& in) {
    const OpInfo& op = info(in.op);
    return op.family == Family::Store && op.is_full_width() && in.memory_offset <= kMaxVariableOffset;
}

LocalUses find_local_uses(const TranslateEnv& env,
                          uint32_t func_index,
                          const std::vector<LocalGroup>& groups,
                          CodeIterator code) {
    LocalUses uses;
    const size_t params = env.module().func_type(func_index).params.size();
    size_t count = params;
    for (const LocalGroup& g : groups) count += g.count;
    uses.locals.resize(count);
    Scan scan(env, uses, params);
    Instr in;
    while (!scan.done() && !code.at_end() && code.next(in)) scan.on(in);
    scan.finish();
    return uses;
}

}  // namespace wasm
