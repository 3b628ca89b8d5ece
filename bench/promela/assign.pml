/*
 * A device is assigned, on powerpc HV: the scenario assign, for Spin, step by step as our machines have it.
 *
 *   spin -o3 -a [-DN=2] [-DFAULTS] [-DQUIET] [-DB1 | -DN8E | -DM_NO_DISCONNECT] assign.pml
 *
 * By hand, with the granularity of our world: one of its steps is one transition here, and what tells two of its states apart does so here,
 * orders of lists included. So without reductions both have the same number of states, and of transitions but for the one that Spin counts
 * into the first state (test/scenarios/promela.test.ts). -o3: Spin joins no steps by itself. N (1 or 2) vectors with an irqfd each, all of one
 * VM with one vCPU, and a device each that raises MSIs for ever, or none (QUIET). FAULTS: kvmppc_set_passthru_irq() may fail. Source:
 * vfio_msi_set_vector_signal(), kvm_irqfd_assign(), irqfd_shutdown(), kvm_set_irq_routing(),
 * irq_bypass_register_*() and unregister_*(), kvmppc_set_passthru_irq() of Linux 6.17.
 *
 * What needs no variable: igate and irqfds.lock, for which nobody waits here; the vCPU, which is in the guest for ever and sees what comes at
 * once; bindings: who is registered is connected with a partner that is there, once the mutex is free.
 *
 * B1: irqfd->producer is set before it has worked, and left. N8E: the shutdown job leaves what poll found in the counter. M_NO_DISCONNECT:
 * unregister forgets to disconnect.
 */
#ifndef N
#define N 1
#endif

/* Which of N a process is: there is one of each kind for each vector, by pid. */
#define VFIO (_pid)
#define KVM (_pid - N)
#define DEVICE (_pid - 2 * N)
#define SHUTDOWN (_pid - 3 * N)
#define INJECT (_pid - 4 * N)

/* A list of 0 and 1, each once at most: [], [0], [1], [0, 1], [1, 0]. */
#define APPEND(list, x) list = (list == 0 -> x + 1 : (x == 1 -> 3 : 4))
#define REMOVE(list, x) list = (list == x + 1 -> 0 : (list >= 3 -> 2 - x : list))
#define HAS(list, x) (list == x + 1 || list >= 3)
#define IS_HEAD(list, x) (list == x + 1 || list == x + 3)

/* Our properties: never true and not part of the state. What Spin reports of an assertion names the one that it is of. */
hidden byte i_archptr, i_irqexcl, i_nodup, i_nostray;

bool over;                          /* KVM_SET_GSI_ROUTING is done: the others begin */
bool mutex;                         /* the manager's */
bool producers[N];                  /* registered: by eventfd, of which each pair has its own */
bool consumers[N];
bool pointer[N];                    /* irqfd->producer is not NULL */
bool posted[N];                     /* the host irq is mapped into the VM's map of passed through irqs */

bool requested[N];                  /* VFIO: request_irq() */
bool handling[N];                   /* vfio_msihandler() runs */
bool freeing[N];                    /* free_irq() waits for it */

#define P 0
#define C 1
byte holders[N];                    /* references on an eventfd: its vector's and its irqfd's */
bool waits[N];                      /* the irqfd is on the wait queue */
bool counter[N];
bool polled[N];                     /* what was in the counter when the irqfd began to wait */

byte items;                         /* kvm->irqfds.items: the active irqfds */
bool injecting[N];                  /* what the inject job is about */
byte readers;                       /* irq_srcu: threads in KVM_IRQFD */
bool graceful[N];                   /* synchronize_srcu() of a shutdown job waits for the other thread */

byte cleanup_queue, cleanup_active; /* irqfd_cleanup_wq: shutdown jobs that are queued, and those that run */
byte cleanup_flushes;               /* threads in flush_workqueue(), and the jobs that they wait for: their own, the other */
bool flushes_own[N], flushes_other[N];
byte system_queue;                  /* the inject jobs that are queued */
byte system_flushes;                /* shutdown jobs in flush_work() of theirs */

byte due[N];                        /* MSIs that the guest has yet to see */

/* An MSI is due no more: seen, dropped, or the same as another one. */
#define SETTLE(i) due[i] = (due[i] > 0 -> due[i] - 1 : 0)

