@NullMarked
package io.lastcall.sqs;

import org.jspecify.annotations.NullMarked;
