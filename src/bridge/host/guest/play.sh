# Plays each sequence of /mnt/seq with a trace of its own; leaves trace, ground truth and kernel messages in /mnt/out.
cd /mnt
T=/sys/kernel/tracing
tracer=$(cat tracer)
echo 0 > $T/tracing_on; echo nop > $T/current_tracer; echo mono > $T/trace_clock; echo 8000 > $T/buffer_size_kb
if [ -s probes ]; then
  while read -r probe; do echo "$probe" >> $T/kprobe_events 2> /dev/null || echo "HOST-SKIP $probe"; done < probes
  echo 1 > $T/events/irqbypass/enable
fi
if [ -s filter ]; then while read -r f; do echo "$f" >> $T/set_ftrace_filter 2> /dev/null || echo "HOST-SKIP $f"; done < filter; fi
case $tracer in
function) echo function > $T/current_tracer;;
graph) echo 1 > $T/options/funcgraph-abstime; echo 1 > $T/options/funcgraph-proc; echo function_graph > $T/current_tracer;;
bpftrace)
  # One for all sequences: it takes long to start.
  mkdir /tmp/bpftrace; mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 bpftrace /tmp/bpftrace
  cut -d ' ' -f 1 $T/available_filter_functions > /tmp/functions
  while read -r line; do
    f=${line#*:}; f=${f%% *}
    if grep -qx "$f" /tmp/functions; then echo "$line"; else echo "HOST-SKIP $f" >&2; fi
  done < probes.bt > /tmp/probes.bt
  # A line of our own says that what came before it was printed.
  echo 'kprobe:__arm64_sys_sync { printf("mark\n"); }' >> /tmp/probes.bt
  B=/tmp/bpftrace
  $B/lib/ld-linux-aarch64.so.1 --library-path $B/lib $B/bpftrace -B line -f json /tmp/probes.bt > /tmp/bt.out 2> /tmp/bt.err &
  bt=$!
  # It says that it is ready before it is.
  tries=0
  until grep -q mark /tmp/bt.out; do
    sleep 0.5; tries=$((tries + 1))
    kill -0 $bt 2> /dev/null || { echo "HOST-FAIL bpftrace: $(tail -n 1 /tmp/bt.err)"; poweroff -f; }
    [ $tries -lt 240 ] || { echo "HOST-FAIL bpftrace shows nothing after two minutes"; poweroff -f; }
    sync
  done
  sleep 2;;
esac
dmesg -c > /dev/null
for s in seq/*.s; do
  n=$(basename $s .s)
  echo > $T/trace
  case $tracer in
  none) ;;
  bpftrace) before=$(wc -c < /tmp/bt.out); marks=$(grep -c mark /tmp/bt.out);;
  *) echo 1 > $T/tracing_on;;
  esac
  timeout -s KILL 60 ./irqtest $s /tmp/truth -m 2> /tmp/err; rc=$?
  sleep 0.2; echo 0 > $T/tracing_on
  case $tracer in
  none) ;;
  bpftrace)
    sync
    for i in $(seq 100); do [ "$(grep -c mark /tmp/bt.out)" = "$marks" ] || break; sleep 0.1; done
    # Other CPUs have buffers of their own.
    sleep 0.5
    { head -n 1 /tmp/bt.out; tail -c +$((before + 1)) /tmp/bt.out; } | grep -v '"mark' > out/$n.log
    # Without its mark nobody knows what is missing.
    [ "$(grep -c mark /tmp/bt.out)" != "$marks" ] || echo '{"type": "lost_events", "data": {"events": 1}}' >> out/$n.log;;
  *) cat $T/trace > out/$n.log;;
  esac
  cp /tmp/truth out/$n.truth; cp /tmp/err out/$n.err; dmesg -c > out/$n.dmesg
  echo "HOST-RUN $n $rc"
done
echo "HOST-DONE"
