package io.lastcall.internal.dispatch;

import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.LaneBook;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became due under the floor's lock and is done after it, since it reaches foreign code (I3).
 *
 * @param worker a worker that got a slot and is to begin, or null
 * @param room whether the armed capacity signal fires
 * @param quiet whether a drain has something to look at
 * @param tellings what the source is to be told
 * @param concluding entries whose outcome is to be made to hold
 * @param finished revoked lanes that nothing has to be waited for any more
 */
record Due<R>(
        @Nullable Worker<R> worker,
        boolean room,
        boolean quiet,
        List<Telling<R>> tellings,
        List<Entry<R>> concluding,
        List<LaneBook<R>> finished) {}
