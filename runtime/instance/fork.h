// SPDX-License-Identifier: Apache-2.0
// What forked children translate, told to their parent: it translates it too before it forks again, so that only the
// first of many children that do the same has to.
#pragma once

#include "instance/objects.h"

namespace wasm {

// Before fork: translates what children of this process have told of.
void translate_for_children(StoreData& store);
// `f` has just been translated: a child tells its parent.
void tell_translated(FuncData& f);

}  // namespace wasm
