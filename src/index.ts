// The public API of irqbypass-lab.
export type { Discipline } from './machines/manager/thread.ts';
export type { Policy } from './machines/manager/policy.ts';
export type { Call, Callback, Name, Observation, Operation } from './machines/manager/protocol.ts';
export { errno, name } from './machines/manager/protocol.ts';
export { createRegistryMachine } from './registry/registry.ts';
export type { Revision } from './registry/revisions.ts';
export { DEFAULT_REVISION, findRevision, revisions } from './registry/revisions.ts';
export type { Entry, Mark } from './registry/structures/xarray.ts';
export { XArray, xaMkValue, xaToValue } from './registry/structures/xarray.ts';
export type { AllocationFaults } from './registry/structures/xarray-nodes.ts';
export { NODE_BYTES, XArrayNodes } from './registry/structures/xarray-nodes.ts';
export { LinkedList, ListHead } from './registry/structures/linked-list.ts';
export { HashTable } from './registry/structures/hash-table.ts';
export type { TakeChoice } from './engine/world/composed.ts';
export { composedMachine, composedTraversal } from './engine/world/composed.ts';
export { LiveHost } from './engine/world/live-host.ts';
export type { Program, ProgramStep } from './engine/world/program.ts';
export type { SchedulerName } from './engine/world/schedulers.ts';
export { createScheduler } from './engine/world/schedulers.ts';
export type { TraceStep } from './engine/world/trace.ts';
export { TracedRun, traceOf } from './engine/world/trace.ts';
export { WorldView } from './engine/world/view.ts';
export type { CallerDefinition, Choice, Row, StructDefinition, WorldDefinition } from './engine/world/world.ts';
export { World } from './engine/world/world.ts';
export { WorldLimitError } from './engine/world/world-limit.ts';
export type { LeadsTo, Property } from './properties/property.ts';
export { livenessProperties } from './properties/liveness.ts';
export { findProperty, properties } from './properties/properties.ts';
export type { Mutation } from './mutations/mutation.ts';
export { findMutation, mutations } from './mutations/mutations.ts';
export type { Parameters, Scenario, Script } from './scenarios/define.ts';
export {
  allocateEventfd,
  consumerThread,
  copy,
  defineScenario,
  END,
  fallible,
  free,
  go,
  oneOf,
  producerThread,
  putEventfd,
  registerConsumer,
  registerProducer,
  ScenarioError,
  shifted,
  step,
  unregisterConsumer,
  unregisterProducer,
} from './scenarios/define.ts';
export type { Assembled } from './scenarios/assemble.ts';
export { assemble, UnknownNameError } from './scenarios/assemble.ts';
export { findScenario, scenarios } from './scenarios/builtin.ts';
export { loadScenario } from './scenarios/files/load.ts';
export type { Exploration, ExploreOptions, Violation } from './engine/explorer/search/explore.ts';
export { explore } from './engine/explorer/search/explore.ts';
export { Checkpoint } from './engine/checkpoint/checkpoint.ts';
export { CheckpointError } from './engine/checkpoint/checkpoint-error.ts';
export { modelHash, SearchCheckpoint } from './engine/checkpoint/search-checkpoint.ts';
export type { SearchSnapshot, SnapshotStore } from './engine/explorer/search/snapshot.ts';
export type { ExplorationReport, PropertyReport } from './engine/report/report.ts';
export { junit } from './engine/report/junit.ts';
export { ktap } from './engine/report/ktap.ts';
export type { WalkFinding, WalkOptions, WalkReport } from './engine/explorer/walks/walk.ts';
export { walk } from './engine/explorer/walks/walk.ts';
export type { WalkPolicy } from './engine/explorer/walks/walk-policies.ts';
export { walkPolicies } from './engine/explorer/walks/walk-policies.ts';
export type { Minimised, MinimiseOptions } from './engine/explorer/counterexamples/minimise.ts';
export { minimise, NoCounterexampleError } from './engine/explorer/counterexamples/minimise.ts';
export type { CoverageEstimate, StateSample } from './engine/swarm/seen-estimate.ts';
export { estimateCoverage } from './engine/swarm/seen-estimate.ts';
export type { JobResult, SwarmFinding, SwarmJob } from './engine/swarm/swarm-job.ts';
export { RefusedJobError, runJob } from './engine/swarm/swarm-job.ts';
export type { JobEvents, JobRunner, SwarmReport, SwarmSize, SwarmViolation } from './engine/swarm/swarm.ts';
export { planSwarm, SwarmUnion } from './engine/swarm/swarm.ts';
export type { ScenarioReference } from './scenarios/files/known-scenarios.ts';
export { ScenarioShelf, UnknownScenarioError } from './scenarios/files/known-scenarios.ts';
export { inProcesses } from './engine/swarm/run-in-processes.ts';
export type { ProcessPoolOptions } from './engine/swarm/process-pool.ts';
export { onRedis } from './engine/swarm/run-on-redis.ts';
export { RedisError } from './engine/swarm/redis.ts';
export type { Lasso } from './engine/explorer/liveness/lasso.ts';
export { lassoText } from './engine/explorer/liveness/lasso.ts';
export type {
  Liveness,
  LivenessOptions,
  LivenessProgress,
  LivenessViolation,
} from './engine/explorer/liveness/liveness.ts';
export { checkLiveness, LivenessError } from './engine/explorer/liveness/liveness.ts';
export type { SingleRun } from './engine/traces/run-once.ts';
export { runOnce } from './engine/traces/run-once.ts';
export type { ReplayReport } from './bridge/replay.ts';
export { replayFiles } from './bridge/replay.ts';
export { stateDiagram } from './engine/diagrams/mermaid.ts';
export { sequenceDiagram } from './engine/diagrams/sequence.ts';
