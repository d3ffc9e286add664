/** The spool keeps the contract. */
@NullMarked
package io.lastcall.examples.spool;

import org.jspecify.annotations.NullMarked;
