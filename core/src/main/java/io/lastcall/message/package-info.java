/**
 * What travels: {@link io.lastcall.message.Message}, its {@link io.lastcall.message.Headers}, and the
 * {@link io.lastcall.message.Outcome} a handler gives it. Values only; may be used by every package and uses none of ours.
 */
@NullMarked
package io.lastcall.message;

import org.jspecify.annotations.NullMarked;
