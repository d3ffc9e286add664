/**
 * Several consumers kept as one: {@link io.lastcall.internal.runtime.Group} starts, restarts, drains and reports, all on the
 * control thread of a {@link io.lastcall.internal.time.Host} of its own. Internal; the root package reaches it through
 * {@link io.lastcall.internal.runtime.Runtimes} only.
 */
@NullMarked
package io.lastcall.internal.runtime;

import org.jspecify.annotations.NullMarked;
