/**
 * The contract that every source keeps, as JUnit cases for writers of adapters: implement
 * {@link io.lastcall.testkit.contract.BrokerFixture} over a real broker and extend
 * {@link io.lastcall.testkit.contract.SourceContract}.
 */
@NullMarked
package io.lastcall.testkit.contract;

import org.jspecify.annotations.NullMarked;
