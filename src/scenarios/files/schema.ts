// The JSON Schema of scenario files, for editors: what each machine is wired to, and which calls there are.
import * as z from 'zod';
import { rolesOf } from '../../engine/world/wiring.ts';
import { DEFAULT_REVISION } from '../../registry/revisions.ts';
import { revisionOf } from '../assembled.ts';
import { machineIds, machinesOf } from '../machines.ts';
import { operations } from './call-syntax.ts';
import { actor, call, embedding, scenarioFile } from './file.ts';

/**
 * What a scenario file may contain, as JSON Schema (draft 2020-12). A file that it refuses is refused by `irqbypass`, too; names that are
 * not declared are found by `irqbypass` only.
 *
 * @example
 * // irqbypass list schema --json > scenario.schema.json, and in a file: # yaml-language-server: $schema=scenario.schema.json
 */
export function scenarioSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(scenarioFile, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === actor || zodSchema === embedding) jsonSchema.allOf = machineIds.map((id) => ofMachine(id));
      if (zodSchema === call)
        jsonSchema.pattern = `^\\s*(${Object.keys(operations()).join('|')})\\s*\\([^()]*\\)\\s*;?\\s*$`;
    },
  });
  return { title: 'A scenario of irqbypass-lab', ...schema };
}

/** Where an actor is of this machine: the roles of its wiring, and its constants. */
function ofMachine(id: (typeof machineIds)[number]): z.core.JSONSchema.BaseSchema {
  const machine = machinesOf(revisionOf(DEFAULT_REVISION).policy, 'clean')[id];
  const roles = [...rolesOf(machine)];
  // What is usual comes by itself.
  const { usual = {} } = machine.declaration;
  const required = roles
    .filter(([role, { isOptional }]) => !isOptional && !Object.hasOwn(usual, role))
    .map(([role]) => role);
  const wiring = {
    type: 'object' as const,
    properties: Object.fromEntries(
      roles.map(([role, { kinds }]) => [role, { type: 'string' as const, description: kinds.join(' or ') }]),
    ),
    required,
    additionalProperties: false,
  };
  const constants = {
    type: 'object' as const,
    properties: Object.fromEntries(
      Object.entries(machine.declaration.constants ?? {}).map(([constant, value]) => [
        constant,
        { default: value as never },
      ]),
    ),
    additionalProperties: false,
  };
  const fits = {
    title: machine.declaration.title,
    properties: { wiring, constants },
    ...(required.length === 0 ? {} : { required: ['wiring'] }),
  };
  return {
    if: { properties: { machine: { const: id } }, required: ['machine'] },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: fits,
  };
}
