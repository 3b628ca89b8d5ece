// The layers of ARCHITECTURE.md as rules for dependency-cruiser: `npm run layers`.

/** Folders of src from top to bottom: a file imports from its own folder and from those below it. */
const LAYERS = [
  'cli',
  'studio',
  'bridge',
  'scale',
  'scenarios',
  'mutations',
  'properties',
  'registry',
  'machines',
  'engine',
];

/** The same for the rooms of src/engine. Its own files (turns, input errors) are below them all. */
const ROOMS = [
  'swarm',
  'checkpoint',
  'explorer/threads',
  'explorer/liveness',
  'explorer/graph',
  'explorer/search',
  'explorer/walks',
  'traces',
  'explorer/expansion',
  'explorer/counterexamples',
  'explorer/reductions',
  'explorer/tables',
  'explorer/store',
  'report',
  'diagrams',
  'world',
  'actors',
];

/** Where node may be imported. All other folders run in a browser. */
const OF_NODE = [
  'cli',
  'studio/server',
  'bridge',
  'scale',
  'scenarios/files',
  'engine/checkpoint',
  'engine/swarm',
  'engine/explorer/threads',
];

/** Folders above the browser's half, which may import its rooms of node. */
const OF_PROGRAM = ['cli', 'studio/server', 'bridge', 'scale'];

/** Of the rooms of node what runs in a browser, too: the page shows it, and its build refuses anything that leads to node. */
const FOR_THE_PAGE = ['bridge/generate/counterexample', 'scale/contention', 'scale/structures', 'scale/workloads'];

/** Where XState may be imported, and the other packages that the engine needs in a browser. */
const OF_XSTATE = ['machines', 'registry', 'engine/actors', 'engine/world'];
const PACKAGES_OF_ENGINE = ['xstate', 'pure-rand'];
/** What lays diagrams out: loaded when a picture is asked for, from nowhere else. */
const GRAPHVIZ = '@hpcc-js/wasm-graphviz';

const anyOf = (folders) => `(?:${folders.join('|')})/`;
const packages = (names) => `(?:^|/)node_modules/${names}`;

/** Files of src itself and folders that no list knows are imported by nobody. */
const pointDown = (root, folders, below) =>
  folders.map((folder, i) => ({
    name: `${folder.replace('/', '-')}-imports-point-down`,
    comment: `src/${root}${folder} imports only from itself and from what is below it: ${folders.slice(i + 1).join(', ')}`,
    severity: 'error',
    from: { path: `^src/${root}${folder}/` },
    to: { path: `^src/${root}(?!${anyOf(folders.slice(i))}${below})` },
  }));

const roomsPointDown = pointDown('engine/', ROOMS, '|(?!index\\.ts)[^/]+\\.ts$');

export default {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'types may name each other in a circle; code may not',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    ...pointDown('', LAYERS, ''),
    ...roomsPointDown,
    {
      name: 'engine-files-are-below-its-rooms',
      severity: 'error',
      from: { path: '^src/engine/(?!index\\.ts)[^/]+\\.ts$' },
      to: { path: '^src/engine/(?:.+/|index\\.ts)' },
    },
    {
      name: 'folders-are-in-the-list',
      comment: 'a new folder of src or room of the engine takes its place in .dependency-cruiser.mjs',
      severity: 'error',
      from: { path: `^src/(?!${anyOf(LAYERS)}|index\\.ts$)|^src/engine/(?!${anyOf(ROOMS)}|[^/]+\\.ts$)` },
      to: {},
    },
    {
      name: 'node-stays-in-its-rooms',
      comment: 'what runs in a browser imports nothing of node',
      severity: 'error',
      from: { path: `^src/(?!${anyOf(OF_NODE)})` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'browser-half-enters-no-room-of-node',
      comment: 'src/index.ts is the entry of node; what runs in a browser reaches no file that imports it',
      severity: 'error',
      from: { path: `^src/(?!${anyOf([...OF_PROGRAM, ...OF_NODE])}|index\\.ts$)` },
      to: { path: `^src/${anyOf(OF_NODE)}`, pathNot: `^src/(?:${FOR_THE_PAGE.join('|')})\\.ts$` },
    },
    {
      name: 'xstate-stays-below',
      severity: 'error',
      from: { path: `^src/(?!${anyOf(OF_XSTATE)})` },
      to: { path: packages('xstate/') },
    },
    {
      name: 'engine-needs-few-packages',
      severity: 'error',
      from: { path: `^src/engine/(?!${anyOf(['checkpoint', 'swarm'])})` },
      to: { path: packages(`(?!${anyOf([...PACKAGES_OF_ENGINE, GRAPHVIZ])})`) },
    },
    {
      name: 'graphviz-stays-in-diagrams',
      severity: 'error',
      from: { path: '^src/(?!engine/diagrams/)' },
      to: { path: packages(GRAPHVIZ) },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
