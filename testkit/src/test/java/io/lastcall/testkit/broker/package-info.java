@NullMarked
package io.lastcall.testkit.broker;

import org.jspecify.annotations.NullMarked;
