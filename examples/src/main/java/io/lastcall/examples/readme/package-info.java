/** The code of the documents, compiled. */
@NullMarked
package io.lastcall.examples.readme;

import org.jspecify.annotations.NullMarked;
