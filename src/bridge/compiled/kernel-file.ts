// The files of a kernel tree that a comparison compiles, and what their text says of them: which fields the structs have, what
// the sets are. Nothing of a tree is changed, and no name in it reaches a shell.
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { InputError } from '../../engine/input-error.ts';

/** irqbypass.c of somebody, with its header. */
export interface KernelFile {
  /** What it is called in reports: the tree's folder, or the file. */
  readonly title: string;
  /** Absolute paths. */
  readonly source: string;
  readonly header: string;
  /** The same as the user would write them. */
  readonly shown: { readonly source: string; readonly header: string };
  /** The member that has the key: `token` before the series, `eventfd` after. */
  readonly keyField: string;
  /** Do the structs point to each other (add57f493e08)? */
  readonly hasPeers: boolean;
  /** The member by which structs are in a list; null for none. */
  readonly nodeField: string | null;
  /** Are there `producers` and `consumers` in the file? Otherwise its sets cannot be seen. */
  readonly hasSets: boolean;
  /** The tree's XArray, or why it is the harness's own; null where the manager uses none. */
  readonly xarray: XarrayFiles | null;
}

/** lib/xarray.c of a tree with its header, or what of it is not there. */
export type XarrayFiles = { readonly source: string; readonly header: string } | { readonly missing: string };

const SOURCE = join('virt', 'lib', 'irqbypass.c');
const HEADER = join('include', 'linux', 'irqbypass.h');
/** In a tree. */
export const XARRAY_SOURCE = join('lib', 'xarray.c');
export const XARRAY_HEADER = join('include', 'linux', 'xarray.h');
/** More than any kernel's: what is larger is another file. Bytes. */
const MOST_BYTES = 1 << 20;

/** What is to be compiled is not there, or is not the manager. */
export class KernelFileError extends InputError {
  override readonly name = 'KernelFileError';

  constructor(message: string, hint?: string) {
    super('IRQB501', message, { hint });
  }
}

/**
 * Finds irqbypass.c and its header in a tree.
 *
 * @param tree - a folder of kernel sources
 * @throws KernelFileError where one of them is missing, or no irqbypass.h
 */
export function kernelFileOfTree(tree: string): KernelFile {
  const at = resolve(tree);
  if (!isFolder(at)) throw new KernelFileError(`${tree}: there is no such folder`);
  const source = join(at, SOURCE);
  if (!isFile(source))
    throw new KernelFileError(
      `${tree}: has no ${SOURCE}`,
      'a tree of Linux 4.4 or later, unpacked; for a single file: --file irqbypass.c',
    );
  const header = join(at, HEADER);
  if (!isFile(header)) throw new KernelFileError(`${tree}: has no ${HEADER}`);
  return kernelFile(tree, at, source, header, { source: join(tree, SOURCE), header: join(tree, HEADER) });
}

/**
 * A single file, and its header: given, beside it, or where the tree that it is in has it.
 *
 * @throws KernelFileError where one of them is missing, or no irqbypass.h
 */
export function kernelFileOf(file: string, header?: string): KernelFile {
  const source = resolve(file);
  if (!isFile(source)) throw new KernelFileError(`${file}: there is no such file`);
  if (header !== undefined && !isFile(resolve(header))) throw new KernelFileError(`${header}: there is no such file`);
  const places = [
    join(dirname(source), `${basename(source, '.c')}.h`),
    join(dirname(source), 'irqbypass.h'),
    join(dirname(source), '..', '..', HEADER),
  ];
  const found = header === undefined ? places.find(isFile) : resolve(header);
  if (found === undefined)
    throw new KernelFileError(
      `${file}: its header irqbypass.h is not beside it, nor in the tree it may be in`,
      'name it: --header FILE (of diff: --header-a, --header-b)',
    );
  const tree = join(dirname(source), '..', '..');
  return kernelFile(file, tree, source, found, { source: file, header: header ?? relative('.', found) });
}

function kernelFile(
  title: string,
  tree: string,
  source: string,
  header: string,
  shown: KernelFile['shown'],
): KernelFile {
  const text = codeOf(title, source);
  const declared = codeOf(title, header);
  const members = membersOf(declared, 'irq_bypass_producer');
  const keyField = ['eventfd', 'token'].find((one) => members.has(one));
  if (keyField === undefined || !/\birq_bypass_register_producer\s*\(/.test(text))
    throw new KernelFileError(
      keyField === undefined
        ? `${title}: struct irq_bypass_producer in ${shown.header} has neither token nor eventfd`
        : `${title}: defines no irq_bypass_register_producer()`,
      'virt/lib/irqbypass.c and include/linux/irqbypass.h of one kernel',
    );
  return {
    title,
    source: realpathSync(source),
    header: realpathSync(header),
    shown,
    keyField,
    hasPeers: members.has('consumer') && membersOf(declared, 'irq_bypass_consumer').has('producer'),
    nodeField: members.has('node') ? 'node' : null,
    hasSets: ['producers', 'consumers'].every((set) =>
      new RegExp(String.raw`^static\s+(?:LIST_HEAD|DEFINE_XARRAY)\w*\s*\(\s*${set}\b`, 'm').test(text),
    ),
    xarray: /\bxa_\w+\s*\(|<linux\/xarray\.h>/.test(text) ? xarrayOf(tree) : null,
  };
}

function xarrayOf(tree: string): XarrayFiles {
  const [source, header] = [join(tree, XARRAY_SOURCE), join(tree, XARRAY_HEADER)];
  const missing = [source, header].find((one) => !isFile(one));
  if (missing !== undefined) return { missing: relative(tree, missing) };
  return { source: realpathSync(source), header: realpathSync(header) };
}

/** C without comments and strings. */
function codeOf(title: string, file: string): string {
  if (statSync(file).size > MOST_BYTES)
    throw new KernelFileError(`${title}: ${file} has more than ${MOST_BYTES} bytes`);
  const text = readFileSync(file, 'utf8');
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"/g, ' ');
}

/** Names of a struct's members. */
function membersOf(code: string, struct: string): ReadonlySet<string> {
  const body = new RegExp(String.raw`\bstruct\s+${struct}\s*\{([^}]*)\}`).exec(code)?.[1] ?? '';
  return new Set(
    body.split(';').flatMap((one) => /\(\s*\*\s*(\w+)\s*\)|(\w+)\s*$/.exec(one)?.slice(1).filter(Boolean) ?? []),
  );
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
