# SPDX-License-Identifier: Apache-2.0
"""How to run example programs that `tools/conformance build` compiles."""
