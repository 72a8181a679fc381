# SPDX-License-Identifier: Apache-2.0
"""What the conformance verbs share: command line, running processes, reporting."""
