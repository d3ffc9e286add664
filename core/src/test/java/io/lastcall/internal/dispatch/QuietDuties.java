package io.lastcall.internal.dispatch;

import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.LaneBook;
import io.lastcall.message.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Duties that accept everything and tell nobody; tests override what they look at. Stateless. */
class QuietDuties implements Duties<Integer> {

    @Override
    public boolean admits() {
        return false;
    }

    @Override
    public void admit(Entry<Integer> entry) {
        throw new AssertionError("nothing is to be admitted");
    }

    @Override
    public @Nullable Outcome handle(Entry<Integer> entry) {
        return Outcome.accept();
    }

    @Override
    public boolean concludes(Outcome outcome) {
        return false;
    }

    @Override
    public boolean drops() {
        return false;
    }

    @Override
    public void conclude(Entry<Integer> entry) {
        throw new AssertionError("nothing is to be concluded");
    }

    @Override
    public @Nullable Runnable cancel(Entry<Integer> entry) {
        return null;
    }

    @Override
    public void giveUp(Entry<Integer> entry) {
        throw new AssertionError("nothing is to be given up");
    }

    @Override
    public void broken(Throwable error) {
        throw new AssertionError(error);
    }

    @Override
    public void settle(LaneBook<Integer> lane, List<Entry<Integer>> run) {}
}
