@NullMarked
package io.lastcall.internal.consumer;

import org.jspecify.annotations.NullMarked;
