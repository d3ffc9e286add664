/** Real brokers for tests, each a process of its own, so that it can be stopped, killed and frozen. For tests of any module. */
@NullMarked
package io.lastcall.testkit.broker;

import org.jspecify.annotations.NullMarked;
