# Plays each sequence of /mnt/seq with a trace of its own; leaves trace, ground truth and kernel messages in /mnt/out.
cd /mnt
T=/sys/kernel/tracing
echo 0 > $T/tracing_on; echo nop > $T/current_tracer; echo mono > $T/trace_clock; echo 8000 > $T/buffer_size_kb
if [ -s probes ]; then
  while read -r probe; do echo "$probe" >> $T/kprobe_events 2> /dev/null || echo "HOST-SKIP $probe"; done < probes
  echo 1 > $T/events/irqbypass/enable
fi
if [ -s filter ]; then while read -r f; do echo "$f" >> $T/set_ftrace_filter 2> /dev/null || echo "HOST-SKIP $f"; done < filter; fi
case $(cat tracer) in
function) echo function > $T/current_tracer;;
graph) echo 1 > $T/options/funcgraph-abstime; echo 1 > $T/options/funcgraph-proc; echo function_graph > $T/current_tracer;;
esac
dmesg -c > /dev/null
for s in seq/*.s; do
  n=$(basename $s .s)
  echo > $T/trace; [ "$(cat tracer)" = none ] || echo 1 > $T/tracing_on
  timeout -s KILL 60 ./irqtest $s /tmp/truth -m 2> /tmp/err; rc=$?
  sleep 0.2; echo 0 > $T/tracing_on
  [ "$(cat tracer)" = none ] || cat $T/trace > out/$n.log
  cp /tmp/truth out/$n.truth; cp /tmp/err out/$n.err; dmesg -c > out/$n.dmesg
  echo "HOST-RUN $n $rc"
done
echo "HOST-DONE"
