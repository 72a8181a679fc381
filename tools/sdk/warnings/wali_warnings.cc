// SPDX-License-Identifier: Apache-2.0
// A plugin of clang: what compiles and means something else where long has 64 bits and pointers 32, and which clang
// does not tell of by itself. See "What a program must know" in ../README.md.
//   - a size_t that becomes a wider signed number where it may be meant as a negative one
//   - an argument that is stored wider or narrower than the format reads it: all after it are misread, too
#include "format.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/RecursiveASTVisitor.h>
#include <clang/Basic/Diagnostic.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendPluginRegistry.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace clang;

// Functions of the C library whose size_t may be (size_t)-1. All others of it return sizes.
constexpr std::array kReturnMinusOne = {"iconv",    "mbrlen",   "mbrtowc",    "mbsnrtowcs", "mbsrtowcs",
                                        "mbstowcs", "wcrtomb",  "wcsnrtombs", "wcsrtombs",  "wcstombs",
                                        "mbrtoc16", "mbrtoc32", "c16rtomb",   "c32rtomb"};

bool is_size_t(QualType type) {
    for (const auto* sugar = type->getAs<TypedefType>(); sugar != nullptr;
         sugar = sugar->getDecl()->getUnderlyingType()->getAs<TypedefType>()) {
        if (sugar->getDecl()->getName() == "size_t") return true;
    }
    return false;
}

// A number of 32 bits that is -1 or thereabouts, where it has been converted to a size.
bool is_minus_something(const Expr* e, const ASTContext& context) {
    Expr::EvalResult value;
    if (e->isValueDependent() || !e->getType()->isUnsignedIntegerType() || context.getTypeSize(e->getType()) != 32)
        return false;
    return e->EvaluateAsInt(value, context) && value.Val.getInt().isSignBitSet();
}

// Whether anything in a function's body looks like -1 or (size_t)-1, or returns what another function returns.
class FailureFinder final : public RecursiveASTVisitor<FailureFinder> {
  public:
    explicit FailureFinder(const ASTContext& context) : context_(context) {}
    bool VisitCastExpr(CastExpr* cast) {
        found = found || (cast->getCastKind() == CK_IntegralCast && is_minus_something(cast, context_));
        return !found;
    }
    bool VisitUnaryOperator(UnaryOperator* unary) {
        found = found || (unary->getOpcode() == UO_Minus && isa<IntegerLiteral>(unary->getSubExpr()->IgnoreParens()));
        return !found;
    }
    bool VisitReturnStmt(ReturnStmt* statement) {
        const Expr* value = statement->getRetValue();
        found = found || (value != nullptr && isa<CallExpr>(value->IgnoreParenImpCasts()));
        return !found;
    }
    bool found = false;

  private:
    const ASTContext& context_;
};

class Visitor final : public RecursiveASTVisitor<Visitor> {
  public:
    explicit Visitor(ASTContext& context) : context_(context), diagnostics_(context.getDiagnostics()) {}

    bool VisitImplicitCastExpr(ImplicitCastExpr* cast) {
        look_at_conversion(cast, true);
        return true;
    }
    // Written out it is still wrong, but for a call or a constant somebody has thought of it.
    bool VisitExplicitCastExpr(ExplicitCastExpr* cast) {
        look_at_conversion(cast, false);
        return true;
    }
    bool VisitCallExpr(CallExpr* call) {
        const FunctionDecl* callee = call->getDirectCallee();
        const auto* pointer = call->getCallee()->getType()->getAs<PointerType>();
        const QualType type = callee ? callee->getType() : pointer ? pointer->getPointeeType() : QualType();
        const auto* prototype = type.isNull() ? nullptr : type->getAs<FunctionProtoType>();
        if (prototype == nullptr || !prototype->isVariadic()) return true;
        bool declared = false;
        for (const FormatAttr* format : callee ? callee->specific_attrs<FormatAttr>() : no_attributes()) {
            declared = true;
            const llvm::StringRef kind = format->getType()->getName();
            // Numbers count from 1, and a method's object among them.
            const unsigned object = isa<CXXMemberCallExpr>(call) ? 1 : 0;
            if (kind.contains("printf") && format->getFirstArg() != 0) {
                look_at_format(call, format->getFormatIdx() - 1 - object, format->getFirstArg() - 1 - object, true);
            }
        }
        const unsigned named = prototype->getNumParams();
        if (!declared && named != 0) look_at_format(call, named - 1, named, false);
        return true;
    }

  private:
    using Formats = decltype(std::declval<const FunctionDecl*>()->specific_attrs<FormatAttr>());
    static Formats no_attributes() {
        return {specific_attr_iterator<FormatAttr>(), specific_attr_iterator<FormatAttr>()};
    }

    bool is_ours(SourceLocation where) const {
        return where.isValid() && !context_.getSourceManager().isInSystemHeader(where) &&
               !context_.getSourceManager().isInSystemMacro(where);
    }

