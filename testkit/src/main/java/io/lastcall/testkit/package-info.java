/** What tests need. */
@NullMarked
package io.lastcall.testkit;

import org.jspecify.annotations.NullMarked;
