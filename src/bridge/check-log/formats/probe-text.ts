// The text of an event: of the function tracer, of kprobe and fprobe events.
import type { Entered, Returned, Unplaced } from '../log-event.ts';
import { argumentsOf, functionOfProbe, numberOf } from '../probe-names.ts';

type Where = Pick<Entered, 'time' | 'cpu' | 'task'>;

/** `irq_bypass_register_producer <-vfio_msi_set_vector_signal`, with arguments in brackets since 6.15, and perhaps ` [module]`. */
const FUNCTION = /^([A-Za-z_]\w*)(?:\.\w+)*(?: \[\w+\])?(\([^)]*\))?(?: \[\w+\])? <-+ ?([A-Za-z_][\w.]*)/;

/** `name: (function+0x0/0x150) a=1`; as it returns `name: (caller+0x1a4/0x308 [module] <- function) ret=0`. */
const PROBE = /^(?:\w+:)?(\w+): \((?:[^()]* <- )?([^()<]*)\)\s?(.*)$/;

/** A line of the function tracer. */
export function functionText(where: Where, text: string): Unplaced<Entered> | null {
  const found = FUNCTION.exec(text);
  if (found === null) return null;
  const [, name = '', given = '', caller = ''] = found;
  return { kind: 'enter', ...where, function: name, arguments: argumentsOf(given), caller };
}

/**
 * An event of a probe. What the function is stands between the brackets; where there are only addresses (perf), the probe's name has
 * to tell.
 */
export function probeText(where: Where, text: string): Unplaced<Entered | Returned> | null {
  const found = PROBE.exec(text);
  if (found === null) return null;
  const [, probe = '', place = '', rest = ''] = found;
  const named = functionOfProbe(probe);
  const isReturn = text.includes(' <- ');
  const shown = (isReturn ? /^([A-Za-z_]\w*)$/ : /^([A-Za-z_]\w*)\+0x/).exec(place)?.[1];
  const name = shown !== undefined && !/^[0-9a-f]{8,16}$/.test(shown) ? shown : named?.function;
  if (name === undefined) return null;
  const given = argumentsOf(rest);
  if (!isReturn) return { kind: 'enter', ...where, function: name, arguments: given, caller: null };
  const result = numberOf(given['ret'] ?? given['retval'] ?? given['arg1']);
  return { kind: 'return', ...where, function: name, ...(result === undefined ? {} : { result }) };
}
