package io.lastcall.examples.demo;

import java.io.Console;

/** Whether somebody looks at what we print. Stateless. */
final class Terminal {

    private Terminal() {}

    /** From Java 22 on a console may be there without a terminal, and says so itself; before, it never is. */
    @SuppressWarnings("SystemConsoleNull") // on 17 it may be
    static boolean isThere() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException before22) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
