/*
 * The protocol of a claim on one task: agents that pause for ever and crash, replies that get lost, a lease that may run out at any
 * moment, a tick that ends it, a database that crashes, a restore to a backup. What stands in one atomic block is one transaction
 * under the task's row lock.
 *
 * Safe: each (incarnation, epoch) is granted once; a fence is accepted only while it is the latest grant; no live lease is ended;
 * what was acknowledged is there, once. Variants, each of which must fail (spin -D…):
 *   NO_LOCK     a claim reads, and writes later, as the board did before it had a law
 *   NO_EPOCH    a submission looks at the status alone
 *   NO_RETEST   a tick ends a lease that it looked at earlier
 *   NO_LEAP     a restore keeps the epochs of the backup and tokens name no incarnation
 *   NO_OP       a repeated submission has no recorded answer
 *   ACK_FIRST   the answer goes out before the commit is on disk
 */
#define AGENTS 3
#define GRANTS 3
#define LEAP 8
#define NOBODY 255

mtype = { ready, held, submitted };

/* One row each of os_tasks, leases, instance. */
mtype status = ready;
byte epoch = 0;
byte incarnation = 1;
byte holder = NOBODY;
bool is_expired = false;
bool is_durable = true;
/* muster.operations: the recorded submission of each agent. */
bool is_recorded[AGENTS];

/* The backup, taken once. */
bool has_backup = false, was_restored = false;
mtype backup_status; byte backup_epoch, backup_holder;

/* What really happened: nothing reads these but the assertions. */
byte grants = 0;
byte latest_epoch = 0, latest_incarnation = 0;
byte submitted_by = NOBODY;
byte effects[AGENTS];
bool is_acknowledged[AGENTS], was_refused_after_effect[AGENTS];

inline grant() {
  epoch++;
  grants++;
  status = held;
  holder = me;
  is_expired = false;
  mine = epoch;
  my_incarnation = incarnation;
  /* No epoch of an incarnation is granted twice, and none that is behind what was granted before. */
  assert(mine > latest_epoch || incarnation > latest_incarnation);
#ifdef NO_LEAP
  assert(mine > latest_epoch);
#endif
  latest_epoch = epoch;
  latest_incarnation = incarnation;
}

#ifdef NO_EPOCH
#define FENCE_HOLDS (status == held)
#else
#ifdef NO_LEAP
#define FENCE_HOLDS (status == held && epoch == mine)
#else
#define FENCE_HOLDS (status == held && holder == me && epoch == mine && incarnation == my_incarnation)
#endif
#endif

#ifdef NO_OP
#define IS_REPEATED false
#else
#define IS_REPEATED is_recorded[me]
#endif

active [AGENTS] proctype Agent() {
  byte me = _pid, mine = 0, my_incarnation = 0;
  bool has_sent = false;
#ifdef NO_LOCK
  byte seen;
#endif
  do
#ifdef NO_LOCK
  :: mine == 0 && grants < GRANTS && status == ready ->
     seen = epoch;
     atomic { epoch = seen; grant() }
#else
  :: atomic { mine == 0 && !has_sent && grants < GRANTS && (status == ready || (status == held && is_expired)) -> grant() }
#endif
     /* Heartbeat: counts until the lease is really taken. */
  :: atomic { mine > 0 && status == held && holder == me && epoch == mine && incarnation == my_incarnation -> is_expired = false }
     /* Submission, and its repetition with the same operation id when no answer came. */
  :: atomic { mine > 0 ->
       if
       :: IS_REPEATED -> is_acknowledged[me] = true; mine = 0; has_sent = true
       :: !IS_REPEATED && FENCE_HOLDS ->
          assert(mine == latest_epoch && my_incarnation == latest_incarnation);
          status = submitted;
          holder = NOBODY;
          submitted_by = me;
          effects[me]++;
          is_recorded[me] = true;
#ifdef ACK_FIRST
          is_durable = false;
#endif
          has_sent = true;
          if
          :: is_acknowledged[me] = true; mine = 0
          :: skip /* the reply is lost */
          fi
       :: !IS_REPEATED && !(FENCE_HOLDS) ->
          was_refused_after_effect[me] = (effects[me] > 0 && !was_restored);
          mine = 0
       fi
     }
     /* Crash and restart: the agent forgets what it held. */
  :: atomic { mine > 0 && !has_sent -> mine = 0 }
  :: break
  od
}

active proctype Time() {
  byte seen = 0;
  do
  :: atomic { status == held && !is_expired -> is_expired = true }
     /* Tick: looks first, then takes the lock and looks again. */
  :: atomic { status == held && is_expired -> seen = epoch };
     atomic {
       if
#ifdef NO_RETEST
       :: status == held ->
#else
       :: status == held && is_expired && epoch == seen ->
#endif
          assert(is_expired);
          status = ready;
          holder = NOBODY
       :: else -> skip
       fi
     }
  :: break
  od
}

/* The server dies: what is on disk stays. */
active proctype Crash() {
  do
  :: atomic { !is_durable ->
       effects[submitted_by]--;
       is_recorded[submitted_by] = false;
       status = held;
       holder = submitted_by;
       is_durable = true
     }
  :: atomic { !is_durable -> is_durable = true }
  :: break
  od
}

active proctype Restore() {
  if
  :: atomic { status != submitted -> has_backup = true; backup_status = status; backup_epoch = epoch; backup_holder = holder };
     /* What was submitted after the backup is lost by the loss of the disk, and everybody is told: here only grants were. */
     if
     :: atomic { status != submitted ->
       was_restored = true;
       status = ready;
       holder = NOBODY;
       is_expired = false;
#ifdef NO_LEAP
       epoch = backup_epoch;
       status = backup_status;
       holder = backup_holder
#else
       epoch = backup_epoch + LEAP;
       incarnation++
#endif
     }
     :: skip
     fi
  :: skip
  fi
}

/* Executable the moment something acknowledged is lost, happened twice, or was denied after it had happened. */
active proctype Monitor() {
  end: atomic {
    (is_acknowledged[0] && effects[0] != 1) || (is_acknowledged[1] && effects[1] != 1) || (is_acknowledged[2] && effects[2] != 1) ||
    effects[0] + effects[1] + effects[2] > 1 ||
    was_refused_after_effect[0] || was_refused_after_effect[1] || was_refused_after_effect[2] -> assert(false)
  }
}
