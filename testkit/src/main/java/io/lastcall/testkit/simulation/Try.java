package io.lastcall.testkit.simulation;
import java.util.*;
final class Try {
    public static void main(String[] a) {
        long from = Long.parseLong(a[0]); int n = Integer.parseInt(a[1]);
        boolean print = a.length > 2;
        Coverage c = new Coverage();
        TreeMap<String,Integer> by = new TreeMap<>(); TreeMap<String,String> first = new TreeMap<>();
        int bad=0; long ev=0; long t=System.nanoTime(); var mx=java.lang.management.ManagementFactory.getThreadMXBean(); long cpu=mx.getCurrentThreadCpuTime();
        for (long s=from; s<from+n; s++) {
            History h = null;
            try { h = Script.play(s, Planting::new, c);
            List<Violation> v = Checker.check(h.events()); ev+=h.events().size();
            if (print) System.out.println(h);
            if (!v.isEmpty()) { bad++; String k=v.get(0).invariant()+" "+v.get(0).text().replaceAll("[0-9]+","N").replaceAll("\\(m.*?\\)",""); if (k.length()>150) k=k.substring(0,150); by.merge(k,1,Integer::sum); first.merge(k, s+" ("+h.events().size()+" events)", (x,y)->{ int nx=Integer.parseInt(x.replaceAll(".*\\((\\d+) events.*","$1")), ny=Integer.parseInt(y.replaceAll(".*\\((\\d+) events.*","$1")); return ny<nx?y:x;}); if(print) v.forEach(System.out::println);}
            } catch (Throwable e) { System.out.println("seed "+s); e.printStackTrace(System.out); if (h!=null) System.out.println(h); return; }
        }
        double sec=(System.nanoTime()-t)/1e9;
        by.entrySet().stream().sorted((x,y)->y.getValue()-x.getValue()).forEach(e->System.out.println(e.getValue()+"x "+e.getKey()+"  e.g. seed "+first.get(e.getKey())));
        System.out.printf("%d schedules, %d bad, %.1f s, %.0f us cpu each, %d events each%n", n, bad, sec, (mx.getCurrentThreadCpuTime()-cpu)/1e3/n, ev/n);
    }
}
