// The public API of irqbypass-lab/engine: a model checker for systems of XState actors. It knows no interrupts and no node.
export type { Address, Effect, Effects, Message, Observation } from './actors/effects.ts';
export { call, post, set, show } from './actors/effects.ts';
export type { Cells } from './actors/cells.ts';
export type { State, Transition } from './actors/chart.ts';
export type { Family, FamilyOperation, LaidOutFamily, MemoryPlan } from './actors/family.ts';
export type { AnyHandler, Guard, Handled, Handler, HandlerMakers } from './actors/handlers.ts';
export { handlers } from './actors/handlers.ts';
export type { ActsByItself, Declaration, Given, Machine, Operation, Patch, Variants } from './actors/machine.ts';
export { changeState, machine, patched } from './actors/machine.ts';
export { MachineError, NotModelledError } from './actors/machine-error.ts';
export type { Name, Value } from './actors/name.ts';
export { name, NAME_PATTERN } from './actors/name.ts';
export { InputError } from './input-error.ts';
export type { TakeChoice } from './world/composed.ts';
export { composedMachine, composedTraversal } from './world/composed.ts';
export type { Model, ModelProperty, ModelState } from './world/model.ts';
export type { PlainEvent } from './world/events.ts';
export type { Language } from './world/language.ts';
export { plainLanguage } from './world/language.ts';
export { LiveHost } from './world/live-host.ts';
export type {
  GatheredClaim,
  LeadsTo,
  Mark,
  Property,
  Sometimes,
  StateCheck,
  StateClaim,
  StepView,
} from './world/property.ts';
export { stuckActors } from './world/property.ts';
export type { SchedulerName } from './world/schedulers.ts';
export { createScheduler } from './world/schedulers.ts';
export type { TracedCall, TraceStep } from './world/trace.ts';
export { TracedRun, traceOf } from './world/trace.ts';
export { WorldView } from './world/view.ts';
export { WiringError } from './world/wiring.ts';
export type { ActorDefinition, Choice, Row, Step, StepListener, WorldDefinition } from './world/world.ts';
export { World } from './world/world.ts';
export { WorldLimitError } from './world/world-limit.ts';
export type { Exploration, ExploreOptions, Violation } from './explorer/search/explore.ts';
export { explore } from './explorer/search/explore.ts';
export type { ExploreModelOptions, ModelExploration, ModelViolation } from './explorer/search/explore-model.ts';
export { exploreModel } from './explorer/search/explore-model.ts';
export type { Host } from './explorer/search/host.ts';
export { SnapshotError } from './explorer/search/snapshot-error.ts';
export type { SearchSnapshot, SnapshotStore } from './explorer/search/snapshot.ts';
export type { Minimised, MinimiseOptions } from './explorer/counterexamples/minimise.ts';
export { minimise, NoCounterexampleError } from './explorer/counterexamples/minimise.ts';
export type { Lasso } from './explorer/liveness/lasso.ts';
export { lassoText } from './explorer/liveness/lasso.ts';
export type { Liveness, LivenessOptions, LivenessProgress, LivenessViolation } from './explorer/liveness/liveness.ts';
export { checkLiveness, LivenessError } from './explorer/liveness/liveness.ts';
export type { WalkFinding, WalkOptions, WalkReport } from './explorer/walks/walk.ts';
export { walk } from './explorer/walks/walk.ts';
export type { WalkPolicy } from './explorer/walks/walk-policies.ts';
export { walkPolicies } from './explorer/walks/walk-policies.ts';
export type { SingleRun } from './traces/run-once.ts';
export { runOnce } from './traces/run-once.ts';
export { stateDifference, stepText, traceText } from './traces/narrate.ts';
export { arrowsOf } from './traces/arrows.ts';
export type { ColumnEntry } from './traces/columns.ts';
export { columnsText, inColumns } from './traces/columns.ts';
export type { Chart, ChartState, ChartTransition, Mark as ChartMark } from './diagrams/chart.ts';
export { chartOf } from './diagrams/chart.ts';
export type { ChartDifference } from './diagrams/chart-difference.ts';
export { chartDifference, differenceText } from './diagrams/chart-difference.ts';
export { chartKey } from './diagrams/chart-key.ts';
export { summaryOf } from './diagrams/chart-summary.ts';
export { mergedChart } from './diagrams/merged-chart.ts';
export { mermaidOf, stateDiagram } from './diagrams/mermaid.ts';
export type { DotOptions } from './diagrams/dot.ts';
export { dotOf } from './diagrams/dot.ts';
export { plantumlOf } from './diagrams/plantuml.ts';
export { scxmlOf } from './diagrams/scxml.ts';
export type { ChartSvgOptions } from './diagrams/svg.ts';
export { svgOf } from './diagrams/svg.ts';
export type { Sequence, SequenceArrow, SequenceEntry, SequenceLock } from './diagrams/sequence.ts';
export { sequenceDiagram, sequenceMermaid } from './diagrams/sequence.ts';
export type { SequenceSvgOptions } from './diagrams/sequence-svg.ts';
export { sequenceHeights, sequenceSvg } from './diagrams/sequence-svg.ts';
export type { SequenceOptions } from './traces/sequence-of.ts';
export { sequenceOf } from './traces/sequence-of.ts';
export type { ExplorationReport, PropertyReport } from './report/report.ts';
export { junit } from './report/junit.ts';
export { ktap } from './report/ktap.ts';
