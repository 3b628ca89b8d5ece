// Reports of explorations for programs that run tests: JUnit and KTAP files.
import { junit } from '../../engine/report/junit.ts';
import { ktap } from '../../engine/report/ktap.ts';
import type { ExplorationReport } from '../../engine/report/report.ts';
import type { ExploreCommandOptions } from './explore-options.ts';
import { writeFileWhole } from '../terminal.ts';

/** Writes the files that the options ask for. Throws UnreadableFileError where one cannot be written. */
export function writeReportFiles(options: ExploreCommandOptions, report: ExplorationReport): void {
  if (options.junit !== undefined) writeFileWhole(options.junit, junit([report]));
  if (options.ktap !== undefined) writeFileWhole(options.ktap, ktap([report]));
}
