/*
 * Two devices come and go while their interrupts fly, to two vCPUs: the scenario hot-unplug, for Spin.
 *
 *   spin -a [-DB4A | -DB8] hot-unplug.pml
 *
 * By hand, from what is known of Linux 6.17 (kernel-spec 3.1, 3.3, 4.1, 4.2, part 5, bugs B4 and B8); not from our machines. VFIO registers
 * the producer of the first pair and takes it away again, KVM deassigns the irqfd of the second, user space moves the first route: all at
 * once, under the manager's mutex and irqfds.lock. What came before, s0, has happened. Coarser than our machines: the manager is its mutex
 * and the binding of each pair (eventfds differ, so that no search is needed), vCPUs are in the guest for ever, irq_srcu is not there,
 * as what a routing update and a shutdown job would wait for by it is no process here. Finer: the IRTE and irq_bypass_vcpu are written one
 * after the other, and a host interrupt is on its way before its handler runs.
 *
 * B4A: deassign clears the type of the route, by which del_producer tells whether to unpost. B8: the callbacks take no irqfds.lock.
 */
#define NONE 0                      /* of an IRTE: to the host; of a route: not an MSI; of irq_bypass_vcpu: NULL; else number of vCPU + 1 */
#define VCPU0 1
#define VCPU1 2

/* Our properties: never true and not part of the state. What Spin reports of an assertion names the one that it is of. */
hidden byte i_unpost, i_irqexcl, i_irte, i_belief, i_archptr, i_lockprot, i_nocorrupt, i_nostray, i_noloss, i_nodup;

typedef Pair {
  /* KVM: struct kvm_kernel_irqfd. */
  bool alive;                       /* not freed yet */
  bool is_active;                    /* in kvm->irqfds.items */
  bool waits;                       /* on the wait queue of its eventfd */
  bool injects;                     /* the inject job is queued */
  byte entry;                       /* irq_entry, the route that it has cached */
  bool producer;                    /* irqfd->producer is not NULL */
  byte bypass_vcpu;                 /* irq_bypass_vcpu */
  /* VFIO: struct vfio_pci_irq_ctx; false where it is freed. */
  bool ctx;
  bool requested;
  bool handling;                    /* vfio_msihandler() runs */
  /* The manager: is the producer registered, is the pair bound? */
  bool registered;
  bool bound;
  /* The host irq: its descriptor's lock, the IRTE, and what the interrupt entry cache has of that. */
  bool desc_lock;
  byte irte;
  byte cached;
  byte route;                       /* the VM's routing table */
  bool counter;                     /* the eventfd's */
  bool due;                         /* an MSI that the guest has yet to see */
};
Pair pair[2];

byte mutex;                         /* the manager's; of a lock: who holds it, by pid + 1 */
byte irqfds_lock;
byte over;                          /* threads of the scenario that are done */

#define LOCK(lock) atomic { lock == 0 -> lock = _pid + 1 }
#define UNLOCK(lock) lock = 0

/* Writes of irqfd->producer and irq_bypass_vcpu. */
#define WRITE(field, value) d_step { assert(i_lockprot || irqfds_lock == _pid + 1); field = value }

/* The guest runs: what is posted or injected it sees at once. */
inline see(i) {
  d_step { assert(i_nodup || pair[i].due); pair[i].due = false }
}

/* irq_set_vcpu_affinity(): under the lock of the irq's descriptor, modify_irte(), then qi_flush_iec() is waited for. */
inline write_irte(i, vcpu) {
  atomic { !pair[i].desc_lock -> pair[i].desc_lock = true };
  pair[i].irte = vcpu;
  pair[i].cached = vcpu;
  pair[i].desc_lock = false
}

/* pi_update_irte(): where nothing is posted and nothing is to be, the IOMMU is left alone. */
inline pi_update_irte(i, vcpu) {
  if
  :: pair[i].bypass_vcpu == NONE && vcpu == NONE
  :: else ->
     write_irte(i, vcpu);
     WRITE(pair[i].bypass_vcpu, vcpu)
  fi
}

