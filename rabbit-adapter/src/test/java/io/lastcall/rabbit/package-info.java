@NullMarked
package io.lastcall.rabbit;

import org.jspecify.annotations.NullMarked;