    // What of `e`, a size_t, may be meant as a negative number; null: nothing.
    const char* negative(const Expr* e, bool also_calls) const {
        e = e->IgnoreParenImpCasts();
        if (const auto* choice = dyn_cast<ConditionalOperator>(e)) {
            const char* what = negative(choice->getTrueExpr(), also_calls);
            return what ? what : negative(choice->getFalseExpr(), also_calls);
        }
        if (is_minus_something(e, context_)) return also_calls ? "(size_t)-1" : nullptr;
        if (!e->isValueDependent() && e->isIntegerConstantExpr(context_)) return nullptr;
        if (const auto* call = dyn_cast<CallExpr>(e)) return also_calls && may_fail(call) ? "(size_t)-1" : nullptr;
        if (const auto* binary = dyn_cast<BinaryOperator>(e)) {
            return binary->getOpcode() == BO_Sub ? "a difference below zero" : nullptr;
        }
        const auto* unary = dyn_cast<UnaryOperator>(e);
        return unary && unary->getOpcode() == UO_Minus ? "a negative size" : nullptr;
    }

    bool may_fail(const CallExpr* call) const {
        const FunctionDecl* callee = call->getDirectCallee();
        if (callee == nullptr || callee->getBuiltinID() != 0 || !callee->getDeclName().isIdentifier()) return false;
        const FunctionDecl* definition = nullptr;
        if (callee->hasBody(definition)) {
            const auto [known, is_new] = failing_.try_emplace(definition, false);
            if (is_new) {
                FailureFinder finder(context_);
                finder.TraverseStmt(definition->getBody());
                known->second = finder.found;
            }
            return known->second;
        }
        if (!context_.getSourceManager().isInSystemHeader(callee->getLocation())) return true;
        return std::find(kReturnMinusOne.begin(), kReturnMinusOne.end(), callee->getName().str()) !=
               kReturnMinusOne.end();
    }

    void look_at_conversion(const CastExpr* cast, bool also_calls) {
        if (cast->getCastKind() != CK_IntegralCast) return;
        const Expr* from = cast->getSubExpr();
        const QualType to = cast->getType();
        if (to->isDependentType() || !to->isSignedIntegerType() || !from->getType()->isUnsignedIntegerType()) return;
        if (context_.getTypeSize(to) != 64 || context_.getTypeSize(from->getType()) != 32) return;
        if (!is_size_t(from->IgnoreParens()->getType()) || !is_ours(from->getExprLoc())) return;
        const char* what = negative(from, also_calls);
        if (what == nullptr) return;
        report(from->getExprLoc(),
               "a size_t of 32 bits becomes a '" + to.getAsString() + "' of 64: " + what +
                   " becomes a number near 4294967296",
               from->getSourceRange());
    }

    void look_at_format(const CallExpr* call, unsigned format, unsigned first, bool declared) {
        if (format >= call->getNumArgs() || !is_ours(call->getArg(format)->getExprLoc())) return;
        const auto* text = dyn_cast<StringLiteral>(call->getArg(format)->IgnoreParenImpCasts());
        if (text == nullptr || text->getCharByteWidth() != 1) return;
        const llvm::StringRef bytes = text->getString();
        const auto conversions = wali::read_format({bytes.data(), bytes.size()});
        const unsigned given = call->getNumArgs() - std::min(first, call->getNumArgs());
        if (!conversions || conversions->size() > given) return;
        // Another language of percent signs, perhaps.
        if (!declared && conversions->size() != given) return;
        for (const auto& [spelling, size] : *conversions) {
            const Expr* argument = call->getArg(first++);
            const QualType type = argument->getType();
            if (type->isDependentType() || !(type->isIntegralOrEnumerationType() || type->isPointerType())) continue;
            const uint64_t has = context_.getTypeSizeInChars(type).getQuantity();
            if (has == size) continue;
            report(argument->getExprLoc(),
                   "'" + std::string(spelling) + "' reads " + std::to_string(size) + " bytes and this argument has " +
                       std::to_string(has) + ": it and all after it are misread",
                   argument->getSourceRange());
            return;
        }
    }

    // Never an error: configure scripts and developers ask for errors of warnings that they know.
    void report(SourceLocation where, const std::string& text, SourceRange range) {
        const unsigned id = diagnostics_.getCustomDiagID(DiagnosticsEngine::Warning, "%0 [-Wwali]");
        const bool errors = diagnostics_.getWarningsAsErrors();
        diagnostics_.setWarningsAsErrors(false);
        diagnostics_.Report(where, id) << text << range;
        diagnostics_.setWarningsAsErrors(errors);
    }

    ASTContext& context_;
    DiagnosticsEngine& diagnostics_;
    mutable std::map<const FunctionDecl*, bool> failing_;
};

class Consumer final : public ASTConsumer {
  public:
    void HandleTranslationUnit(ASTContext& context) override {
        if (context.getDiagnostics().hasErrorOccurred() || context.getDiagnostics().getIgnoreAllWarnings()) return;
        Visitor visitor(context);
        for (Decl* declaration : context.getTranslationUnitDecl()->decls()) {
            if (!context.getSourceManager().isInSystemHeader(declaration->getLocation()))
                visitor.TraverseDecl(declaration);
        }
    }
};

class Action final : public PluginASTAction {
  protected:
    std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance&, llvm::StringRef) override {
        return std::make_unique<Consumer>();
    }
    bool ParseArgs(const CompilerInstance&, const std::vector<std::string>&) override { return true; }
    ActionType getActionType() override { return AddBeforeMainAction; }
};

const FrontendPluginRegistry::Add<Action> kRegistered("wali-warnings",
                                                      "pitfalls of a 64-bit long with 32-bit pointers");

}  // namespace
