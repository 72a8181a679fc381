// SPDX-License-Identifier: Apache-2.0
// The functions of fmt that are no templates, compiled once for the whole program. Header-only use would compile them
// in every file that formats (seconds each), Debian's shared library would have to be loaded at every start, and there
// is no static one. These are the instantiations that fmt's own library exports for char.
#include <fmt/format-inl.h>

FMT_BEGIN_NAMESPACE
namespace detail {

template dragonbox::decimal_fp<float> dragonbox::to_decimal(float) noexcept;
template dragonbox::decimal_fp<double> dragonbox::to_decimal(double) noexcept;
template thousands_sep_result<char> thousands_sep_impl(locale_ref);
template char decimal_point_impl(locale_ref);
template void buffer<char>::append(const char*, const char*);
template void vformat_to(buffer<char>&, string_view, basic_format_args<buffer_context<char>>, locale_ref);

}  // namespace detail
FMT_END_NAMESPACE
