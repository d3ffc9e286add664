package io.lastcall.testkit.simulation;
final class Try3 {
    public static void main(String[] a) throws Exception {
        for (PlantedFault f : PlantedFault.values()) {
            long t=System.nanoTime();
            var r = f.find(1, 20000, 2);
            System.out.println(f.number()+" "+f+" "+r.map(x->"seed "+x.seed()+" "+x.violations().get(0)).orElse("NOT FOUND")+" "+(System.nanoTime()-t)/1000000+" ms");
        }
    }
}
