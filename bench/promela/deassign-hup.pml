/*
 * KVM_IRQFD, its deassign and EPOLLHUP race: the scenario deassign-hup, for Spin.
 *
 *   spin -a [-DB4A | -DB9] deassign-hup.pml
 *
 * By hand, from what is known of Linux 6.17 (kernel-spec 3.1, 3.3, 4.1, bugs B4 and B9); not from our machines. One thread assigns the
 * irqfd and deassigns it, another one closes the last descriptor of its eventfd. Whoever finds the irqfd in kvm->irqfds.items takes it off
 * and queues its shutdown job, which waits by SRCU until KVM_IRQFD is over. What came before, s0, has happened: the producer is registered.
 * Coarser than our machines: the manager is its mutex and the binding; one irqfd, so that items is a flag; the vCPU is in the guest for
 * ever. Finer: the descriptor's reference on the file is one of those on the eventfd; wqh.lock and irqfds.lock are both locks that are
 * held over several steps, so that their two orders could meet; a read section is entered and left.
 *
 * B4A: deassign clears the type of the route, by which del_producer tells whether to unpost. B9: KVM_IRQFD holds no reference on the file,
 * and the shutdown job does not wait for it.
 */

/* Our properties: never true and not part of the state. What Spin reports of an assertion names the one that it is of. */
hidden byte i_once, i_noshut, i_deadobj, i_keyref, i_evref, i_leak, i_unpost, i_irqexcl, i_irte, i_nostray, i_noloss, i_nodup, l_shut;

/* The eventfd. */
bool open = true;                  /* is there a descriptor? */
byte files = 1;                    /* references on the file: the descriptor's, and those of system calls */
byte references = 2;               /* on the context: the file's, VFIO's, the irqfd's, deassign's */
bool counter;
bool waits;                        /* the irqfd is on the wait queue */

/* KVM: struct kvm_kernel_irqfd. What is freed reads as 0. */
bool assigning;                    /* KVM_IRQFD is under way */
bool alive, freed;
bool is_active;                    /* in kvm->irqfds.items */
bool is_msi;                       /* irq_entry.type */
bool bypass_vcpu;                  /* irq_bypass_vcpu is not NULL */
bool injects;                      /* the inject job is queued */
bool shuts_down;                   /* the shutdown job is queued, or runs */
byte readers;                      /* read sections of irq_srcu */

/* VFIO: struct vfio_pci_irq_ctx. */
bool has_trigger = true;           /* its reference on the eventfd */
bool requested = true;
bool handling;                     /* vfio_msihandler() runs */

/* The manager: which halves have a key, are they bound? */
bool has_producer = true;
bool has_consumer;
bool bound;

bool irte, cached;                 /* does the IRTE post to the vCPU; what the interrupt entry cache has of it */
bool due;                          /* an MSI that the guest has yet to see */

bool mutex, irqfds_lock, wqh_lock;
byte over;                         /* threads of the scenario that are done */

#define LOCK(lock) atomic { !lock -> lock = true }
#define UNLOCK(lock) lock = false

/* The guest runs: what is posted or injected it sees at once. */
inline see() {
  d_step { assert(i_nodup || due); due = false }
}

/* eventfd_ctx_put(). Of the last reference: what is in the counter goes as well, a declared gap. */
inline put_eventfd() {
  d_step {
    references--;
    if
    :: references == 0 && counter -> counter = false; due = false
    :: else
    fi
  }
}

/* modify_irte(), then qi_flush_iec() is waited for. */
inline write_irte(is_posted) {
  irte = is_posted;
  cached = is_posted;
  bypass_vcpu = is_posted
}

/* kvm_arch_irq_bypass_add_producer(), under irqfds.lock; one whose route is no MSI connects all the same. */
inline add_producer() {
  LOCK(irqfds_lock);
  if :: is_msi -> write_irte(true) :: else fi;
  UNLOCK(irqfds_lock)
}

/* kvm_arch_irq_bypass_del_producer(), under irqfds.lock. */
inline del_producer() {
  LOCK(irqfds_lock);
#ifdef B4A
  if :: is_msi && bypass_vcpu -> write_irte(false) :: else fi;
#else
  if :: bypass_vcpu -> write_irte(false) :: else fi;
#endif
  UNLOCK(irqfds_lock)
}

/* irq_bypass_register_consumer(), irq_bypass_unregister_consumer(), irq_bypass_unregister_producer(): the key is set last of all; one that
   has none is not registered, which is looked at without the mutex. An irq that no pair is bound for goes to the host. */
inline register_consumer() {
  LOCK(mutex);
  if
  :: has_producer -> add_producer(); bound = true
  :: else
  fi;
  d_step { has_consumer = true; UNLOCK(mutex) }
}

inline unregister(half) {
  if
  :: half ->
     LOCK(mutex);
     if
     :: bound -> del_producer(); bound = false
     :: else
     fi;
     d_step { half = false; assert(i_unpost || bound || !irte); UNLOCK(mutex) }
  :: else
  fi
}

/* irqfd_deactivate(), with irqfds.lock held: off the list, and the job is queued. */
inline deactivate() {
  d_step {
    assert(i_once || is_active && !shuts_down);
    is_active = false;
    shuts_down = true
  }
}

