package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is quick about characters says the same as what is plain, of each that there is. */
class CharsTest {

    @Test
    void findsEachOfTheCharactersAndNoOther() {
        String chars = "/?#&;=@";
        List<Character> found = new ArrayList<>();
        for (int c = 0; c <= Character.MAX_VALUE; c++) {
            if (Chars.indexOfAny("a" + (char) c, 0, chars) == 1) {
                found.add((char) c);
            }
        }
        assertThat(found).containsExactly('#', '&', '/', ';', '=', '?', '@');
    }

    @Test
    void takesEachDigitOfAnyScriptForOne() {
        List<Integer> missed = new ArrayList<>();
        for (int c = 0x80; c <= Character.MAX_VALUE; c++) {
            if (Character.isDigit((char) c) && !Folding.mayHide((char) c)) {
                missed.add(c);
            }
        }
        assertThat(missed).isEmpty();
    }
}
