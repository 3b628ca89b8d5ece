// The commands, their options and examples: what `--help` prints and docs/cli shows.
import { Command } from 'commander';
import { DEFAULT_SCENARIO } from '../scenarios/builtin-names.ts';
import { layoutNames } from '../scale/layouts.ts';
import { producerShares } from '../scale/producer-share.ts';
import { contestantIds } from '../scale/structures.ts';
import { workloadIds } from '../scale/workloads.ts';
import { listKinds } from './list-kinds.ts';
import { runFormats } from './run/run-formats.ts';
import { programName } from './program-name.ts';
import { collect, withSelection } from './selection.ts';
import { version } from './version.ts';
import { schedulerNames } from '../engine/world/schedulers.ts';

/** Where commands are added, and where each leaves its exit code. */
interface Commands {
  readonly command: (name: string, description: string, examples: readonly string[]) => Command;
  readonly finish: (code: number) => void;
}

/** A list is written with commas, by repeating the option, or both. */
const commas = (value: string, previous?: string): string => (previous === undefined ? value : `${previous},${value}`);

const IN_COLUMNS = 'print an interleaving in columns, CPU0 | CPU1 | ..., at most 72 characters wide';

/** What there is. */
function addList({ command, finish }: Commands): void {
  command('list', 'what there is to choose from', ['list scenarios', 'list revisions --json'])
    .argument('<kind>', listKinds.join(', '))
    .option('--scenario <file>', 'what this scenario brings, too')
    .action(async (kind: string, options) => finish(await (await import('./list.ts')).list(kind, options)));
}

/** One interleaving. */
function addRun({ command, finish }: Commands): void {
  withSelection(
    command('run', 'run one interleaving and print it as a time line', [
      'run pairing',
      'run manager --scheduler random --seed 7',
      'run pairing --out pairing.itf.json',
      'run pairing --inspect ws://localhost:8080',
      'run storm --set irqfds=1000000',
    ]),
  )
    .argument('[scenario]', 'built-in name, script or file', DEFAULT_SCENARIO)
    .option('--scheduler <name>', `${schedulerNames.join(', ')} (default: fifo; storm: random, and no other)`)
    .option('--seed <n>', 'seed of random and pct (default: 1)')
    .option('--max-steps <n>', 'stop after this many steps (default: 200; storm: none)')
    .option('--max-memory <MiB>', 'storm: stop when the process takes this much memory')
    .option('--out <file>', 'write the trace to a file, or draw it: .svg, .mmd (not storm)')
    .option('--format <name>', `${runFormats.join(', ')} (default: text, or by the file's ending)`)
    .option('--columns', IN_COLUMNS)
    .option(
      '--inspect [to]',
      'show XState actors that take the same steps: ws://... of a Stately inspector (default: ws://localhost:8080), file.ndjson, -',
    )
    .action(async (scenario: string, options) => finish(await (await import('./run/run.ts')).run(scenario, options)));
}