/* eventfd_release(): EPOLLHUP to whoever waits, under wqh.lock; then the file's reference. */
inline release_file() {
  LOCK(wqh_lock);
  if
  :: waits ->
     LOCK(irqfds_lock);
     if :: is_active -> deactivate() :: else fi;
     UNLOCK(irqfds_lock)
  :: else
  fi;
  UNLOCK(wqh_lock);
  put_eventfd()
}

inline put_file() {
  atomic { files--; is_last = files == 0 };
  if :: is_last -> release_file() :: else fi
}

/* irqfd_shutdown(), on irqfd_cleanup_wq. */
active proctype Worker() {
end:
  do
  :: shuts_down ->
#ifndef B9
     readers == 0;                  /* synchronize_srcu() */
#endif
     /* eventfd_ctx_remove_wait_queue() also empties the counter. */
     LOCK(wqh_lock);
     d_step { assert(i_noloss || !counter); waits = false; counter = false };
     UNLOCK(wqh_lock);
     !injects;                      /* flush_work() */
     unregister(has_consumer);
     put_eventfd();
     d_step {
       alive = false;
       freed = true;
       is_msi = false;
       bypass_vcpu = false;
       shuts_down = false
     }
  od
}

/* KVM_IRQFD: the file, the read section, then both locks in the order that EPOLLHUP has the other way round: it cannot come as long as the
   file is held. */
inline assign() {
  atomic {
    open ->
    assigning = true;
    references++;
#ifndef B9
    files++;
#endif
    alive = true
  };
  readers++;
  LOCK(irqfds_lock);
  is_msi = true;                    /* irqfd_update() */
  LOCK(wqh_lock);
  atomic {
    waits = true;
    if
    :: counter -> counter = false; injects = true       /* EPOLLIN already: nothing that poll finds is to be lost */
    :: else
    fi
  };
  UNLOCK(wqh_lock);
  is_active = true;
  UNLOCK(irqfds_lock);
  register_consumer();
  readers--;
  /* What fput() of the last reference leaves to do is done when the call has returned. */
  assigning = false;
#ifndef B9
  put_file()
#endif
}

/* KVM_IRQFD_FLAG_DEASSIGN: under irqfds.lock what is active is deactivated; the jobs are waited for. */
inline deassign() {
  atomic { open -> references++ };
  LOCK(irqfds_lock);
  if
  :: is_active ->
#ifdef B4A
     is_msi = false;
#endif
     deactivate()
  :: else
  fi;
  UNLOCK(irqfds_lock);
  put_eventfd();
  !shuts_down                       /* flush_workqueue() */
}

/* k0. -EBADF where the descriptor is closed. */
active proctype Kvm() {
  bool is_last;
  if
  :: assign()
  :: !open
  fi;
  if
  :: deassign()
  :: !open
  fi;
  over++
}

/* h0: close() of the last descriptor. */
active proctype Close() {
  bool is_last;
  open = false;
  put_file();
  over++
}

/* z0, after both: VFIO lets go of its vector. */
active proctype Teardown() {
  over == 2;
  unregister(has_producer);
  atomic { !handling -> requested = false };
  has_trigger = false;
  put_eventfd()
}

/* A device raises one MSI: translated by what the cache has, posted, or handled by the host. */
active proctype Device() {
  if
  :: d_step { cached -> due = true; assert(i_nostray || alive) };
     see()
  :: d_step { !cached -> due = true };
     if
     :: atomic { requested -> handling = true };
        /* eventfd_signal(): irqfd_wakeup() of whoever waits consumes it. Of an inactive one the cached route may be old: the job's. */
        LOCK(wqh_lock);
        assert(i_evref || has_trigger);
        if
        :: waits && is_active && is_msi -> see()
        :: waits && !(is_active && is_msi) -> injects = true
        :: !waits -> counter = true
        fi;
        UNLOCK(wqh_lock);
        handling = false
     :: d_step { !requested -> due = false }             /* no handler: a declared gap */
     fi
  fi
}

/* irqfd_inject(), which looks the route up. */
active proctype Inject() {
end:
  do
  :: injects -> see(); injects = false
  od
}

/* In every state, or while nobody is at it: one that is wrong can be left by nothing but its assertion. */
#define IDLE (!mutex && !irqfds_lock)
#define FOLLOWS (irte == (bound && is_msi))

active proctype Invariants() {
end:
  do
  :: atomic { freed && assigning -> assert(i_noshut || !freed) }
  :: atomic { freed && has_consumer -> assert(i_deadobj || !has_consumer) }
  :: atomic { references == 0 && (has_producer || has_consumer) -> assert(i_keyref || references > 0) }
  :: atomic { irte && !requested -> assert(i_irqexcl || !irte) }
  :: atomic { IDLE && !FOLLOWS -> assert(i_irte || FOLLOWS) }
  od
}

/* Where nothing moves any more: what was deactivated is freed, nothing is registered; an MSI in the counter of an eventfd that nobody waits
   on is kept for whoever comes next. */
active proctype End() {
  timeout ->
  assert(l_shut || !alive || is_active || assigning);
  assert(i_leak || !has_producer && !has_consumer);
  assert(i_noloss || !due || counter && !waits)
}
