package io.lastcall.internal.dispatch;

import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.LaneBook;
import java.util.List;

/** One settle call to be made: entries of one lane, those of one strand in offer order. */
record Telling<R>(LaneBook<R> lane, List<Entry<R>> run) {}
