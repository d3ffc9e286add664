package io.lastcall.testkit.contract;

import static io.lastcall.testkit.contract.ForgedContract.assertRed;

import io.lastcall.spi.Source;
import io.lastcall.testkit.Signals;
import io.lastcall.testkit.contract.Forgeries.Forgery;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Each case of the contract turns red for a source that breaks its rule: what a message carries. */
class SourceContractPayloadCatchesTest {

    /** The bytes of the character that stands for what is no text. */
    private static final String REPLACEMENT = "-17, -65, -67";

    private static SourceContract over(Forgery forgery) {
        return ForgedContract.over(forgery, new Signals());
    }

    @Test
    void a_body_that_is_not_there_and_is_made_up() {
        assertRed(over(Retellings::namesNothing)::an_empty_body_is_a_message, "nothing lost");
    }

    @Test
    void a_body_that_is_cut() {
        assertRed(over(Retellings::cutsBodies)::the_largest_body_arrives_whole, "nothing lost");
    }

    @Test
    void a_body_that_was_text_on_the_way() {
        assertRed(over(SourceContractPayloadCatchesTest::asText)::bodies_are_bytes, REPLACEMENT);
    }

    @Test
    void text_that_was_ascii_on_the_way() {
        assertRed(over(SourceContractPayloadCatchesTest::asAscii)::text_beyond_ascii_arrives, "nothing lost");
    }

    @Test
    void headers_of_one_name_of_which_one_is_left() {
        assertRed(over(Retellings::keepsOneHeaderOfAName)::headers_arrive_as_they_were_sent, "\"1\"");
    }

    @Test
    void headers_whose_bytes_were_text_on_the_way() {
        assertRed(over(SourceContractPayloadCatchesTest::headersAsText)::headers_arrive_as_they_were_sent, REPLACEMENT);
    }

    private static <R> Source<R> asText(Source<R> good) {
        return Retellings.readsBodiesAs(good, StandardCharsets.UTF_8);
    }

    private static <R> Source<R> asAscii(Source<R> good) {
        return Retellings.readsBodiesAs(good, StandardCharsets.US_ASCII);
    }

    private static <R> Source<R> headersAsText(Source<R> good) {
        return Retellings.readsHeadersAs(good, StandardCharsets.UTF_8);
    }
}
