package io.lastcall.rabbit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TagPrefixTest {

    @Test
    void it_ends_before_the_first_tag_that_is_missing() {
        TagPrefix prefix = new TagPrefix();
        assertThat(prefix.end()).isZero();
        prefix.add(2);
        assertThat(prefix.end()).isZero();
        prefix.add(1);
        assertThat(prefix.end()).isEqualTo(2);
        prefix.add(4);
        assertThat(prefix.end()).isEqualTo(2);
        prefix.add(3);
        assertThat(prefix.end()).isEqualTo(4);
    }

    @Test
    void it_holds_over_many_tags_that_come_in_any_order() {
        TagPrefix prefix = new TagPrefix();
        Random random = new Random(7);
        long next = 1;
        for (int block = 0; block < 200; block++) {
            List<Long> tags = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                tags.add(next++);
            }
            Collections.shuffle(tags, random);
            long missing = tags.remove(tags.size() - 1);
            tags.forEach(prefix::add);
            assertThat(prefix.end()).isEqualTo(missing - 1);
            prefix.add(missing);
            assertThat(prefix.end()).isEqualTo(next - 1);
        }
    }
}
