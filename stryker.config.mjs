// Mutation testing: npm run test:mutants [GROUP]. What is mutated, and by which tests it is judged: docs/testing.md.
import { groupOf } from './scripts/mutants/groups.ts';

process.env.IRQBYPASS_TESTS = 'quick';
const group = groupOf(process.env.MUTANTS ?? 'machines');

export default {
  testRunner: 'threads',
  plugins: ['./scripts/mutants/test-runner.ts', './scripts/mutants/texts.ts'],
  ignorers: ['texts'],
  mutate: group.mutated,
  buildCommand: `node scripts/mutants/bundle.ts ${group.tests.join(' ')}`,
  coverageAnalysis: 'perTest',
  concurrency: 2,
  reporters: ['json', 'clear-text', 'progress-append-only'],
  jsonReporter: { fileName: 'reports/mutants.json' },
  clearTextReporter: {
    allowColor: false,
    allowEmojis: false,
    logTests: false,
    reportTests: false,
    reportMutants: false,
  },
  allowConsoleColors: false,
  timeoutMS: 5000,
  timeoutFactor: 4,
  dryRunTimeoutMinutes: 10,
};