/** The options of a search. */
function withSearch(command: Command): Command {
  return withSelection(command)
    .argument('[scenario]', 'built-in name, script or file', DEFAULT_SCENARIO)
    .option('--symmetry', 'merge states that differ only in names (default, but for --liveness)')
    .option('--no-symmetry', 'do not')
    .option('--por', 'leave out orders of calls that lead to nothing else (default, but for --liveness)')
    .option('--no-por', 'do not')
    .option('--search <order>', 'bfs (default: shortest counterexamples) or dfs')
    .option('--max-depth <n>', 'do not go farther than so many steps')
    .option('--liveness', 'check claims about infinite runs, under weak fairness')
    .option('--workers <n>', 'threads that search (default: 1); processes of a swarm (default: one a core)')
    .option('--swarm <n>', 'this many small searches that differ, instead of a full one')
    .option('--seed <n>', 'seed of a swarm (default: 1)')
    .option('--max-steps <n>', 'steps of each job of a swarm that walks (default: 200000)')
    .option('--redis <url>', 'run the searches of a swarm by irqbypass worker --redis URL')
    .option('--max-states <n>', 'stop after this many states')
    .option('--max-memory <MiB>', 'stop when the process takes this much memory')
    .option('--max-seconds <s>', 'stop after this time')
    .option('--stop-at-first', 'stop at the first violation instead of finding one of each property')
    .option('--traces <n>', 'show up to so many different counterexamples')
    .option('--distinct-by <what>', 'property, actions (default) or final: what makes them different')
    .option('--checkpoint <dir>', 'save the search there, now and then and when a limit or a signal ends it')
    .option('--checkpoint-every <s>', 'seconds between two saves (default: 60)')
    .option('--resume <dir>', 'go on with a saved search')
    .option('--coverage', 'list transitions and guards of the machines that were never met')
    .option('--columns', IN_COLUMNS)
    .option('--trace <file>', 'write the shortest counterexample (.ndjson, .itf.json), or draw it (.svg, .mmd)')
    .option('--lts <file>', 'write the graph (.aut, .dot, .json, .graphml)')
    .option('--junit <file>', 'write a JUnit report')
    .option('--ktap <file>', 'write a KTAP report');
}

/** Every interleaving. */
function addExplore({ command, finish }: Commands): void {
  withSearch(
    command('explore', 'explore every interleaving', [
      'explore manager',
      'explore null-key --revision v1p3',
      'explore manager --set producers=3 --json',
      'explore pairing --mutation b6 --trace b6.ndjson',
      'explore manager --set producers=6 --swarm 64 --seed 1',
      'explore assign --set vectors=2 --no-symmetry --workers 2 --checkpoint /tmp/assign',
      'explore manager --liveness --property l-fair',
    ]),
  ).action(async (scenario: string, options) =>
    finish(await (await import('./explore/explore.ts')).explore(scenario, options)),
  );
}

/** A search as a page. */
function addReport({ command, finish }: Commands): void {
  withSearch(
    command(
      'report',
      'explore, and write what was found as one page that opens from disk: the counterexample can be walked in it',
      [
        'report loser-unregisters --revision base --html loser.html',
        'report report.ts --mutation no-undo --html bug.html',
      ],
    ),
  )
    .requiredOption('--html <file>', 'where to write the page')
    .action(async (scenario: string, options) =>
      finish(await (await import('./explore/explore.ts')).explore(scenario, options)),
    );
}

/** The other end of a swarm over Redis. */
function addWorker({ command, finish }: Commands): void {
  command('worker', 'run searches of swarms that wait on Redis', [
    'worker --redis redis://127.0.0.1',
    'worker --redis rediss://user:password@redis.example.org --concurrency 8 --scenario own.yaml',
  ])
    .option('--redis <url>', 'redis://[[user]:password@]host[:port][/database], or rediss:// with TLS')
    .option('--concurrency <n>', 'searches at once (default: one a core)')
    .option('--scenario <file>', 'a scenario file that searches may name (repeatable)', collect)
    .action(async (options) => finish(await (await import('./worker.ts')).worker(options)));
}

/** Recorded behaviour. */
function addReplay({ command, finish }: Commands): void {
  command('replay', 'replay recorded traces and compare every observation', [
    'replay test/fixtures/recorded/*.gz',
    'replay hangs.itf.json --json',
  ])
    .argument('<file...>', 'recorded behaviour, or traces of run and explore')
    .option('--revision <id>', 'run against this revision instead of the recorded one')
    .option('--columns', IN_COLUMNS)
    .action(async (files: string[], options) => finish(await (await import('./replay.ts')).replay(files, options)));
}

