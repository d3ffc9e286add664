/** A folder as a queue: the adapter that docs/writing-an-adapter.md builds. Whole and tested, for reading rather than for use. */
@NullMarked
package io.lastcall.examples.spool;

import org.jspecify.annotations.NullMarked;
