/** The contract kept, and the contract broken on purpose. */
@NullMarked
package io.lastcall.testkit.contract;

import org.jspecify.annotations.NullMarked;