/** What differs between two managers. */
function addDiff({ command, finish }: Commands): void {
  command('diff', 'what differs between two revisions, kernel trees or C files, under the same calls', [
    'diff linux-6.12 linux-6.17',
    'diff before/irqbypass.c after/irqbypass.c',
    'diff ~/linux v2p8',
    'diff v2p6 v2p7 --json',
    'diff base v2p8 --well-behaved',
  ])
    .argument('<from>', 'a revision (irqbypass list revisions), a kernel version, a kernel tree, or irqbypass.c')
    .argument('<to>', 'another one')
    .option('--header-a <file>', 'irqbypass.h of the first C file, where it is not beside it')
    .option('--header-b <file>', 'irqbypass.h of the second one')
    .option('--set <key=value>', 'producers, consumers, eventfds: 2 each by default, at most 3 (repeatable)', collect)
    .option('--well-behaved', 'only calls that a caller may make, and faults of callbacks')
    .option('--columns', IN_COLUMNS)
    .option('--max-calls <n>', 'sequences of at most so many calls (default: 5 between revisions)')
    .option('--max-seconds <s>', 'stop after this time')
    .action(async (from: string, to: string, options) =>
      finish(await (await import('./diff.ts')).diff(from, to, options)),
    );
}

/** Somebody's C against the model. */
function addConform({ command, finish }: Commands): void {
  command('conform', 'does the irqbypass.c of a kernel tree do what a revision does? Both are searched together', [
    'conform --kernel-tree ~/linux',
    'conform --file irqbypass.c --header irqbypass.h --revision v2p8',
    'conform --kernel-tree ~/linux --json',
    'conform --kernel-tree ~/linux --harness-only harness',
  ])
    .option('--kernel-tree <dir>', 'a tree with virt/lib/irqbypass.c and include/linux/irqbypass.h')
    .option('--file <file>', 'a single irqbypass.c instead')
    .option('--header <file>', 'its irqbypass.h, where it is not beside it')
    .option('--revision <id>', 'compare with this one only (default: find the one that it behaves like)')
    .option('--set <key=value>', 'producers, consumers, eventfds: 2 each by default, at most 3 (repeatable)', collect)
    .option('--columns', IN_COLUMNS)
    .option('--harness-only <dir>', 'only build the program that is driven, and keep it there')
    .option('--max-seconds <s>', 'stop after this time')
    .action(async (options) => finish(await (await import('./conform.ts')).conform(options)));
}

/** Tests from the model. */
function addGenerate({ command, finish }: Commands): void {
  command('generate', 'tests from what a revision can do, as few and as short sequences as there are', [
    'generate kunit --revision base --out kunit',
    'generate kunit --revision 6.12 --patch kunit.patch --kernel-tree ~/linux',
    'generate kunit --from counterexample.ndjson --out kunit',
    'generate vitest --coverage transitions',
    'generate rv --revision 6.17 --out rv',
    'generate ftrace --revision 6.12',
    'generate traces --coverage transitions --out traces',
  ])
    .argument(
      '<what>',
      'kunit (suites for a kernel tree), vitest (live actors), traces, rv (monitors for rvgen), host (sequences for real kernels), bpftrace, ftrace (set-ups for check-log)',
    )
    .option('--revision <id>', 'of this revision (default: v2p8; with --from the one of the trace)')
    .option('--coverage <what>', 'states, transitions or pairs of the graph of calls (default: pairs)')
    .option('--set <key=value>', 'producers, consumers, eventfds: 2 each by default, at most 3 (repeatable)', collect)
    .option('--from <trace>', 'kunit: the case of one counterexample, as explore --trace wrote it, races included')
    .option('--format <name>', 'traces: recorded (default) or itf, a document for each sequence')
    .option('--out <dir>', 'into this folder (default: here)')
    .option('--patch <file>', 'kunit: as one patch for git am, instead')
    .option('--kernel-tree <dir>', 'the tree that the patch is for: its Kconfig and Makefile lead to the tests')
    .action(async (what: string, options) => finish(await (await import('./generate.ts')).generate(what, options)));
}

