/*
 * A vCPU of VMX blocks, and the first device of its VM arrives: who wakes it? The scenario block-and-wake, for Spin.
 *
 *   spin -a [-DUNPLUG] [-DIPIV] [-DB13A | -DB13B | -DB14] block-and-wake.pml
 *
 * By hand, from what is known of Linux 6.17 (kernel-spec 3.1, 3.3, 4.1, 4.2, bugs B13 and B14); not from our machines, which have other
 * steps. Finer than those: TASK_INTERRUPTIBLE and schedule(), wakeup_vcpus_on_cpu_lock, the wakeup vector as an interrupt of its own,
 * ON and the PIR in kvm_vcpu_check_block(). Coarser: one CPU, so that NDST is no variable; no preemption, so that SN is none; KVM_IRQFD is
 * over before there is a producer, so that neither irqfds.lock nor the manager's mutex has two who want it; an inject job and an
 * injection at once come to the same.
 *
 * UNPLUG: VFIO takes the device away again, while the vCPU may sleep. IPIV: IPIs are virtualised, so that NV is always changed.
 * B13A: nobody kicks blocked vCPUs. B13B: they are kicked before the count is raised. B14: a vCPU leaves the list by the count.
 *
 * With UNPLUG it is violated (derived from the code; nobody has reported it: docs/findings.md). An MSI comes when the vCPU has looked and is not off the
 * CPU yet; NV is the notification vector, which does nothing there. What finds ON set is pi_enable_wakeup_handler(), and that is left out
 * where the count is 0 by then: the last possible bypass irq went away meanwhile, and nobody kicks for that. The vCPU sleeps on.
 */
#define MSIS 2
#define HALTS 2

/* Our properties: never true and not part of the state. What Spin reports of an assertion names the one that it is of. */
hidden byte l_wake, i_wakelist, i_noloss, i_nodup;

/* The posted interrupt descriptor. There is one vector; a bit of the PIR for each MSI says which of them have met in it. */
byte pir;
bool on;
bool nv_wakes;                     /* NV is POSTED_INTR_WAKEUP_VECTOR, not POSTED_INTR_VECTOR */

byte listed;                       /* how often the vCPU is on wakeup_vcpus_on_cpu */
bool list_lock;                    /* wakeup_vcpus_on_cpu_lock */
bool wakeup_vector;                /* that interrupt is pending on the CPU */

bool in_guest = true;
bool task_running = true;          /* TASK_RUNNING, else TASK_INTERRUPTIBLE */
bool request;                      /* KVM_REQ_UNBLOCK */
byte halts;                        /* HLTs so far; one that finds the vCPU asleep changes nothing */

byte bypass_irqs;                  /* nr_possible_bypass_irqs */
bool posts, cached;                /* the IRTE posts to the vCPU; what the interrupt entry cache has of it */
bool requested, handling;          /* request_irq(); vfio_msihandler() runs */
bool waits;                        /* the irqfd is on the wait queue of the eventfd */
byte counter;                      /* the eventfd's: MSIs that nobody has consumed */
byte due;                          /* MSIs that the guest has yet to see */

#define LOCK(lock) atomic { !lock -> lock = true }

/* KVM_REQ_UNBLOCK, or an interrupt: kvm_vcpu_wake_up(). */
#define WAKE task_running = true

/* vmx_sync_pir_to_irr(), at VM entry or as hardware does in the guest: ON first, then the PIR. The guest takes what is in the IRR. */
inline sync_pir() {
  on = false;
  d_step {
    assert(i_nodup || (pir & due) == pir);
    due = due & ~pir;
    pir = 0
  }
}

/* pi_start_bypass(): all vCPUs of the VM. */
inline kick() {
  request = true;
  WAKE
}

/* modify_irte(), then qi_flush_iec() is waited for: an MSI in between goes by the old entry. */
inline write_irte(is_posted) {
  posts = is_posted;
  cached = is_posted
}

/* kvm_arch_irq_bypass_add_producer(), and del_producer. */
inline add_producer() {
#if defined(B13B)
  if :: bypass_irqs == 0 -> kick() :: else fi;
  bypass_irqs++;
#elif defined(B13A)
  bypass_irqs++;
#else
  bypass_irqs++;
  if :: bypass_irqs == 1 -> kick() :: else fi;
#endif
  write_irte(true);
  connected = true
}

inline del_producer() {
  if
  :: connected -> write_irte(false); bypass_irqs--; connected = false
  :: else
  fi
}

