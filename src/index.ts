// The public API of irqbypass-lab: the engine, the manager and the machines around it, scenarios, mutations, properties.
export * from './engine/index.ts';
export { nodeHost } from './engine/explorer/threads/node-host.ts';
export { Checkpoint } from './engine/checkpoint/checkpoint.ts';
export { CheckpointError } from './engine/checkpoint/checkpoint-error.ts';
export { modelHash, SearchCheckpoint } from './engine/checkpoint/search-checkpoint.ts';
export type { CoverageEstimate, StateSample } from './engine/swarm/seen-estimate.ts';
export { estimateCoverage } from './engine/swarm/seen-estimate.ts';
export type { JobResult, Model, ModelSource, SwarmFinding, SwarmJob } from './engine/swarm/swarm-job.ts';
export { RefusedJobError, runJob } from './engine/swarm/swarm-job.ts';
export type { JobEvents, JobRunner, SwarmReport, SwarmSize, SwarmViolation } from './engine/swarm/swarm.ts';
export { planSwarm, SwarmUnion } from './engine/swarm/swarm.ts';
export { inProcesses } from './engine/swarm/run-in-processes.ts';
export type { ProcessPoolOptions } from './engine/swarm/process-pool.ts';
export { onRedis } from './engine/swarm/run-on-redis.ts';
export { RedisError } from './engine/swarm/redis-error.ts';
export type { AllocatorMessage } from './machines/kernel/allocator.ts';
export type { CpuMessage } from './machines/kernel/cpu.ts';
export type { Context, LockObservation, Manner } from './machines/kernel/lockdep.ts';
export { acquire, attempt, contextOf, mightSleep } from './machines/kernel/lockdep.ts';
export type { MutexMessage } from './machines/kernel/mutex.ts';
export type { RefcountMessage } from './machines/kernel/refcount.ts';
export type { Answer, Asks, Tells } from './machines/kernel/request.ts';
export type { SpinlockMessage } from './machines/kernel/spinlock.ts';
export type { KernelObservation, Return } from './machines/kernel/call.ts';
export { errno, returnTo } from './machines/kernel/call.ts';
export type { SrcuMessage } from './machines/kernel/srcu.ts';
export type { Held } from './machines/kernel/task.ts';
export { give, heldBy, tasks } from './machines/kernel/task.ts';
export type { WaitQueueMessage, Wakeup } from './machines/kernel/wait-queue.ts';
export type { Work, WorkqueueMessage } from './machines/kernel/workqueue.ts';
export type { Policy } from './machines/manager/policy.ts';
export type { Call, Program, ProgramStep } from './machines/manager/program.ts';
export type { Callback, Half, Observation as ManagerObservation } from './machines/manager/protocol.ts';
export type { Discipline } from './machines/manager/tokens.ts';
export { createRegistry } from './registry/registry.ts';
export { ManagerView, managerIn } from './registry/manager-view.ts';
export type { Revision } from './registry/revisions.ts';
export { DEFAULT_REVISION, findRevision, revisions } from './registry/revisions.ts';
export type { Entry, Mark as XArrayMark } from './registry/structures/xarray.ts';
export { XArray, xaMkValue, xaToValue } from './registry/structures/xarray.ts';
export type { AllocationFaults } from './registry/structures/xarray-nodes.ts';
export { NODE_BYTES, XArrayNodes } from './registry/structures/xarray-nodes.ts';
export { LinkedList, ListHead } from './registry/structures/linked-list.ts';
export { HashTable } from './registry/structures/hash-table.ts';
export { livenessProperties } from './properties/liveness.ts';
export { aboutManager } from './properties/manager-worlds.ts';
export { findProperty, properties } from './properties/properties.ts';
export type { Mutation } from './mutations/mutation.ts';
export { findMutation, mutations } from './mutations/mutations.ts';
export { changeTransitions } from './mutations/patching.ts';
export * from './scenarios/calls.ts';
export { always, atEnd, never, witnessed } from './scenarios/claims.ts';
export type { MemoryDeclaration } from './scenarios/memory.ts';
export { memory } from './scenarios/memory.ts';
export type {
  MachineOfScript,
  Parameters,
  Scenario,
  ScenarioActor,
  Script,
  StructDefinition,
} from './scenarios/define.ts';
export type { CallbackBody, CallbackCall, Embedding } from './scenarios/embedding.ts';
export { embed } from './scenarios/embedding.ts';
export { defineScenario, fallible } from './scenarios/define.ts';
export { ScenarioError, UnknownNameError } from './scenarios/scenario-error.ts';
export type { Assembled } from './scenarios/assembled.ts';
export { assemble } from './scenarios/assemble.ts';
export { findScenario, scenarios } from './scenarios/builtin.ts';
export { loadScenario } from './scenarios/files/load.ts';
export { machineIds, machinesOf } from './scenarios/machines.ts';
export type { ScenarioReference } from './scenarios/files/known-scenarios.ts';
export { KnownScenarios, swarmOf, UnknownScenarioError } from './scenarios/files/known-scenarios.ts';
export type { CallRun, CallRunner, Observed } from './bridge/call-runner.ts';
export type { RecordedHeader, RecordedOperation, RecordedSequence } from './bridge/recorded-format.ts';
export type { ReplayOptions, ReplayReport } from './bridge/replay.ts';
export { replayFiles } from './bridge/replay.ts';
