// The published schema accepts what irqbypass accepts, and refuses what editors can see.
import { globSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { scenarioSchema } from '../../../src/scenarios/files/schema.ts';
import { irqbypass } from '../../engine/swarm/command.ts';

const validate = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, allowUnionTypes: true }).compile(
  scenarioSchema(),
);
/** What the schema says of a scenario: where, and which keyword. */
function problems(text: string): string[] {
  validate(parse(text));
  return (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
}

const good = readFileSync('examples/assign.yaml', 'utf8');

describe('the schema of scenario files', () => {
  it('is what irqbypass list schema prints', () => {
    const { status, stdout } = irqbypass('list', 'schema', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(scenarioSchema())));
  });

  it.each(globSync('examples/*.yaml'))('accepts %s', (file) => {
    expect(problems(readFileSync(file, 'utf8'))).toEqual([]);
  });

  it.each([
    ['a key that is misspelt', ['threads:', 'thread:'], 'additionalProperties'],
    ['a machine that is not there', ['machine: irte', 'machine: itre'], '/actors/3/machine enum'],
    ['a role that is misspelt', ['{ vector: p0 }', '{ vektor: p0 }'], '/actors/3/wiring additionalProperties'],
    ['a role that is missing', ['{ vector: p0 }', '{}'], '/actors/3/wiring required'],
    [
      'a role of an embedded machine',
      ['{ irq: irq0 }', '{ irqq: irq0 }'],
      '/producers/0/embeddedIn/wiring additionalProperties',
    ],
    ['a call that is not there', ['raise_msi(d0)', 'raise_msl(d0)'], '/threads/x0/0'],
    ['a name that is none', ['name: vm0', 'name: VM0'], '/actors/0/name pattern'],
  ])('refuses %s', (_, [from, to], problem) => {
    expect(good).toContain(from);
    expect(problems(good.replace(from as string, to as string)).join('\n')).toContain(problem);
  });
});