/* The guest sees an interrupt. */
inline see(i) {
  assert(i_nodup || due[i] > 0);
  SETTLE(i)
}

/* Where one of the same source is already, a second one is the same. */
inline queue_inject(i) {
  if
  :: injecting[i] -> SETTLE(i)
  :: else -> injecting[i] = true
  fi;
  if
  :: HAS(system_queue, i)
  :: else -> APPEND(system_queue, i)
  fi
}

/* After what changes one of these: while nobody has the mutex irqfd->producer is who is connected; an irq that is posted is requested. */
#define CHECK(i) \
  assert(i_archptr || mutex || pointer[i] == (producers[i] && consumers[i])); \
  assert(i_irqexcl || !posted[i] || requested[i])

/* vfio_msi_set_vector_signal(): a context, a reference, request_irq(). */
inline set_up(i) {
  atomic { APPEND(holders[i], P); requested[i] = true }
}

/* free_irq() is over: eventfd_ctx_put(), kfree(). */
inline put_trigger(i) {
  requested[i] = false;
  REMOVE(holders[i], P);
  CHECK(i)
}

inline free_irq(i) {
  if
  :: handling[i] -> freeing[i] = true
  :: else -> put_trigger(i)
  fi
}

/*
 * irq_bypass_register_*(): with a partner its callback, kvmppc_set_passthru_irq(), may fail; then it is taken out again. One step each: the
 * critical section up to the callback, the callback up to the irq, the irq and all that is left.
 */
#ifdef FAULTS
#define FAILS(i, DONE) :: atomic { mutex = false; CHECK(i); DONE }
#else
#define FAILS(i, DONE)
#endif
#ifdef B1
#define ADD_PRODUCER(i) pointer[i] = true
#else
#define ADD_PRODUCER(i) skip
#endif
#ifdef M_NO_DISCONNECT
#define FINDS(i, other) false
#else
#define FINDS(i, other) other[i]
#endif
#define REGISTER(i, own, other, DONE) \
  if \
  :: atomic { !mutex && !other[i] -> own[i] = true; CHECK(i); DONE } \
  :: atomic { !mutex && other[i] -> mutex = true }; \
     ADD_PRODUCER(i); \
     if \
     :: atomic { posted[i] = true; pointer[i] = true; own[i] = true; mutex = false; CHECK(i); DONE } \
     FAILS(i, DONE) \
     fi \
  fi

/* irq_bypass_unregister_*() of what is registered. */
#define UNREGISTER(i, own, other, DONE) \
  if \
  :: atomic { !mutex && !FINDS(i, other) -> own[i] = false; CHECK(i); DONE } \
  :: atomic { !mutex && FINDS(i, other) -> mutex = true }; \
     pointer[i] = false; \
     atomic { posted[i] = false; own[i] = false; mutex = false; CHECK(i); DONE } \
  fi

/* v0, v1: VFIO_DEVICE_SET_IRQS with an eventfd, then with -1, for ever. What is idle at first has no struct of old. */
active [N] proctype Vfio() {
  over;
  set_up(VFIO);
again:
  REGISTER(VFIO, producers, consumers, skip);
  skip;
  atomic {
    if
    :: producers[VFIO]
    :: else -> free_irq(VFIO); goto cleared
    fi
  };
  UNREGISTER(VFIO, producers, consumers, free_irq(VFIO));
cleared:
  !freeing[VFIO];
  set_up(VFIO);
  goto again
}

/* kvm_irqfd_assign(), as far as the manager: the read section, the route under irqfds.lock, vfs_poll(). */
inline assign(i) {
  atomic {
    APPEND(holders[i], C);
    APPEND(readers, i);
    waits[i] = true;
    APPEND(items, i);
    if
    :: counter[i] || polled[i] -> counter[i] = false; polled[i] = true; queue_inject(i)
    :: else
    fi
  }
}

/* A read section is over: of those that wait for it, too. */
inline leave(i) {
  REMOVE(readers, i);
  graceful[N - 1 - i] = false
}

/* kvm_irqfd_deassign(), as far as the flush. */
inline deassign(i) {
  atomic {
    REMOVE(items, i);
    flushes_other[i] = N > 1 && (HAS(cleanup_active, (1 - i)) || HAS(cleanup_queue, (1 - i)));
    flushes_own[i] = true;
    APPEND(cleanup_queue, i);
    APPEND(cleanup_flushes, i)
  }
}

