package io.lastcall.testkit.broker;

import java.io.IOException;

/**
 * Runs ElasticMQ in a JVM of its own, configured by system properties, until its standard input ends: so it does not outlive a
 * test that was killed. By reflection, since brokers are on no compile class path.
 */
final class ElasticMqMain {

    static final String READY = "elasticmq ready";

    private ElasticMqMain() {}

    public static void main(String[] none) throws ReflectiveOperationException, IOException {
        Object properties = Class.forName("com.typesafe.config.ConfigFactory")
                .getMethod("load")
                .invoke(null);
        Class<?> settings = Class.forName("org.elasticmq.server.config.ElasticMQServerConfig");
        Class<?> server = Class.forName("org.elasticmq.server.ElasticMQServer");
        Object config = settings.getConstructor(Class.forName("com.typesafe.config.Config"))
                .newInstance(properties);
        server.getMethod("start").invoke(server.getConstructor(settings).newInstance(config)); // returns when bound
        System.out.println(READY);
        while (System.in.read() >= 0) {
            // Nobody writes; what counts is the end.
        }
        System.exit(0);
    }
}
