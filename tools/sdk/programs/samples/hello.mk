# SPDX-License-Identifier: Apache-2.0
# Two files and their sum, made by up to two processes at a time; a second run finds nothing to do.
parts := one.txt two.txt

all.txt: $(parts)
	cat $(parts) > $@
	@echo "$@ has $$(wc -l < $@) lines, by make $(MAKE_VERSION)"

%.txt:
	echo $* > $@

.PHONY: clean
clean:
	rm -f all.txt $(parts)
