/** Keeps the leases of what is held, from receive until settled, all through a drain. Internal. */
@NullMarked
package io.lastcall.internal.lease;

import org.jspecify.annotations.NullMarked;