/** A log of a real host against the model. */
function addCheckLog({ command, finish }: Commands): void {
  command(
    'check-log',
    'can what a log of a real host shows have come about? ftrace, trace-cmd, perf, bpftrace, dmesg',
    [
      'check-log trace.log --revision 6.12',
      'trace-cmd report | irqbypass check-log -',
      'check-log trace.log.gz --json',
    ],
  )
    .argument('<file>', 'the log; - for standard input')
    .option('--format <name>', 'auto, ftrace, trace-cmd, perf, bpftrace, dmesg (default: auto)')
    .option('--revision <id>', 'the manager of that kernel, by its version or id (default: v2p8)')
    .action(async (file: string, options) => finish(await (await import('./check-log.ts')).checkLog(file, options)));
}

/** Real kernels. */
function addHost({ command, finish }: Commands): void {
  command('host', 'real arm64 kernels in QEMU: sequences of system calls, beside the world of that kernel', [
    'host setup ~/irqbypass-host',
    'host check --kernel 6.12',
    'host check --kernel arch/arm64/boot/Image --modules modules --sequences 100',
    'host run first.s second.s --kernel 6.18 --out played',
  ])
    .argument('<setup|run|check>', 'fetch kernels; play files of sequences; generate sequences and compare')
    .argument('[name...]', 'setup: the folder; run: files of sequences')
    .option('--kernel <series|Image>', '6.12 or 6.18, or an arm64 Image of your own (default: check both, run 6.18)')
    .option('--modules <dir>', 'modules of that Image: a folder with lib/modules/VERSION')
    .option('--revision <id>', 'of its manager (default: by the version; of an Image v2p8)')
    .option('--gic <3|4>', 'interrupt controller: 4 forwards MSIs to guests (default: check both, run 4)')
    .option('--trace <how>', 'run: kprobe, function, graph, bpftrace, none (default: kprobe)')
    .option('--sequences <n>', 'check: about so many for each kernel (default: 300)')
    .option('--max-seconds <s>', 'everything is over then (default: 1800)')
    .option('--out <dir>', 'keep traces, ground truth and kernel messages here')
    .action(async (action: string, names: string[], options) =>
      finish(await (await import('./host.ts')).host(action, names, options)),
    );
}

/** Cost. */
function addScale({ command, finish }: Commands): void {
  command('scale', 'what list and xarray cost at scale, measured and in virtual time', [
    'scale',
    'scale --workload like-xu --index list,xarray',
    'scale --irqfds 10,1000,174000 --index list,xarray --json',
  ])
    .option('--irqfds <list>', 'numbers of registered irqfds (default: 10,100,1000,10000,100000)', commas)
    .option('--cpus <n>', 'CPUs that create irqfds in virtual time (default: 144)')
    .option('--index <list>', `${contestantIds.join(', ')} (default: all)`, commas)
    .option('--layout <name>', `${layoutNames.join(', ')}: where eventfd contexts lie (default: pages)`)
    .option(
      '--producers <share>',
      `${producerShares.join(', ')}: VMs with a device, so irqfds with a producer (default: none)`,
    )
    .option('--workload <name>', `${workloadIds.join(', ')}: a published workload, in virtual time only`)
    .option('--seed <n>', 'seed of layouts and of virtual time (default: 1)')
    .option('--max-memory <MiB>', 'stop when the process takes this much memory')
    .action(async (options) => finish(await (await import('./scale/scale.ts')).scale(options)));
}

