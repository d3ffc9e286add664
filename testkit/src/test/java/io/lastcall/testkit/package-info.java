/** Tests of the testkit. */
@NullMarked
package io.lastcall.testkit;

import org.jspecify.annotations.NullMarked;