#ifdef B8
#define LOCK_CALLBACK skip
#define UNLOCK_CALLBACK skip
#else
#define LOCK_CALLBACK LOCK(irqfds_lock)
#define UNLOCK_CALLBACK UNLOCK(irqfds_lock)
#endif

/* kvm_arch_irq_bypass_add_producer(): a route that cannot be posted connects all the same. */
inline add_producer(i, vcpu) {
  LOCK_CALLBACK;
  WRITE(pair[i].producer, true);
  vcpu = pair[i].entry;
  if
  :: vcpu != NONE -> pi_update_irte(i, vcpu)
  :: else
  fi;
  UNLOCK_CALLBACK
}

/* kvm_arch_irq_bypass_del_producer(): the pointer goes after the IRTE. */
inline del_producer(i) {
  LOCK_CALLBACK;
#ifdef B4A
  if
  :: pair[i].entry != NONE -> pi_update_irte(i, NONE)
  :: else
  fi;
#else
  pi_update_irte(i, NONE);
#endif
  d_step {
    assert(i_lockprot || irqfds_lock == _pid + 1);
    pair[i].producer = false;
    pair[i].bypass_vcpu = NONE      /* pi_update_irte() has done so, but for the bug */
  };
  UNLOCK_CALLBACK
}

/* irq_bypass_register_producer(): the consumer is there. The binding comes last. */
inline register_producer(i, vcpu) {
  LOCK(mutex);
  add_producer(i, vcpu);
  pair[i].registered = true;
  d_step { pair[i].bound = true; UNLOCK(mutex) }
}

/* An irq that no pair is bound for goes to the host, whoever unregistered. */
#define UNPOSTED(i) (pair[i].bound || pair[i].irte == NONE)

/* Either half's unregister. */
inline unregister(i) {
  LOCK(mutex);
  if
  :: pair[i].bound -> del_producer(i); pair[i].bound = false
  :: else
  fi;
  d_step { assert(i_unpost || UNPOSTED(0) && UNPOSTED(1)); UNLOCK(mutex) }
}

/* vfio_msi_set_vector_signal() with -1: unregister, free_irq() which waits for the handler, eventfd_ctx_put(), kfree(). */
inline clear_irqs(i) {
  unregister(i);
  pair[i].registered = false;
  atomic { !pair[i].handling -> pair[i].requested = false };
  pair[i].ctx = false
}

/* irqfd_shutdown(): software path first, bypass path next. */
proctype Shutdown(byte i) {
  /* eventfd_ctx_remove_wait_queue() also empties the counter. */
  d_step { assert(i_noloss || !pair[i].counter); pair[i].waits = false; pair[i].counter = false };
  !pair[i].injects;                 /* flush_work() */
  unregister(i);
  pair[i].alive = false
}

/* kvm_irqfd_deassign(), and the flush of irqfd_cleanup_wq. */
inline deassign(i) {
  LOCK(irqfds_lock);
#ifdef B4A
  pair[i].entry = NONE;
#endif
  pair[i].is_active = false;
  run Shutdown(i);
  UNLOCK(irqfds_lock);
  !pair[i].alive
}

/* v0: VFIO_DEVICE_SET_IRQS with an eventfd, then with -1. The producer is a fresh allocation. */
proctype Vfio() {
  byte vcpu;
  pair[0].ctx = true;
  pair[0].requested = true;
  register_producer(0, vcpu);
  clear_irqs(0);
  over++
}

/* k1 */
proctype Deassign() {
  deassign(1);
  over++
}

/* r0: KVM_SET_GSI_ROUTING. The table, then under irqfds.lock the active irqfd, whose producer is used once it was seen. */
proctype Route() {
  bool is_same;
  pair[0].route = VCPU1;
  LOCK(irqfds_lock);
  if
  :: pair[0].is_active ->
     d_step { is_same = pair[0].entry == VCPU1; pair[0].entry = VCPU1 };
     if
     :: pair[0].producer ->
        if
        :: !pair[0].ctx -> assert(i_nocorrupt || pair[0].ctx)          /* producer->irq of what is freed */
        :: pair[0].ctx && is_same
        :: pair[0].ctx && !is_same -> pi_update_irte(0, VCPU1)
        fi
     :: !pair[0].producer
     fi
  :: else
  fi;
  UNLOCK(irqfds_lock);
  over++
}

