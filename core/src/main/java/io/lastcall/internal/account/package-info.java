/**
 * What one run holds: {@link io.lastcall.internal.account.Entry} with its two coordinates,
 * {@link io.lastcall.internal.account.LaneBook}, and the sums in {@link io.lastcall.internal.account.Tally}. Plain data, guarded by
 * the lock of the floor. Internal.
 */
@NullMarked
package io.lastcall.internal.account;

import org.jspecify.annotations.NullMarked;
