// The doubly linked list that the xarray replaced, with the checks of CONFIG_DEBUG_LIST and one more.
//
// Kernel source: include/linux/list.h and lib/list_debug.c, Linux 6.12. list_add() inserts at the head. A removed node
// is poisoned. The kernel's checks miss a second list_add() of a node that is not first; `isLinked` does not.

/** A node that can be on one list at a time, with the object that embeds it. */
export class ListHead<T> {
  prev: ListHead<T> | null = null;
  next: ListHead<T> | null = null;
  /** The head of the list that the node is on. The kernel does not know. */
  head: ListHead<T> | null = null;
  readonly owner: T | null;

  constructor(owner: T | null) {
    this.owner = owner;
  }

  /** Is the node on a list? False before list_add() and after list_del(). */
  get isLinked(): boolean {
    return this.prev !== null && this.next !== null;
  }
}

/** `LIST_HEAD()`: a head that points to itself. */
export function emptyList<T>(): ListHead<T> {
  const head = new ListHead<T>(null);
  head.prev = head;
  head.next = head;
  return head;
}

/** list_add(): enters a node behind a head. False, and nothing changed, when the node is linked already. */
export function listAdd<T>(node: ListHead<T>, head: ListHead<T>): boolean {
  const first = head.next;
  if (node.isLinked || first === null || first.prev !== head) return false;
  node.prev = head;
  node.next = first;
  node.head = head;
  first.prev = node;
  head.next = node;
  return true;
}

/** list_del(): takes a node out and poisons it. False, and nothing changed, when it is not linked where it says. */
export function listDel<T>(node: ListHead<T>): boolean {
  const { prev, next } = node;
  if (prev === null || next === null || prev.next !== node || next.prev !== node) return false;
  prev.next = next;
  next.prev = prev;
  node.prev = null;
  node.next = null;
  node.head = null;
  return true;
}

/** list_for_each_entry(): the owners, head first. */
export function* owners<T>(head: ListHead<T>): Generator<T> {
  for (let node = head.next; node !== null && node !== head; node = node.next) {
    if (node.owner !== null) yield node.owner;
  }
}

/** The first owner for which the test holds, or null: the walk of every look-up. */
export function listFind<T>(head: ListHead<T>, test: (owner: T) => boolean): T | null {
  for (let node = head.next; node !== null && node !== head; node = node.next) {
    if (node.owner !== null && test(node.owner)) return node.owner;
  }
  return null;
}

/** A circular list with a head, and how long it is. */
export class LinkedList<T> {
  readonly head: ListHead<T> = emptyList<T>();
  length = 0;

  /** list_add(): enters a node at the head. False, and nothing changed, when the node is linked already. */
  add(node: ListHead<T>): boolean {
    if (!listAdd(node, this.head)) return false;
    this.length += 1;
    return true;
  }

  /** list_del(): takes a node out and poisons it. False, and nothing changed, when it is not linked where it says. */
  del(node: ListHead<T>): boolean {
    if (!listDel(node)) return false;
    this.length -= 1;
    return true;
  }

  /** list_for_each_entry(): the owners, head first. */
  [Symbol.iterator](): Generator<T> {
    return owners(this.head);
  }

  /** The first owner for which the test holds, or null. */
  find(test: (owner: T) => boolean): T | null {
    return listFind(this.head, test);
  }
}
