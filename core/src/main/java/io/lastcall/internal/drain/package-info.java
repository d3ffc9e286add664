/** The drain: {@link io.lastcall.internal.drain.DrainSequence} is its order of steps. Internal. */
@NullMarked
package io.lastcall.internal.drain;

import org.jspecify.annotations.NullMarked;
