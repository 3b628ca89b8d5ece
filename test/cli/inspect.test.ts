// run --inspect: what the Stately inspector reads, with @statelyai/inspect itself as referee.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { StatelyInspectionEvent } from '@statelyai/inspect';
import { createInspector, createWebSocketReceiver } from '@statelyai/inspect';
import { createInspectorServer } from '@statelyai/inspect/server';
import type { InspectionEvent } from 'xstate';
import { afterAll, describe, expect, it } from 'vitest';
import { exitCode } from '../../src/cli/exit-codes.ts';
import type { StatelyEvent } from '../../src/engine/world/inspection.ts';
import { StatelyInspection } from '../../src/engine/world/inspection.ts';
import { LiveHost } from '../../src/engine/world/live-host.ts';
import { assembled } from '../engine/assembled.ts';
import { called } from '../engine/swarm/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'irqbypass-inspect-'));
const file = join(folder, 'live.ndjson');
afterAll(() => rmSync(folder, { recursive: true }));

const linesOf = (text: string): readonly StatelyEvent[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StatelyEvent);
const inFile = (): readonly StatelyEvent[] => linesOf(readFileSync(file, 'utf8'));

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, () => resolve()));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** An event without what depends on the process: the ids that XState counts, and the moment. */
function comparable(event: StatelyEvent | StatelyInspectionEvent, names: ReadonlyMap<string, string>): object {
  const { createdAt: _, sessionId, rootId, ...rest } = JSON.parse(JSON.stringify(event)) as StatelyEvent;
  const own = { ...rest, sessionId: names.get(sessionId) ?? sessionId, rootId: names.get(rootId) ?? rootId };
  if (own.type !== '@xstate.actor') return own;
  // Theirs is told of when the event loop is idle, so with a later state; its definition has its keys sorted.
  const { snapshot: __, definition, ...actor } = own;
  return { ...actor, definition: JSON.parse(definition) as object };
}

describe.each(['pairing', 'assign', 'lock-order'])('%s, live', (scenario) => {
  it('is told as @statelyai/inspect tells it', async () => {
    const theirs: StatelyInspectionEvent[] = [];
    const ours: StatelyEvent[] = [];
    const referee = createInspector({ send: (event) => void theirs.push(event) }, { serializationDepthLimit: 50 });
    const inspection = new StatelyInspection(
      (event) => void ours.push(event),
      () => null,
    );
    const live = new LiveHost(assembled(scenario, {}).world, (event: InspectionEvent) => {
      referee.inspect.next?.(event);
      inspection.next(event);
    });
    for (let step = 0; step < 30; step++) {
      const [choice] = live.choices();
      if (choice !== undefined) live.take(choice);
    }
    await setTimeout(50);
    const names = new Map(theirs.flatMap((one) => (one.type === '@xstate.actor' ? [[one.sessionId, one.name]] : [])));
    const sorted = (events: readonly object[]): readonly string[] =>
      events.map((one) => JSON.stringify(sortedKeys(one)));
    const told = [theirs, ours].map((events) => events.map((one) => comparable(one, names)));
    const [one = [], other = []] = told.map(sorted);
    expect(other.length).toBeGreaterThan(40);
    // Ours tells of an actor with its first event, theirs as soon as it is made: what is told is the same.
    expect(other.toSorted()).toEqual(one.toSorted());
    const later = (events: readonly string[]): readonly string[] =>
      events.filter((text) => !text.includes('@xstate.actor"'));
    expect(later(other)).toEqual(later(one));
  });
});

/** The same with keys in one order. */
function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, sortedKeys(inner)]),
  );
}

