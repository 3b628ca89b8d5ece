// The public API of irqbypass-lab.
export type { Discipline } from './machines/caller.ts';
export type { Policy } from './machines/policy.ts';
export type { Call, Callback, Name, Observation, Operation } from './machines/protocol.ts';
export { errno, name } from './machines/protocol.ts';
export { createRegistryMachine } from './registry/registry.ts';
export type { Revision } from './registry/revisions.ts';
export { DEFAULT_REVISION, findRevision, revisions } from './registry/revisions.ts';
export type { Entry, Mark } from './registry/xarray.ts';
export { XArray, xaMkValue, xaToValue } from './registry/xarray.ts';
export type { AllocationFaults } from './registry/xarray-nodes.ts';
export { NODE_BYTES, XArrayNodes } from './registry/xarray-nodes.ts';
export { LinkedList, ListHead } from './registry/linked-list.ts';
export { HashTable } from './registry/hash-table.ts';
export type { TakeChoice } from './world/composed.ts';
export { composedMachine, composedTraversal } from './world/composed.ts';
export { LiveHost } from './world/live-host.ts';
export type { Program, ProgramStep } from './world/program.ts';
export type { SchedulerName } from './world/schedulers.ts';
export { createScheduler } from './world/schedulers.ts';
export type { TraceStep } from './world/trace.ts';
export { TracedRun, traceOf } from './world/trace.ts';
export { WorldView } from './world/view.ts';
export type { CallerDefinition, Choice, Row, StructDefinition, WorldDefinition } from './world/world.ts';
export { World } from './world/world.ts';
export { WorldLimitError } from './world/world-limit.ts';
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
export { loadScenario } from './scenarios/load.ts';
export type { Exploration, ExploreOptions, Violation } from './explorer/explore.ts';
export { explore } from './explorer/explore.ts';
export { Checkpoint } from './explorer/checkpoint.ts';
export { CheckpointError } from './explorer/checkpoint-error.ts';
export { modelHash, SearchCheckpoint } from './explorer/search-checkpoint.ts';
export type { SearchSnapshot, SnapshotStore } from './explorer/snapshot.ts';
export type { ExplorationReport, PropertyReport } from './explorer/report.ts';
export { junit } from './explorer/junit.ts';
export { ktap } from './explorer/ktap.ts';
export type { WalkFinding, WalkOptions, WalkReport } from './explorer/walk.ts';
export { walk } from './explorer/walk.ts';
export type { WalkPolicy } from './explorer/walk-policies.ts';
export { walkPolicies } from './explorer/walk-policies.ts';
export type { Minimised, MinimiseOptions } from './explorer/minimise.ts';
export { minimise, NoCounterexampleError } from './explorer/minimise.ts';
export type { CoverageEstimate, StateSample } from './explorer/coverage.ts';
export { estimateCoverage } from './explorer/coverage.ts';
export type { JobResult, SwarmFinding, SwarmJob } from './explorer/swarm-job.ts';
export { RefusedJobError, runJob } from './explorer/swarm-job.ts';
export type { JobEvents, JobRunner, SwarmReport, SwarmSize, SwarmViolation } from './explorer/swarm.ts';
export { planSwarm, SwarmUnion } from './explorer/swarm.ts';
export type { ScenarioReference } from './scenarios/shelf.ts';
export { ScenarioShelf, UnknownScenarioError } from './scenarios/shelf.ts';
export { inProcesses } from './fleet/run-in-processes.ts';
export type { ProcessPoolOptions } from './fleet/process-pool.ts';
export { onRedis } from './fleet/run-on-redis.ts';
export { RedisError } from './fleet/redis.ts';
export type { Lasso } from './explorer/lasso.ts';
export { lassoText } from './explorer/lasso.ts';
export type { Liveness, LivenessOptions, LivenessProgress, LivenessViolation } from './explorer/liveness.ts';
export { checkLiveness, LivenessError } from './explorer/liveness.ts';
export type { SingleRun } from './explorer/run-once.ts';
export { runOnce } from './explorer/run-once.ts';
export type { ReplayReport } from './conformance/replay.ts';
export { replayFiles } from './conformance/replay.ts';
export { stateDiagram } from './diagrams/mermaid.ts';
export { sequenceDiagram } from './diagrams/sequence.ts';
