@NullMarked
package io.lastcall.internal.dispatch;

import org.jspecify.annotations.NullMarked;
