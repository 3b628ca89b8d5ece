// Reports of explorations for programs that run tests: JUnit and KTAP files.
import { junit } from '../explorer/junit.ts';
import { ktap } from '../explorer/ktap.ts';
import type { ExplorationReport } from '../explorer/report.ts';
import type { ExploreCommandOptions } from './explore-options.ts';
import { writeFileWhole } from './terminal.ts';

/** Writes the files that the options ask for. Throws UnreadableFileError where one cannot be written. */
export function writeReportFiles(options: ExploreCommandOptions, report: ExplorationReport): void {
  if (options.junit !== undefined) writeFileWhole(options.junit, junit([report]));
  if (options.ktap !== undefined) writeFileWhole(options.ktap, ktap([report]));
}
