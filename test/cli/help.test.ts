// irqbypass help --json: whole, true of the program, and its JSON Schemas hold for what the commands print.
import { existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/commands.ts';
import { exitCode } from '../../src/cli/exit-codes.ts';
import { documents, jsonSchema } from '../../src/cli/help/documents.ts';
import { errorCodes } from '../../src/cli/help/error-codes.ts';
import { sourceOf } from '../../src/cli/list-sources.ts';
import { machineIds } from '../../src/scenarios/machines.ts';
import { called } from '../engine/swarm/command.ts';
import { pageOf, root } from '../docs/transcripts.ts';

interface Manual {
  readonly exitCodes: readonly { readonly code: number }[];
  readonly error: object;
  readonly commands: readonly {
    readonly name: string;
    readonly options: readonly { readonly name: string; readonly choices?: readonly string[] }[];
    readonly arguments: readonly { readonly name: string; readonly choices?: readonly string[] }[];
    readonly examples: readonly string[];
    readonly documents: readonly { readonly of: string; readonly schema: object }[];
  }[];
}

const manualOf = async (...asked: readonly string[]): Promise<Manual> =>
  JSON.parse((await called('help', ...asked, '--json')).stdout) as Manual;
const folder = mkdtempSync(join(tmpdir(), 'irqbypass-help-'));
const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
const inFolder = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

/** What is wrong with a document, in words; none where it is as its schema says. */
function faultsOf(schema: object, document: unknown): readonly string[] {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false });
  const validate = ajv.compile(schema);
  if (validate(document)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
  );
}

/** Commands that print each document. Those about real kernels in QEMU are in test:host, of Redis in test/engine/swarm. */
const printed: Readonly<Record<string, readonly string[]>> = {
  'list scenarios': ['list scenarios', `list scenarios --scenario ${root}/examples/late-irq.ts`],
  'list revisions': ['list revisions'],
  'list mutations': ['list mutations', `list mutations --scenario ${root}/examples/late-irq.ts`],
  'list properties': ['list properties', `list properties --scenario ${root}/examples/late-irq.ts`],
  'list machines': ['list machines', `list machines --scenario ${root}/examples/late-irq.ts`],
  'list schema': ['list schema'],
  run: [
    'run pairing',
    'run double-unregister-race --scheduler pct --seed 3',
    'run assign --scheduler random --max-steps 60',
  ],
  'run storm': [
    'run storm --set irqfds=100',
    'run storm --set irqfds=20 --mutation m-no-disconnect',
    'run storm --max-steps 5',
  ],
  explore: [
    'explore pairing',
    'explore loser-unregisters --revision base --traces 3',
    'explore deassign-hup --mutation b4a --stop-at-first',
    'explore lock-order --mutation m-lock-order',
    'explore manager --max-states 100',
    'explore pairing --no-symmetry --no-por --workers 2',
  ],
  'explore --liveness': ['explore pairing --liveness', 'explore pairing --liveness --mutation m-lock-kept'],
  'explore --swarm': [
    'explore pairing --swarm 3 --seed 1 --workers 1 --max-steps 200',
    'explore double-unregister-race --swarm 3 --seed 1 --workers 1 --max-steps 200',
  ],
  replay: [
    `replay ${fixtures}recorded/corruption.jsonl.gz`,
    `replay ${inFolder('pairing.ndjson')} --revision linux-5.9`,
  ],
  diff: ['diff v2p1 v2p2 --set producers=1 --set consumers=1 --set eventfds=1', 'diff base v2p8 --max-calls 2'],
  conform: [`conform --kernel-tree ${fixtures}kernel-trees/list --set producers=1 --set consumers=1 --set eventfds=1`],
  generate: [
    `generate kunit --set producers=1 --set consumers=1 --set eventfds=1 --out ${inFolder('kunit')}`,
    `generate kunit --from ${inFolder('race.ndjson')} --out ${inFolder('case')}`,
    `generate rv --out ${inFolder('rv')}`,
    `generate ftrace --out ${inFolder('ftrace')}`,
  ],
  'check-log': [
    `check-log ${fixtures}real-logs/s01-612-kprobe-clean-consumer-first.log --revision 6.12`,
    `check-log ${fixtures}real-logs/s10-612-function-truncated.log --revision 6.12`,
  ],
  scale: [
    'scale --irqfds 10,20 --index list,xarray --cpus 2',
    'scale --irqfds 10 --index xarray --producers half --cpus 1',
  ],
  diagram: [
    'diagram eventfd',
    'diagram registry --against base',
    'diagram pairing',
    `diagram eventfd --check --out ${inFolder('e.mmd')}`,
  ],
  help: ['help', 'help run'],
};
/** Documents that no quick command prints: of QEMU, of Redis, of the page. */
const elsewhere = ['host setup', 'host run', 'host check', 'worker', 'ui'];
/** A report prints what explore does, and builds the page besides. */
const asOfExplore = ['report', 'report --liveness', 'report --swarm'];