describe('run --inspect', () => {
  it('FILE has the events of the run that is printed, by who sent them, the same bytes each time', async () => {
    const { status, stdout, stderr } = await called('run', 'pairing', '--inspect', file);
    expect({ status, stdout }).toEqual({ status: exitCode.ok, stdout: (await called('run', 'pairing')).stdout });
    const first = readFileSync(file, 'utf8');
    const events = inFile();
    expect(stderr).toBe(`${file}: ${events.length} events of 20 steps, holds\n`);
    await called('run', 'pairing', '--inspect', file);
    expect(readFileSync(file, 'utf8')).toBe(first);
    expect(events.filter(({ type }) => type === '@xstate.actor').map(({ sessionId }) => sessionId)).toEqual(
      assembled('pairing', {}).world.actors.map(({ address }) => address),
    );
    const { trace } = JSON.parse((await called('run', 'pairing', '--json')).stdout) as {
      readonly trace: readonly {
        readonly from: string;
        readonly to: string;
        readonly message: object;
        readonly calls: readonly { readonly from: string; readonly to: string; readonly message: object }[];
      }[];
    };
    const delivered = trace.flatMap(({ from, to, message, calls }) => [
      { from: from === to ? undefined : from, to, message },
      ...calls.map((one) => ({ from: one.from, to: one.to, message: one.message })),
    ]);
    const told = events.flatMap((one) =>
      one.type === '@xstate.event' && one.event.type !== 'xstate.init'
        ? [{ from: one.sourceId, to: one.sessionId, message: one.event }]
        : [],
    );
    expect(told).toEqual(delivered);
  });

  it('- prints them instead of the time line', async () => {
    const { stdout, status } = await called(
      'run',
      'double-unregister-race',
      '--scheduler',
      'pct',
      '--seed',
      '3',
      '--inspect',
      '-',
    );
    expect(status).toBe(exitCode.violated);
    expect(new Set(linesOf(stdout).map(({ type }) => type))).toEqual(
      new Set(['@xstate.actor', '@xstate.event', '@xstate.snapshot']),
    );
  });

  it('URL reaches the relay of the Stately inspector, every event in order', async () => {
    const port = await freePort();
    const url = `ws://localhost:${port}`;
    const server = createInspectorServer({ port, autoOpen: false });
    try {
      await setTimeout(100);
      const received: StatelyInspectionEvent[] = [];
      createWebSocketReceiver({ server: url }).subscribe((event) => void received.push(event));
      await setTimeout(100);
      const { status } = await called('run', 'pairing', '--inspect', url);
      expect(status).toBe(exitCode.ok);
      await called('run', 'pairing', '--inspect', file);
      const sent = inFile();
      while (received.length < sent.length) await setTimeout(10);
      const bare = (events: readonly object[]): readonly object[] => events.map((one) => ({ ...one, createdAt: '' }));
      expect(bare(received)).toEqual(bare(sent));
      expect(received.every(({ createdAt }) => Math.abs(Date.now() - Number(createdAt)) < 60_000)).toBe(true);
    } finally {
      server.stop();
    }
  });

  it.each([
    ['ws://127.0.0.1:9', 'IRQB108'],
    ['ws://no.such.host.invalid', 'IRQB108'],
    ['http://127.0.0.1', 'IRQB100'],
    ['pairing', 'IRQB100'],
    ['no/such/folder/live.ndjson', 'IRQB102'],
  ])('%s is %s', async (place, code) => {
    const { status, stdout, stderr } = await called('run', 'pairing', '--inspect', place);
    expect({ status, stdout }).toEqual({ status: exitCode.input, stdout: '' });
    expect(stderr).toContain(`irqbypass: ${code} `);
  });

  it('does not go with what has no XState actors, or writes to the same place', async () => {
    expect((await called('run', 'storm', '--inspect', '-')).stderr).toContain(
      'IRQB100 --inspect: storm has no XState actors',
    );
    expect((await called('run', 'pairing', '--inspect', '-', '--json')).status).toBe(exitCode.input);
  });

  it('says so where the inspector goes away', async () => {
    const server = createHttpServer();
    server.on('upgrade', ({ headers }, socket) => {
      const key = `${headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = createHash('sha1').update(key).digest('base64');
      socket.end(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const { port } = server.address() as AddressInfo;
    const { status, stderr } = await called(
      'run',
      'manager',
      '--max-steps',
      '5000',
      '--inspect',
      `ws://127.0.0.1:${port}`,
    );
    server.close();
    expect({ status, stderr }).toEqual({
      status: exitCode.input,
      stderr: expect.stringContaining('IRQB108') as string,
    });
  });
});
