# SPDX-License-Identifier: Apache-2.0
"""The named checks of `tools/conformance apps`, one table per program."""