describe('every document is as its schema says, and has no key that the schema lacks', () => {
  for (const [of, commands] of Object.entries(printed)) {
    for (const command of commands) {
      it(`${command.replaceAll(folder, '').replaceAll(root, '')} --json`, async () => {
        if (command.includes('pairing.ndjson')) await called('run', 'pairing', '--out', inFolder('pairing.ndjson'));
        if (command.includes('race.ndjson'))
          await called(
            'explore',
            'double-unregister-race',
            '--property',
            'i-owner',
            '--trace',
            inFolder('race.ndjson'),
          );
        const { stdout, stderr } = await called(...command.split(' '), '--json');
        const schema = documents[of];
        expect(schema, `${of} has no schema`).toBeDefined();
        if (schema !== undefined)
          expect({ faults: faultsOf(jsonSchema(schema), JSON.parse(stdout)), stderr }).toMatchObject({ faults: [] });
      });
    }
  }

  it('each is printed by some command here, but for those of QEMU, Redis and the page', () => {
    const known = [...Object.keys(printed), ...elsewhere, ...asOfExplore];
    expect(known.toSorted()).toEqual(Object.keys(documents).toSorted());
    for (const of of asOfExplore) expect(documents[of]).toBe(documents[of.replace('report', 'explore')]);
  });

  it('a key that the schema lacks is a fault', () => {
    const schema = documents['list schema'] === undefined ? {} : jsonSchema(documents['generate'] as never);
    const document = { what: 'rv', revision: 'v2p8', coverage: null, files: [] };
    expect(faultsOf(schema, document)).toEqual([]);
    expect(faultsOf(schema, { ...document, more: 1 })).toEqual([expect.stringContaining('additionalProperty":"more"')]);
  });

  it('wrong input prints what its schema says', async () => {
    const { error } = await manualOf();
    for (const command of ['run paring --json', 'explore --nothing --json', 'list nothing --json'])
      expect(faultsOf(error, JSON.parse((await called(...command.split(' '))).stdout))).toEqual([]);
  });
});

describe('the manual', () => {
  it('has every command, with the schema of what its --json prints', async () => {
    const { commands } = await manualOf();
    const program = createProgram(() => {});
    const names = program.commands.map((one) => one.name());
    expect(commands.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    const lacking = commands
      .filter(({ options, documents: some }) => {
        const hasJson = options.some((one) => one.name === 'json');
        return hasJson && some.length === 0;
      })
      .map(({ name }) => `${name} has --json and no schema: src/cli/help/documents.ts is where it is described`);
    expect(lacking).toEqual([]);
  });

  it('has the exit codes and the error codes of docs/errors.md', async () => {
    const { exitCodes } = await manualOf();
    expect(exitCodes.map(({ code }) => code)).toEqual(Object.values(exitCode));
    const codes = [...pageOf('docs/errors.md').matchAll(/^### (IRQB\d{3})$/gm)].map((match) => match[1]);
    expect(errorCodes().map(({ code }) => code)).toEqual(codes);
    expect(errorCodes().filter(({ text }) => text.length < 40 || /[`\n]|\]\(/.test(text))).toEqual([]);
  });

  it('names the choices that there are', async () => {
    const [run] = (await manualOf('run')).commands;
    expect(run?.options.find(({ name }) => name === 'scheduler')?.choices).toEqual(['fifo', 'random', 'pct']);
    const [diagram] = (await manualOf('diagram')).commands;
    expect(diagram?.arguments[0]?.choices).toContain('registry');
  });

  it('has choices for nothing that is not there', async () => {
    const { commands } = await manualOf();
    const { commandsWithChoices } = await import('../../src/cli/choices.ts');
    const unknown = Object.entries(commandsWithChoices).flatMap(([name, choices]) => {
      const command = commands.find((one) => one.name === name);
      const known = new Set([
        ...(command?.options ?? []).map((one) => one.name),
        ...(command?.arguments ?? []).map((_, place) => `<${place}>`),
      ]);
      return command === undefined
        ? []
        : Object.keys(choices)
            .filter((one) => !known.has(one))
            .map((one) => `${name} ${one}`);
    });
    expect(unknown).toEqual([]);
  });

  it('of text is that of --help', async () => {
    expect((await called('help', 'run')).stdout).toBe((await called('run', '--help')).stdout);
    expect((await called('help')).stdout).toBe((await called('--help')).stdout);
    expect(await called('help', 'rnu')).toMatchObject({
      status: exitCode.input,
      stderr: expect.stringContaining('did you mean "run"') as string,
    });
  });
});

describe('list says where things are', () => {
  it('of machines the file that has their id', () => {
    const wrong = machineIds.filter((id) => {
      const { source } = sourceOf(id);
      return (
        !existsSync(join(root, source)) ||
        globSync(source, { cwd: root }).length !== 1 ||
        !pageOf(source).includes(id.replace(/-hooked$/, ''))
      );
    });
    expect(wrong).toEqual([]);
  });

  it('of properties a group, of which there is a file', async () => {
    const listed = JSON.parse((await called('list', 'properties', '--json')).stdout) as readonly {
      readonly group?: string;
    }[];
    expect(
      listed.filter(({ group }) => group === undefined || !existsSync(join(root, `src/properties/${group}.ts`))),
    ).toEqual([]);
  });

  it('of bugs commands that can be typed', async () => {
    const listed = JSON.parse((await called('list', 'mutations', '--json')).stdout) as readonly {
      readonly id: string;
      readonly shown: readonly { readonly command: string; readonly property: string }[];
    }[];
    const b6 = listed.find(({ id }) => id === 'b6')?.shown[0];
    const { stdout } = await called(...(b6?.command ?? '').split(' '), '--json');
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'violated', violation: { property: b6?.property } });
  });
});