/* k0, k1: KVM_IRQFD, then with KVM_IRQFD_FLAG_DEASSIGN, for ever. */
active [N] proctype Kvm() {
  over;
  assign(KVM);
again:
  REGISTER(KVM, consumers, producers, leave(KVM));
  skip;
  deassign(KVM);
  atomic { !flushes_own[KVM] && !flushes_other[KVM] -> REMOVE(cleanup_flushes, KVM) };
  skip;
  assign(KVM);
  goto again
}

/* A device raises MSIs, one at a time, for ever. */
active [N] proctype Device() {
#ifdef QUIET
end:
  false
#else
  do
  :: atomic { posted[DEVICE] -> assert(i_nostray || requested[DEVICE] && HAS(holders[DEVICE], C)) }
  :: atomic { !posted[DEVICE] -> due[DEVICE]++ };
     if
     :: atomic { !requested[DEVICE] -> SETTLE(DEVICE) }
     :: atomic { requested[DEVICE] -> handling[DEVICE] = true };
        /* eventfd_signal(), under wqh.lock: whoever waits consumes it. */
        atomic {
          if
          :: waits[DEVICE] ->
             polled[DEVICE] = false;
             if
             :: HAS(items, DEVICE) -> see(DEVICE)
             :: else -> queue_inject(DEVICE)
             fi
          :: else ->
             if
             :: counter[DEVICE] -> SETTLE(DEVICE)
             :: else -> counter[DEVICE] = true
             fi
          fi;
          handling[DEVICE] = false;
          if
          :: freeing[DEVICE] -> freeing[DEVICE] = false; put_trigger(DEVICE)
          :: else
          fi
        }
     fi
  od
#endif
}

/* The irqfd is freed, its job over. */
inline freed(i) {
  pointer[i] = false;
  REMOVE(holders[i], C);
  REMOVE(cleanup_active, i);
  flushes_own[i] = false;
  flushes_other[N - 1 - i] = false
}

/* irqfd_shutdown() from the wait queue on, in the step that is under way; it goes on where it is not over by then. */
inline leave_wait_queue(i) {
  waits[i] = false;
  if
  :: counter[i] -> SETTLE(i)
  :: else
  fi;
#ifdef N8E
  counter[i] = counter[i] || polled[i];
#else
  counter[i] = false;
#endif
  polled[i] = false;
  if
  :: HAS(system_queue, i) -> APPEND(system_flushes, i); goto flushing
  :: else
  fi;
  if
  :: consumers[i] -> goto unregistering
  :: else -> freed(i); goto idle
  fi
}

/* The jobs of irqfd_cleanup_wq. */
active [N] proctype Shutdown() {
idle:
  atomic {
    IS_HEAD(cleanup_queue, SHUTDOWN) ->
    REMOVE(cleanup_queue, SHUTDOWN);
    APPEND(cleanup_active, SHUTDOWN);
    if
    :: readers != 0 -> graceful[SHUTDOWN] = true; goto synchronizing
    :: else
    fi;
    leave_wait_queue(SHUTDOWN)
  };
synchronizing:
  atomic { !graceful[SHUTDOWN] -> leave_wait_queue(SHUTDOWN) };
flushing:
  atomic {
    !HAS(system_queue, SHUTDOWN) ->
    REMOVE(system_flushes, SHUTDOWN);
    if
    :: consumers[SHUTDOWN]
    :: else -> freed(SHUTDOWN); goto idle
    fi
  };
unregistering:
  UNREGISTER(SHUTDOWN, consumers, producers, freed(SHUTDOWN));
  goto idle
}

/* irqfd_inject() */
active [N] proctype Inject() {
  do
  :: atomic {
       IS_HEAD(system_queue, INJECT) ->
       REMOVE(system_queue, INJECT);
       injecting[INJECT] = false;
       see(INJECT)
     }
  od
}

/* r0: KVM_SET_GSI_ROUTING; on powerpc the route comes first, and stays. The table under kvm->irq_lock, then irqfds.lock. */
active proctype Route() {
  skip;
  skip;
  over = true;
end:
  false
}
