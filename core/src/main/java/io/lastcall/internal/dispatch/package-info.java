/**
 * Who may start what, when: {@link io.lastcall.internal.dispatch.Floor} with its one lock, strands, and the operations of lanes,
 * workers and drains on it. Internal.
 */
@NullMarked
package io.lastcall.internal.dispatch;

import org.jspecify.annotations.NullMarked;