/* free_irq() waits for the handler. */
inline free_irq() {
  atomic { !handling -> requested = false }
}

/* s0 and v0: KVM_IRQFD, then VFIO_DEVICE_SET_IRQS, and with UNPLUG that with -1. The irqfd stays. */
active proctype Owner() {
  bool connected;
  waits = true;
  requested = true;
  add_producer();
#ifdef UNPLUG
  del_producer();
  free_irq()
#endif
}

/* vmx_deliver_interrupt(): the PIR, ON, and whoever sets that sends the vector to a guest that runs, and wakes one that does not. */
inline inject(msis) {
  pir = pir | msis;
  if
  :: atomic { !on -> on = true };
     if :: in_guest :: !in_guest -> WAKE fi
  :: on
  fi
}

/* The next MSI leaves when the one before has been taken: by the vCPU's descriptor, or by the host's handler. */
active proctype Device() {
  byte number, msi, msis;
  do
  :: number < MSIS ->
     msi = 1 << number;
     number++;
     if
     :: d_step { cached ->
          due = due | msi;
          pir = pir | msi;
          if
          :: !on -> on = true; wakeup_vector = wakeup_vector || nv_wakes
          :: else
          fi
        }
     :: d_step { !cached -> due = due | msi };
        if
        :: atomic { requested -> handling = true };
           /* eventfd_signal(): irqfd_wakeup() consumes it, where there is an irqfd. */
           atomic {
             if
             :: waits -> msis = counter | msi; counter = 0
             :: else -> msis = 0; counter = counter | msi
             fi
           };
           if :: msis != 0 -> inject(msis) :: else fi;
           handling = false
        :: d_step { !requested -> due = due & ~msi }     /* no handler: a declared gap */
        fi
     fi
  :: else -> break
  od
}

/* pi_wakeup_handler() */
active proctype Wakeup_handler() {
end:
  do
  :: wakeup_vector ->
     wakeup_vector = false;
     LOCK(list_lock);
     if :: listed > 0 && on -> WAKE :: else fi;
     list_lock = false
  od
}

/* Whenever the vCPU is wholly on or wholly off the CPU. */
#define CHECK_LIST assert(i_wakelist || listed == nv_wakes)

/* vmx_needs_pi_wakeup() */
#ifdef IPIV
#define NEEDS_WAKEUP true
#else
#define NEEDS_WAKEUP (bypass_irqs > 0)
#endif

/* vmx_vcpu_pi_put() of one that blocks: pi_enable_wakeup_handler(). An interrupt that came before NV was written has set ON, and the
   vector that it sent wakes nobody: hence the one that the CPU sends to itself. Without possible bypass irqs nothing of that is done. */
inline pi_put() {
  if
  :: NEEDS_WAKEUP ->
     LOCK(list_lock);
     listed++;
     list_lock = false;
     d_step { nv_wakes = true; wakeup_vector = wakeup_vector || on; CHECK_LIST }
  :: !NEEDS_WAKEUP
  fi
}

/* vmx_vcpu_pi_load() */
inline pi_load() {
  if
  :: nv_wakes ->
     LOCK(list_lock);
#ifdef B14
     if :: bypass_irqs > 0 -> listed-- :: else fi;
#else
     listed--;
#endif
     list_lock = false;
     d_step { nv_wakes = false; CHECK_LIST }
  :: else
  fi
}

/* The thread of the vCPU, and w0, which makes it halt. */
active proctype Vcpu() {
end_guest:
  do
  :: on -> sync_pir()
  :: atomic { halts < HALTS -> halts++; in_guest = false };
     /* kvm_vcpu_block() */
     do
     :: task_running = false;
        if
        :: on -> break                                        /* kvm_arch_vcpu_runnable() */
        :: !on
        fi;
        if
        :: atomic { request -> request = false }              /* looks again, and finds the count */
        :: !request ->
           if
           :: task_running                                    /* woken before schedule() */
           :: !task_running ->
              pi_put();
end_asleep:   do
              :: task_running -> break
              :: atomic { !task_running && halts < HALTS -> halts++ }
              od;
              pi_load()
           fi
        fi
     od;
     task_running = true;
     sync_pir();
     in_guest = true
  od
}

/* Where nothing moves any more. An MSI in the counter of an eventfd that nobody waits on is kept for whoever comes next. */
active proctype End() {
  timeout ->
  assert(l_wake || task_running || pir == 0);
  assert(i_noloss || (due & ~(waits -> 0 : counter)) == 0)
}
