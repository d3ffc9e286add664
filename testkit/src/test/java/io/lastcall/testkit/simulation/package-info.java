@NullMarked
package io.lastcall.testkit.simulation;

import org.jspecify.annotations.NullMarked;
