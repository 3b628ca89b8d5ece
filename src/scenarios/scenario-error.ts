// Errors of scenarios and of names on a command line.
import type { InputErrorDetails } from '../engine/input-error.ts';
import { InputError } from '../engine/input-error.ts';
import { nearest } from './nearest.ts';

/** What can be wrong with a scenario; the codes are those of docs/errors.md. */
export const scenarioErrors = {
  shape: 'IRQB201',
  declared: 'IRQB202',
  undeclared: 'IRQB203',
  call: 'IRQB204',
  notModelled: 'IRQB205',
  script: 'IRQB206',
  parameter: 'IRQB207',
  syntax: 'IRQB208',
  mutation: 'IRQB209',
  symmetry: 'IRQB210',
  property: 'IRQB211',
  unknown: 'IRQB101',
  file: 'IRQB102',
} as const;

/** A scenario that is wrong: where, what, and what would be right. */
export class ScenarioError extends InputError {
  override readonly name: string = 'ScenarioError';
  /** Where in the script it is: `['threads', 't0', 2]`. */
  readonly path: readonly PropertyKey[] | undefined;

  constructor(
    kind: keyof typeof scenarioErrors,
    message: string,
    { path, ...details }: InputErrorDetails & { readonly path?: readonly PropertyKey[] } = {},
  ) {
    super(scenarioErrors[kind], message, details);
    this.path = path;
  }
}

/** A name that is not known, with the nearest one that is. */
export class UnknownNameError extends ScenarioError {
  override readonly name = 'UnknownNameError';

  constructor(kind: string, given: string, known: readonly string[], hint: string) {
    const near = nearest(given, known);
    super('unknown', `unknown ${kind} "${given}"${near === undefined ? '' : `, did you mean "${near}"?`} (${hint})`);
  }
}
