/** Tests of the runtime. */
@NullMarked
package io.lastcall.internal.runtime;

import org.jspecify.annotations.NullMarked;
