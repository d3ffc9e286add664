package io.lastcall.testkit.simulation;
final class Try2 {
    public static void main(String[] a) throws Exception {
        var r = Simulation.run(Long.parseLong(a[0]), Long.parseLong(a[1]), 2);
        System.out.println(r.coverage().table());
        System.out.println(r.schedules()+" "+r.took()+" rarest "+r.coverage().rarest());
        r.failures().stream().limit(12).forEach(f -> System.out.println(f.seed()+" "+f.violations().get(0)));
    }
}