/** Pictures. */
function addDiagram({ command, finish }: Commands): void {
  command('diagram', 'draw a machine, one run of a scenario, or a trace', [
    'diagram registry --depth 2 --out registry.svg',
    'diagram registry --against base --out difference.svg',
    'diagram irqfd --against b10',
    'diagram pairing --out pairing.mmd',
    'diagram counterexample.ndjson --out counterexample.svg',
    'diagram pairing --tree --step 4 --out sets.svg',
  ])
    .argument(
      '<machine|scenario|TRACE>',
      'irqbypass list machines, list scenarios; what run --out, explore --trace wrote',
    )
    .option('--format <name>', 'mermaid (default), dot, svg, plantuml, scxml: or by the ending of --out')
    .option('--revision <id>', 'revision of the manager (irqbypass list revisions), or a kernel version')
    .option('--mutation <id>', 'with a bug (irqbypass list mutations)')
    .option('--against <id>', 'a machine: what differs from another revision, or from the same with a bug')
    .option('--depth <n>', 'a machine: only so many levels of states, as a summary')
    .option('--scenario <file>', 'machines that this scenario brings, too')
    .option('--set <key=value>', 'a scenario: override a parameter (repeatable)', collect)
    .option('--scheduler <name>', `a scenario: ${schedulerNames.join(', ')} (default: fifo)`)
    .option('--seed <n>', 'a scenario: seed of random and pct (default: 1)')
    .option('--max-steps <n>', 'a scenario: stop after this many steps (default: 200)')
    .option('--step <n>', 'a run: mark this step; with --tree, the sets after it')
    .option('--tree', "a run: the manager's two sets as they are in memory, as SVG")
    .option('--check', 'exit 1 where the file of --out is not what would be written, and write nothing')
    .option('--out <file>', 'write to a file (.mmd, .dot, .svg, .puml, .scxml)')
    .action(async (given: string, options) => finish(await (await import('./diagram.ts')).diagram(given, options)));
}

/** What all commands take and print. */
function addHelp(program: Command, examples: ReadonlyMap<string, readonly string[]>, finish: Commands['finish']): void {
  // In the list of commands it says what it said before there was --json.
  program.helpCommand(false);
  program
    .command('help')
    .argument('[command]')
    .description('display help for command')
    .option('--json', 'print one JSON document: commands, options, exit codes, error codes, JSON Schemas')
    .action(async (asked: string | undefined, options) => {
      const { help } = await import('./help/help.ts');
      finish(help(program, (name) => examples.get(name) ?? [], asked, options));
    });
}

/** The lab in the browser. */
function addUi({ command, finish }: Commands): void {
  command(
    'ui',
    'the lab in the browser: explore, step through a world, compare; served on loopback, nothing is sent anywhere',
    ['ui', 'ui report.ts --port 8080'],
  )
    .argument('[script...]', 'scenario scripts or files of yours, which the page shows first')
    .option('--port <n>', 'port (default: 7117, or a free one)')
    .option('--host <address>', 'a loopback address (default: 127.0.0.1)')
    .action(async (scripts: string[], options) => finish(await (await import('./ui.ts')).ui(scripts, options)));
}

/** All commands. */
export function createProgram(finish: (code: number) => void): Command {
  const program = new Command('irqbypass')
    .description("A laboratory for the Linux kernel's IRQ bypass manager.")
    .version(version())
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'irqbypass: IRQB100 ')),
    })
    .showHelpAfterError(`(${programName()} --help shows what there is)`)
    .configureHelp({ sortSubcommands: false });
  const common = (command: Command): Command =>
    command
      .option('--json', 'print one JSON document')
      .option('--quiet', 'no progress, no notes')
      .option('--no-color', 'no colours');
  const examplesOf = new Map<string, readonly string[]>();
  const command = (name: string, description: string, examples: readonly string[]): Command => {
    examplesOf.set(name, examples);
    return common(
      program
        .command(name)
        .description(description)
        .showHelpAfterError(`(${programName()} ${name} --help shows its options)`)
        .addHelpText(
          'after',
          `\nExamples:\n${examples.map((example) => `  $ ${programName()} ${example}`).join('\n')}`,
        ),
    );
  };
  const commands: Commands = { command, finish };
  for (const add of [
    addList,
    addRun,
    addExplore,
    addWorker,
    addReplay,
    addDiff,
    addConform,
    addGenerate,
    addCheckLog,
    addHost,
    addScale,
    addDiagram,
    addUi,
    addReport,
  ])
    add(commands);
  program
    .command('demo')
    .description('the main job: explore the default scenario, show a misuse, replay the real kernel')
    .action(async () => finish(await (await import('./demo.ts')).demo({})));
  addHelp(program, examplesOf, finish);
  return program;
}
