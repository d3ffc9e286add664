/**
 * What an adapter implements ({@link io.lastcall.spi.SourceFactory}, {@link io.lastcall.spi.Source}) and what it is given
 * ({@link io.lastcall.spi.Intake}, {@link io.lastcall.spi.Lane}). For writers of adapters; applications need none of it.
 */
@NullMarked
package io.lastcall.spi;

import org.jspecify.annotations.NullMarked;
