// A run as a document to take away: for a mail, for other tools, as a test for a kernel tree.
import { columnsText, folded } from '../../engine/traces/columns.ts';
import { caseOf } from '../../bridge/generate/counterexample.ts';
import { headline } from '../../scenarios/headline.ts';
import type { TakenTrace } from '../../scenarios/trace-document.ts';
import { headerOf, toItf, toNdjson } from '../../scenarios/trace-document.ts';
import type { DocumentKind } from './document-kinds.ts';
import { documentKinds } from './document-kinds.ts';
import { sequenceFile, sequenceText } from './pictures.ts';
import type { Session } from '../session/session.ts';

/** A document, with a name for its file. */
export interface RunDocument {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

/**
 * A run for a mail: what it is of, the interleaving in columns, what is violated. No line is longer than 72 characters but the link,
 * which is the last one and would be dead if it were broken.
 */
export function mailText(session: Session, upTo: number, link: string): string {
  const { world } = session;
  const broken = session.at(upTo).properties.filter(({ status }) => status === 'violated');
  const verdict = broken.flatMap(({ id, message, at }) => folded(`step ${at ?? 0}: ${id}: ${message ?? ''}`));
  const columns = columnsText(world.language, session.steps.slice(0, upTo));
  return [
    ...folded(headline(session.assembled)),
    '',
    ...columns,
    ...(verdict.length === 0 ? [] : ['', ...verdict]),
    '',
    link,
    '',
  ].join('\n');
}

async function kunitText(run: TakenTrace): Promise<string> {
  const { files } = await caseOf(run, run.assembled.revision);
  return Object.entries(files)
    .map(([file, text]) => `/* ${file} */\n${text}`)
    .join('\n');
}

/**
 * A run as a document.
 *
 * @param session - the world and the path
 * @param kind - which document
 * @param upTo - the last step of it
 * @param link - the link to the step
 * @throws InputError where there is none of that kind: a test of a run that no test can bring about
 */
export async function documentOf(
  session: Session,
  kind: DocumentKind,
  upTo: number,
  link: string,
): Promise<RunDocument> {
  const { ending, type } = documentKinds[kind];
  const name = `${session.assembled.scenario.id}${ending}`;
  return { name, type, text: await textOf(session, kind, upTo, link) };
}

async function textOf(session: Session, kind: DocumentKind, upTo: number, link: string): Promise<string> {
  const { assembled } = session;
  const steps = session.steps.slice(0, upTo);
  const violated = session.at(upTo).properties.find(({ status }) => status === 'violated');
  const header = headerOf(assembled, violated?.id);
  switch (kind) {
    case 'mail':
      return mailText(session, upTo, link);
    case 'itf':
      return toItf(header, session.initial, steps);
    case 'ndjson':
      return toNdjson(header, steps);
    case 'mermaid':
      return sequenceText(session, upTo);
    case 'svg':
      return sequenceFile(session, upTo);
    case 'kunit':
      return kunitText({ header, assembled, steps });
  }
}