/* z0, after all of them: the other halves go. */
proctype Teardown() {
  over == 3;
  deassign(0);
  clear_irqs(1)
}

/* irqfd_wakeup(): an active one with an MSI for a route injects at once; else it is the job's, which looks the route up. */
inline wakeup(i) {
  if
  :: pair[i].is_active && pair[i].entry != NONE -> see(i)
  :: else -> pair[i].injects = true
  fi
}

/* A device raises one MSI: translated by what the cache has, posted, or handled by the host. */
proctype Device(byte i) {
  if
  :: d_step { pair[i].cached != NONE ->
       pair[i].due = true;
       assert(i_nostray || pair[0].alive || pair[1].alive)
     };
     see(i)
  :: d_step { pair[i].cached == NONE -> pair[i].due = true };
     if
     :: atomic { pair[i].requested -> pair[i].handling = true };
        /* eventfd_signal(), under wqh.lock: whoever waits consumes it. */
        atomic {
          if
          :: pair[i].waits -> wakeup(i)
          :: else -> pair[i].counter = true
          fi
        };
        pair[i].handling = false
     :: d_step { !pair[i].requested -> pair[i].due = false }           /* no handler: a declared gap */
     fi
  fi
}

/* irqfd_inject() */
proctype Inject(byte i) {
end:
  do
  :: atomic { pair[i].injects -> see(i); pair[i].injects = false }
  od
}

/* All of these while nobody is at it: one that is wrong can be left by nothing but its assertion. */
#define IDLE (mutex == 0 && irqfds_lock == 0)
#define WANTED(i) (pair[i].bound -> pair[i].entry : NONE)
#define BELIEVED(i) (!pair[i].producer || pair[i].bypass_vcpu == pair[i].irte)
#define EXCLUSIVE(i) (pair[i].irte == NONE || pair[i].requested)

proctype Invariants() {
end:
  do
  :: atomic { !EXCLUSIVE(0) || !EXCLUSIVE(1) -> assert(i_irqexcl || EXCLUSIVE(0) && EXCLUSIVE(1)) }
  :: atomic { IDLE && (pair[0].irte != WANTED(0) || pair[1].irte != WANTED(1)) ->
       assert(i_irte || pair[0].irte == WANTED(0) && pair[1].irte == WANTED(1))
     }
  :: atomic { IDLE && !(BELIEVED(0) && BELIEVED(1)) -> assert(i_belief || BELIEVED(0) && BELIEVED(1)) }
  :: atomic { IDLE && (pair[0].producer != pair[0].bound || pair[1].producer != pair[1].bound) ->
       assert(i_archptr || pair[0].producer == pair[0].bound && pair[1].producer == pair[1].bound)
     }
  od
}

/* Where nothing moves any more: an MSI in the counter of an eventfd that nobody waits on is kept for whoever comes next. */
#define LOST(i) (pair[i].due && !(pair[i].counter && !pair[i].waits))

proctype End() {
  timeout -> assert(i_noloss || !LOST(0) && !LOST(1))
}

/* s0: both irqfds are assigned; the second pair is connected. */
init {
  atomic {
    byte i;
    for (i : 0 .. 1) {
      pair[i].alive = true;
      pair[i].is_active = true;
      pair[i].waits = true;
      pair[i].route = i + 1;
      pair[i].entry = i + 1
    };
    pair[1].ctx = true;
    pair[1].requested = true;
    pair[1].registered = true;
    pair[1].bound = true;
    pair[1].producer = true;
    pair[1].bypass_vcpu = VCPU1;
    pair[1].irte = VCPU1;
    pair[1].cached = VCPU1;
    run Invariants();
    run End();
    for (i : 0 .. 1) {
      run Device(i);
      run Inject(i)
    };
    run Vfio();
    run Deassign();
    run Route();
    run Teardown()
  }
}
