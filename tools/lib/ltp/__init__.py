# SPDX-License-Identifier: Apache-2.0
"""The parts of `tools/conformance ltp`: building a checkout, running its tests, comparing the two sides."""
