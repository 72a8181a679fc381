# SPDX-License-Identifier: Apache-2.0
"""One named check: what is run, and what must be equal between the native program and the guest."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Check:
    """A command line that runs in a fresh folder, natively and under the engine.

    Standard output, standard error, status and the files left behind must be equal. `status` and `expect`
    say what the native run must show, so that two equal failures do not pass for success.
    """

    name: str  # "program/what"
    command: object  # a tuple of words, or a line for /bin/sh; the program is called by its plain name
    stdin: object = ""
    files: dict = dataclasses.field(default_factory=dict)  # name -> contents; "#!" makes it executable
    samples: tuple = ()  # files of DIR, by name, copied into the folder; without them the check is left out
    env: dict = dataclasses.field(default_factory=dict)
    status: int = 0  # minus N: ended by signal N; None: any
    expect: tuple = ()  # texts the native output must contain
    after: str = ""  # a line for /bin/sh run natively afterwards; its output is compared as well
    ignore: tuple = ()  # patterns of files whose contents may differ
    normalise: tuple = ()  # (regular expression, replacement) applied to both outputs
    reference: object = None  # known output of a guest whose build lacks what the native program has
    needs: tuple = ()  # commands it uses on either side
    timeout: float = 60.0
